"""By which road a broadcast reaches somebody: words while there is room, then what they have allowed, never a template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock
from models import outbox
from models.broadcasts import Broadcast
from models.grants import Grant
from models.identity import Identity
from models.notices import Notice, NoticeVersion
from models.outbox import OutboxRow
from models.topics import TopicChoice
from scheduler.delivery import Delivery
from tests.roads.street import eventually
from tests.scheduler.conftest import Post, Reader

BIZSEND = "/cgi-bin/message/subscribe/bizsend"
BUNDLE = "broadcast:1"
SILENCE = timedelta(hours=49)
FACTS = {
    "title": "明天上午停水",
    "topic": "停水停电",
    "summary": "请提前接水。",
    "what": "请提前接水。",
    "bring": [],
    "bring_left": 0,
    "second": None,
    "until": None,
    "at": "2026-11-26T09:00:00+08:00",
    "link": "https://community.example/h5/b/abc",
    "code": "abc",
    "urgent": False,
    "corrects": False,
}


@dataclass(frozen=True)
class Street:
    """Neighbours to whom one broadcast goes."""

    post: Post

    def sends(self, *readers: Reader, bundle: str = BUNDLE, roads: list[str] | None = None) -> None:
        def unit(session: Session) -> None:
            people = [reader.person(session).id for reader in readers]
            outbox.put_bundle(session, bundle, people, kind="broadcasts.notice", facts=FACTS, roads=roads)

        self.post.town.writing(unit)
        self.post.deliver()

    def row(self, reader: Reader, bundle: str = BUNDLE) -> OutboxRow:
        with self.post.town.reading() as session:
            person = reader.person(session).id
        return self.post.row(outbox.once_in(bundle, person))

    def left(self, reader: Reader) -> int:
        with self.post.town.reading() as session:
            mine = Identity.openid == reader.openid
            return session.scalar(select(Grant.left).join(Identity).where(mine)) or 0


@pytest.fixture
def street(post: Post) -> Street:
    return Street(post)


def allows(reader: Reader, answer: str = "accept", times: int = 1) -> None:
    """The neighbour's phone asks, and WeChat tells us."""
    before = Street(reader.post).left(reader)
    for _ in range(times):
        reader.post.later(timedelta(seconds=2))
        reader.post.platform.running.phone(reader.number, "popup", template_id="news", answer=answer)
    if answer == "accept":
        eventually(lambda: Street(reader.post).left(reader) >= before + times)


def silent(street: Street, name: str = "白玉兰") -> Reader:
    """Somebody who has said nothing for two days."""
    reader = street.post.reader(name)
    street.post.later(SILENCE)
    return reader


def test_words_go_while_there_is_room_for_answers(street: Street) -> None:
    reader = street.post.reader()
    for number in range(4):
        street.sends(reader, bundle=f"broadcast:{number}")
    told = [street.row(reader, f"broadcast:{number}") for number in range(4)]
    assert [(row.state, row.road) for row in told[:3]] == [("submitted", "custom")] * 3
    assert (told[3].state, told[3].road) == ("failed", None), "two of five are left for a person's answer"
    reader.is_told("answer")
    street.post.deliver()
    assert street.post.row("answer").state == "submitted"


def test_who_is_silent_gets_what_they_have_allowed_and_wechat_s_report_ends_it(street: Street) -> None:
    reader = silent(street)
    allows(reader)
    street.sends(reader)
    eventually(lambda: street.row(reader).state == "delivered")
    assert (street.row(reader).road, street.left(reader)) == ("notice", 0)
    (card,) = reader.received("subscribe")
    assert (card["rows"][0]["value"], card["url"]) == (
        "明天上午停水",
        f"{street.post.site.settings.web.public_url}/h5/b/abc",
    )


def test_news_never_go_by_template(street: Street) -> None:
    reader = silent(street)
    street.sends(reader)
    assert (street.row(reader).state, street.row(reader).road) == ("failed", None)
    assert "打电话" in (street.row(reader).reason or "")
    assert reader.received("template") == []


def test_two_broadcasts_and_one_grant_one_goes(street: Street) -> None:
    reader = silent(street)
    allows(reader)
    other = Delivery(street.post.site)
    for bundle in ("broadcast:1", "broadcast:2"):
        street.sends(reader, bundle=bundle)
        other.deliver_due()
    other.close()
    states = [street.row(reader, bundle).state for bundle in ("broadcast:1", "broadcast:2")]
    assert states.count("failed") == 1
    assert len(reader.received("subscribe")) == 1


def test_a_grant_that_wechat_does_not_know_ends_and_is_not_tried_again(street: Street) -> None:
    reader = silent(street)
    allows(reader, times=2)
    street.post.platform.running.phone(reader.number, "popup", template_id="news", answer="off")
    eventually(lambda: street.left(reader) == 0)

    def too_high(session: Session) -> None:
        session.execute(update(Grant).values(left=2))

    street.post.town.writing(too_high)
    street.sends(reader)
    row = street.row(reader)
    assert (row.state, row.errcode, street.left(reader)) == ("failed", 43101, 0)


def test_what_wechat_refuses_for_certain_costs_no_grant(street: Street) -> None:
    reader = silent(street)
    allows(reader)
    with street.post.platform.faults(errcode=45009, paths=BIZSEND):
        street.sends(reader)
    assert (street.row(reader).state, street.left(reader)) == ("waiting", 1)


def test_what_may_have_arrived_goes_again_with_the_same_key_and_pays_once(street: Street) -> None:
    reader = silent(street)
    allows(reader)
    with street.post.platform.faults(http_500=True, paths=BIZSEND):
        street.sends(reader)
    street.post.later(timedelta(minutes=2))
    street.post.deliver()
    eventually(lambda: street.row(reader).state == "delivered")
    assert (len(reader.received("subscribe")), street.left(reader)) == (1, 0)


def test_only_the_roads_that_were_planned(street: Street) -> None:
    reader = street.post.reader()
    allows(reader)
    street.sends(reader, roads=["notice"])
    eventually(lambda: street.row(reader).state == "delivered")
    assert (street.row(reader).road, reader.received("custom")) == ("notice", [])


def test_who_switches_a_topic_off_after_the_list_was_made_is_spared_unless_it_is_urgent(
    street: Street,
) -> None:
    reader = street.post.reader()

    def unit(session: Session) -> None:
        for urgent in (False, True):
            _broadcast(session, urgent)
        session.add(TopicChoice(person_id=reader.person(session).id, topic="停水停电"))

    street.post.town.writing(unit)
    with street.post.town.reading() as session:
        calm, urgent = (row.bundle for row in session.scalars(select(Broadcast).order_by(Broadcast.urgent)))
    street.sends(reader, bundle=calm)
    street.sends(reader, bundle=urgent)
    row = street.row(reader, calm)
    assert (row.state, row.reason) == ("cancelled", "本人关掉了这类通知。")
    assert street.row(reader, urgent).state == "submitted"


def _broadcast(session: Session, urgent: bool) -> None:
    content: dict[str, Any] = {"title": "停水", "category": "停水停电", "source": "水厂", "summary": "停水。"}
    notice = Notice(**content, valid_from=clock.today())
    session.add(notice)
    session.flush()
    version = NoticeVersion(notice_id=notice.id, number=1, content=content, digest="")
    session.add(Broadcast(notice=notice, version=version, topic="停水停电", urgent=urgent))


def has_mini(reader: Reader) -> None:
    """The neighbour has the mini-program too, and has allowed a message there."""
    phone = reader.post.platform.running
    phone.phone(reader.number, "popup", "mini-main", template_id="news", answer="accept")
    minis = select(Identity).where(Identity.kind == "mini")

    def asked() -> bool:
        with reader.post.town.reading() as session:
            return session.scalar(select(Grant.left).join(Identity).where(Identity.kind == "mini")) == 1

    eventually(asked)

    def one_person(session: Session) -> None:
        session.scalars(minis).one().person = reader.person(session)

    reader.post.town.writing(one_person)


def test_whoever_has_only_the_mini_program_is_reached_by_it(street: Street) -> None:
    """A person's two accounts: nothing is left by the account, so the mini-program's subscription carries it."""
    reader = silent(street)
    has_mini(reader)
    street.sends(reader)
    eventually(lambda: street.row(reader).state == "delivered")
    assert street.row(reader).road == "mini"
    assert (street.row(reader).wechat_id or "").isdecimal()


def test_a_mini_program_s_notice_of_which_nobody_knows_is_never_sent_again(street: Street) -> None:
    reader = silent(street)
    has_mini(reader)
    with street.post.platform.faults(http_500=True, paths="/cgi-bin/message/subscribe/send"):
        street.sends(reader)
    assert street.row(reader).state == "unknown"
