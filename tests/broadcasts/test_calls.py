"""Mass sends and publications on the real sandbox platform: once, whatever happens in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts import calls, cutting, running
from handlers.broadcasts.calls import send_calls
from handlers.broadcasts.jobs import sweep
from handlers.broadcasts.pouring import Ways
from models.broadcasts import Broadcast, BroadcastCall, BroadcastRecipient
from models.identity import Identity, Person
from tests.broadcasts.sendings import Sending, approved, by_job
from tests.neighbours import Town
from tests.roads.street import eventually
from tests.scheduler.conftest import Post

MASS = "/cgi-bin/message/mass"
# What asks for locks runs on both databases; the rest is about WeChat.
on_sqlite = pytest.mark.parametrize("post", ["sqlite"], indirect=True)
NAMES = ("马秀兰", "才让卓玛", "王建国")


def to_readers(
    post: Post, *roads: str, names: tuple[str, ...] = NAMES, **other: Any
) -> tuple[Sending, list[Any]]:
    """An urgent broadcast, due now, to neighbours who follow."""
    readers = [post.reader(name) for name in names]
    now = clock.now()
    values = {"urgent": True, "begins_at": now, "hold_until": now} | other

    def unit(session: Session) -> int:
        people = [reader.person(session) for reader in readers]
        road = [*roads, *["mass"] * len(people)]
        return approved(session, list(zip(people, road, strict=False)), **values).id

    sending = Sending(post.town, post.town.writing(unit))
    sending.carry_on()
    return sending, readers


def the_call(post: Post, kind: str = "mass_openids") -> BroadcastCall:
    with post.town.reading() as session:
        found = session.scalars(select(BroadcastCall).where(BroadcastCall.kind == kind)).one()
        session.expunge_all()
        return found


def articles(readers: list[Any]) -> list[int]:
    return [len(reader.received("mass")) for reader in readers]


@on_sqlite
def test_an_article_reaches_everybody_once_and_the_report_ends_the_call(post: Post) -> None:
    sending, readers = to_readers(post)
    assert send_calls(post.site) == 1
    eventually(lambda: the_call(post).state == "done")
    call = the_call(post)
    assert call.counts == {"total": 3, "filter": 3, "sent": 3, "error": 0}
    assert call.article_url
    assert articles(readers) == [1, 1, 1]
    assert sending.standing() == {"submitted": 3}
    sending.carry_on()
    assert sending.state == "done"
    assert send_calls(post.site) == 0


def test_whoever_was_killed_after_asking_does_not_send_it_twice(post: Post) -> None:
    _, readers = to_readers(post)
    claimed = post.site.database.writing(calls._claim)
    assert claimed is not None
    media_id = calls._draft(post.site, claimed)
    assert media_id is not None
    assert calls._settle(post.site, claimed, first_sent_at=clock.now())
    calls._ask(post.site, claimed, media_id)  # and dies
    eventually(lambda: articles(readers) == [1, 1, 1])
    assert send_calls(post.site) == 0
    post.later(calls.LEASE + timedelta(seconds=1))
    assert send_calls(post.site) == 1
    eventually(lambda: the_call(post).state == "done")
    assert articles(readers) == [1, 1, 1]


@on_sqlite
def test_too_soon_after_a_lost_answer_waits_a_minute_and_then_ends_well(post: Post) -> None:
    to_readers(post)
    claimed = post.site.database.writing(calls._claim)
    assert claimed is not None
    media_id = calls._draft(post.site, claimed)
    assert media_id is not None
    calls._ask(post.site, claimed, media_id)
    calls._send(post.site, claimed, media_id)
    call = the_call(post)
    assert (call.state, call.errcode) == ("waiting", 45066)
    post.later(calls.A_MINUTE)
    send_calls(post.site)
    eventually(lambda: the_call(post).state == "done")


def unheard_of(post: Post, reader: Any) -> None:
    """What we keep of them is an account that WeChat does not know."""

    def unit(session: Session) -> None:
        found = session.scalars(select(Identity).where(Identity.openid == reader.openid)).one()
        found.openid = found.openid[::-1]

    post.town.writing(unit)


@on_sqlite
def test_an_account_that_wechat_does_not_know_is_told_at_the_door_and_spoils_nothing(post: Post) -> None:
    sending, readers = to_readers(post)
    unheard_of(post, readers[1])
    assert send_calls(post.site) == 2
    eventually(lambda: the_call(post).state == "done")
    assert articles(readers) == [1, 0, 1]
    assert sending.standing() == {"submitted": 2, "paper": 1}
    sending.carry_on()
    assert sending.state == "done"


@on_sqlite
def test_when_wechat_knows_fewer_than_two_all_are_told_at_the_door(post: Post) -> None:
    sending, readers = to_readers(post)
    for reader in readers[1:]:
        unheard_of(post, reader)
    send_calls(post.site)
    call = the_call(post)
    assert (call.state, call.reason) == ("cancelled", calls.NOBODY_LEFT)
    assert sending.standing() == {"paper": 3}
    sending.carry_on()
    assert sending.state == "done"


@on_sqlite
def test_f15_a_spent_quota_waits_for_the_morning_and_says_so(post: Post) -> None:
    sending, readers = to_readers(post, useful_until=clock.now() + timedelta(days=3))
    with post.platform.faults(errcode=45028, paths=MASS):
        assert send_calls(post.site) == 1
        assert send_calls(post.site) == 0
    call = the_call(post)
    assert (call.state, call.errcode, call.reason) == ("waiting", 45028, calls.QUOTA_USED)
    assert f"{clock.local(call.due):%H:%M}" == "08:30"
    assert call.first_sent_at is None
    assert sending.standing() == {"waiting": 3}
    post.later(call.due - clock.now() + timedelta(seconds=1))
    send_calls(post.site)
    eventually(lambda: the_call(post).state == "done")
    assert articles(readers) == [1, 1, 1]


@on_sqlite
def test_f24_what_the_administrator_did_not_confirm_failed_and_may_be_tried_again(post: Post) -> None:
    sending, readers = to_readers(post)
    send_calls(post.site)
    eventually(lambda: the_call(post).state == "done")

    def unconfirmed(session: Session) -> None:
        call = session.scalars(select(BroadcastCall)).one()
        call.state, call.counts, call.wechat_id = "submitted", None, "77"

    post.town.writing(unconfirmed)
    system = post.town.phone("mphelper")
    system.openid = "mphelper"
    system.event(
        "MASSSENDJOBFINISH", "<MsgID>77</MsgID><Status>err(40002)</Status><TotalCount>3</TotalCount>"
    )
    call = the_call(post)
    assert (call.state, call.errcode) == ("failed", 40002)
    assert "30分钟内没有在手机上确认" in (call.reason or "")
    assert sending.standing() == {"failed": 3}
    first_id = call.client_id
    sending.carry_on()

    def again(session: Session) -> None:
        cutting.again(by_job(session), session.get_one(BroadcastCall, call.id))

    post.town.writing(again)
    assert the_call(post).client_id != first_id
    assert sending.state == "sending"
    send_calls(post.site)
    eventually(lambda: the_call(post).state == "done")
    assert articles(readers) == [2, 2, 2]  # the first was really sent, by this test


@on_sqlite
def test_f21_a_report_that_comes_before_our_call_returned_is_kept_for_it(post: Post) -> None:
    to_readers(post)
    system = post.town.phone("mphelper")
    system.openid = "mphelper"
    before = count_people(post.town)
    fields = (
        "<MsgID>4711</MsgID><Status>send success</Status><TotalCount>3</TotalCount><SentCount>3</SentCount>"
    )
    system.event("MASSSENDJOBFINISH", fields)
    claimed = post.site.database.writing(calls._claim)
    assert claimed is not None
    post.site.database.writing(lambda session: calls._submitted(session, claimed, "4711"))
    call = the_call(post)
    assert (call.state, (call.counts or {})["sent"]) == ("done", 3)
    assert count_people(post.town) == before  # the platform is no neighbour


def test_f21_a_report_that_slipped_by_is_matched_by_the_sweep(post: Post) -> None:
    to_readers(post)
    system = post.town.phone("mphelper")
    system.openid = "mphelper"
    system.event(
        "MASSSENDJOBFINISH", "<MsgID>4712</MsgID><Status>send success</Status><TotalCount>3</TotalCount>"
    )

    def known_now(session: Session) -> None:
        call = session.scalars(select(BroadcastCall)).one()
        call.state, call.wechat_id = "submitted", "4712"

    post.town.writing(known_now)
    assert post.town.writing(lambda session: sweep(by_job(session))).endswith("1 reports")
    assert the_call(post).state == "done"


@on_sqlite
def test_without_any_report_wechat_is_asked(post: Post) -> None:
    to_readers(post)
    send_calls(post.site)
    eventually(lambda: the_call(post).state == "done")

    def forget(session: Session) -> None:
        call = session.scalars(select(BroadcastCall)).one()
        call.state, call.counts, call.settled_at = "submitted", None, None

    post.town.writing(forget)
    post.later(timedelta(minutes=6))
    assert send_calls(post.site) == 1
    assert the_call(post).state == "done"


@on_sqlite
def test_a_call_of_a_day_ago_without_an_end_is_listed_and_never_repeated(post: Post) -> None:
    sending, readers = to_readers(post, useful_until=clock.now() + timedelta(days=3))

    def restored(session: Session) -> None:
        """Yesterday's backup knew that it was being sent, and not that it was."""
        call = session.scalars(select(BroadcastCall)).one()
        call.state, call.first_sent_at = "sending", clock.now() - timedelta(hours=24)

    post.town.writing(restored)
    assert send_calls(post.site) == 0
    assert "1 calls" in post.town.writing(lambda session: sweep(by_job(session)))
    assert the_call(post).state == "unknown"
    assert sending.standing() == {"unknown": 3}
    assert send_calls(post.site) == 0
    assert articles(readers) == [0, 0, 0]


@on_sqlite
def test_a_restored_house_makes_the_same_ids_again(post: Post) -> None:
    """The backup was made before the calls were cut: they are cut anew, and WeChat has them already."""
    sending, readers = to_readers(post)
    send_calls(post.site)
    eventually(lambda: articles(readers) == [1, 1, 1])
    first = the_call(post).client_id

    def restore(session: Session) -> None:
        row = session.get_one(Broadcast, sending.number)
        row.state = "approved"
        for one in row_people(session, row):
            one.state, one.call_id = "queued", None
        session.flush()
        session.delete(session.scalars(select(BroadcastCall)).one())

    post.town.writing(restore)
    post.later(timedelta(minutes=2))
    sending.carry_on()
    assert the_call(post).client_id == first
    send_calls(post.site)
    eventually(lambda: the_call(post).state in ("submitted", "done"))
    assert articles(readers) == [1, 1, 1]


def row_people(session: Session, row: Broadcast) -> Any:
    return session.scalars(select(BroadcastRecipient).where(BroadcastRecipient.broadcast_id == row.id)).all()


@on_sqlite
def test_a_call_that_can_never_be_made_ends_where_staff_see_it(post: Post) -> None:
    sending, _ = to_readers(post)

    def spoil(session: Session) -> None:
        """Words that no article can be made of."""
        row = session.get_one(Broadcast, sending.number)
        row.version.content = {"title": "半截"}

    post.town.writing(spoil)
    for _ in range(calls.MOST_FAULTS):
        assert send_calls(post.site) == 1
        post.later(calls.LEASE + timedelta(seconds=1))
    assert (the_call(post).state, the_call(post).reason) == ("failed", calls.BROKEN)
    assert sending.standing() == {"failed": 3}


@on_sqlite
def test_a_publication_is_asked_after_and_its_address_is_kept(post: Post) -> None:
    to_readers(post, roads=["mass", "publish"])
    assert send_calls(post.site) == 2
    eventually(lambda: the_call(post, "publish").state == "done")
    assert (the_call(post, "publish").article_url or "").startswith("http")


def test_paused_nothing_is_sent_and_a_call_in_preparation_is_lost(post: Post) -> None:
    sending, readers = to_readers(post)
    claimed = post.site.database.writing(calls._claim)
    assert claimed is not None
    press(sending, running.pause)
    assert calls._draft(post.site, claimed) is None
    assert send_calls(post.site) == 0
    press(sending, running.resume)
    assert send_calls(post.site) == 1
    eventually(lambda: articles(readers) == [1, 1, 1])


@on_sqlite
def test_stopped_the_calls_that_have_not_begun_never_do(post: Post) -> None:
    sending, readers = to_readers(post)
    assert press(sending, running.stop, "写错了") == (0, 3)
    assert send_calls(post.site) == 0
    assert sending.standing() == {"cancelled": 3}
    assert articles(readers) == [0, 0, 0]


def press(sending: Sending, decide: Any, *more: Any) -> Any:
    return sending.town.writing(
        lambda session: decide(by_job(session), session.get_one(Broadcast, sending.number), *more)
    )


@on_sqlite
def test_a_single_reader_of_a_mass_send_is_told_at_the_door(post: Post) -> None:
    sending, _ = to_readers(post, names=("马秀兰",))
    assert sending.standing() == {"paper": 1}


def count_people(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


@pytest.mark.parametrize(
    ("people", "largest", "sizes"),
    [(0, 10, []), (1, 10, []), (2, 10, [2]), (10, 10, [10]), (11, 10, [5, 6]), (21, 10, [7, 7, 7])],
)
def test_nobody_is_left_alone_when_people_are_cut_into_calls(
    people: int, largest: int, sizes: list[int]
) -> None:
    made = cutting.chunks(list(range(people)), largest)
    assert sorted(map(len, made)) == sizes
    assert [one for chunk in made for one in chunk] == list(range(people if people > 1 else 0))


def test_ways_know_the_accounts_that_may_name_openids(sqlite_town: Town) -> None:
    ways = Ways.of(sqlite_town.site)
    assert (ways.mass, ways.posts) == (("oa:main",), ())
