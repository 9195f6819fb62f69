"""What becomes of a message on its way to its person: on the real sandbox platform, on both databases."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from app import clock
from app.site import Site
from models import dispatch, outbox
from models.identity import Identity, Person
from models.outbox import OutboxRow
from scheduler.delivery import Delivery
from tests.roads.street import eventually
from tests.scheduler.conftest import Post

LEASE_OVER = timedelta(seconds=61)


def test_a_card_arrives_and_its_row_ends_delivered(post: Post) -> None:
    reader = post.reader()
    reader.is_reminded("r1")
    assert post.deliver() == 1
    eventually(lambda: post.row("r1").state == "delivered")
    (card,) = reader.received("template")
    assert "高龄补贴" in [row["value"] for row in card["rows"]]
    assert post.row("r1").settled_at is not None


def test_words_without_a_card_go_by_customer_service(post: Post) -> None:
    reader = post.reader()
    reader.is_told("a1", "师傅明早九点来。")
    post.deliver()
    assert (post.row("a1").state, post.row("a1").road) == ("submitted", "custom")
    assert [each["text"] for each in reader.received("custom")] == ["师傅明早九点来。"]


def test_the_words_of_the_desk_reach_the_resident_and_a_card_calls_who_was_silent_too_long(
    post: Post,
) -> None:
    reader = post.reader()
    facts = {"text": "路灯明天来修。", "at": clock.now().isoformat()}
    reader.gets("desk.reply", "d1", facts)
    post.deliver()
    assert [each["text"] for each in reader.received("custom")] == ["路灯明天来修。"]
    assert reader.received("template") == []
    post.later(timedelta(hours=49))
    reader.gets("desk.reply", "d2", facts)
    post.deliver()
    assert (post.row("d2").road, len(reader.received("template"))) == ("template", 1)


def test_nothing_is_sent_before_its_time_and_nothing_after_its_use(post: Post) -> None:
    reader = post.reader()
    now = clock.now()
    reader.is_told("early", due=now + timedelta(hours=3), useful_until=now + timedelta(hours=4))
    assert post.deliver() == 0
    post.later(timedelta(hours=5))
    post.deliver()
    assert post.row("early").state == "expired"
    assert not reader.received("custom")


def test_to_one_person_messages_go_in_the_order_in_which_they_were_written(post: Post) -> None:
    reader = post.reader()
    for number in range(4):
        reader.is_told(f"n{number}", f"第{number}条")
    post.deliver()
    assert [each["text"] for each in reader.received("custom")] == [f"第{number}条" for number in range(4)]


def test_a_row_is_claimed_by_one_process_only(post: Post) -> None:
    for number in range(30):
        post.reader(f"邻居{number}").is_told(f"c{number}")
    barrier, taken = threading.Barrier(3), []

    def claim() -> None:
        barrier.wait()
        for _ in range(5):
            taken.extend(post.town.writing(lambda session: dispatch.claim(session, 8, 0, LEASE_OVER)))

    together = [threading.Thread(target=claim) for _ in range(3)]
    [one.start() for one in together]
    [one.join() for one in together]
    assert len(taken) == len({one.id for one in taken}) == 30


def test_who_was_overtaken_can_no_longer_write_the_end(post: Post) -> None:
    post.reader().is_told("fence")
    (first,) = post.town.writing(lambda session: dispatch.claim(session, 1, 0, LEASE_OVER))
    post.later(2 * LEASE_OVER)
    (second,) = post.town.writing(lambda session: dispatch.claim(session, 1, 0, LEASE_OVER))
    due = clock.now() + LEASE_OVER
    assert not post.town.writing(lambda session: dispatch.begin(session, {first: "custom"}, due))
    post.town.writing(lambda session: dispatch.settle(session, [(first, {"state": "failed"})]))
    assert post.row("fence").state == "sending"
    post.town.writing(lambda session: dispatch.settle(session, [(second, {"state": "submitted"})]))
    assert post.row("fence").state == "submitted"


# ---- to whom ---------------------------------------------------------------------------------------------------------


def test_a_trial_sends_to_its_testers_only(post: Post) -> None:
    tester, other = post.reader("测试的人"), post.reader("别的人")
    for reader, once in ((tester, "tester"), (other, "other")):
        reader.is_told(once)
    trial = Site(post.site.settings.model_copy(update={"mode": "trial", "testers": (tester.openid,)}))
    with closing(Delivery(trial)) as delivery:
        delivery.deliver_due()
    trial.close()
    assert (post.row("tester").state, post.row("other").state) == ("submitted", "cancelled")
    assert not other.received("custom")


def test_whoever_was_erased_is_not_written_to(post: Post) -> None:
    reader = post.reader()
    reader.is_told("erased")

    def unit(session: Any) -> None:
        reader.person(session).erased_at = clock.now()

    post.town.writing(unit)
    post.deliver()
    assert post.row("erased").state == "cancelled"


def test_of_two_accounts_the_one_that_was_heard_of_last_is_used(post: Post) -> None:
    reader = post.reader()

    def unit(session: Any) -> None:
        silent = Identity(
            kind="oa", app="oa:main", openid="oNeverSpoke", following=True, person=reader.person(session)
        )
        session.add(silent)

    post.town.writing(unit)
    reader.is_told("one of two")
    post.deliver()
    assert len(reader.received("custom")) == 1


def test_a_person_without_an_account_is_called_by_telephone(post: Post) -> None:
    def unit(session: Any) -> None:
        somebody = Person()
        session.add(somebody)
        session.flush()
        outbox.put(session, to=somebody, kind="_base.answer", once="nobody", facts={"text": "您好"})

    post.town.writing(unit)
    post.deliver()
    assert post.row("nobody").state == "failed"


def test_what_was_taken_back_in_time_never_leaves(post: Post) -> None:
    reader = post.reader()
    reader.is_told("back")
    assert post.town.writing(lambda session: outbox.cancel(session, "back"))
    assert post.deliver() == 0
    assert not post.town.writing(lambda session: outbox.cancel(session, "back"))


def test_the_same_message_written_twice_is_one(post: Post) -> None:
    reader = post.reader()
    reader.is_told("once")
    reader.is_told("once")
    assert post.deliver() == 1
    with post.town.reading() as session:
        assert session.scalar(select(sa.func.count()).select_from(OutboxRow)) == 1
