"""What belongs together can be held, let go on, or stopped at any moment: also with many on their way and WeChat slow."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from models import outbox
from models.identity import Identity
from models.outbox import OutboxRow
from scheduler.delivery import Bell, Delivery
from tests.roads.street import eventually
from tests.scheduler.conftest import Post
from tests.scheduler.mishaps import CUSTOM, LEASE_OVER, begins_and_dies

BUNDLE = "b1"
AT_ONCE = 8


def people(post: Post, many: int) -> list[int]:
    """So many who follow and have just spoken, by their ids; at the platform as well."""
    readers = [post.reader(f"邻居{number}") for number in range(many)]
    with post.town.reading() as session:
        return [reader.person(session).id for reader in readers]


def put(post: Post, ids: list[int], bundle: str = BUNDLE, text: str = "明天停水。", **more: Any) -> None:
    facts = {"text": text}
    post.town.writing(
        lambda session: outbox.put_bundle(session, bundle, ids, kind="_base.answer", facts=facts, **more)
    )


def states(post: Post, bundle: str = BUNDLE) -> Counter[str]:
    with post.town.reading() as session:
        return Counter(session.scalars(select(OutboxRow.state).where(OutboxRow.bundle == bundle)))


@contextmanager
def running(post: Post, at_once: int = AT_ONCE, per_second: int = 1000) -> Iterator[None]:
    """A delivery that works by itself, as the program does."""
    delivery, stop = paced(post, at_once, per_second), threading.Event()
    thread = threading.Thread(target=delivery.run, args=(stop, Bell(post.site.settings.redis.url)))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        delivery.close()


def paced(post: Post, at_once: int, per_second: int) -> Delivery:
    settings = post.site.settings
    how = settings.delivery.model_copy(update={"at_once": at_once, "per_second": per_second})
    post.site.settings = settings.model_copy(update={"delivery": how})
    return Delivery(post.site)


def test_a_stop_takes_effect_at_once_although_wechat_is_slow(post: Post) -> None:
    put(post, people(post, 4 * AT_ONCE))
    with post.platform.faults(slow_seconds=3, paths=CUSTOM), running(post):
        eventually(lambda: arrived(post) == AT_ONCE)
        post.town.writing(lambda session: outbox.stop(session, BUNDLE, "写错了日期。"))
        time.sleep(4)  # longer than the calls that were on their way
        assert arrived(post) == AT_ONCE
    assert states(post) == {"submitted": AT_ONCE, "cancelled": 3 * AT_ONCE}


def arrived(post: Post) -> int:
    """What the people of this house have on their phones."""
    with post.town.reading() as session:
        ours = set(session.scalars(select(Identity.openid)))
    sent = post.platform.control("GET", "/sent", via="custom", limit=10_000)
    return sum(each["openid"] in ours for each in sent)


def test_what_is_held_waits_and_goes_on_when_it_is_let_go(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_MOVED", 1)  # it works in parts
    ids = people(post, 3)
    put(post, ids[:2])
    assert post.town.writing(lambda session: outbox.hold(session, BUNDLE)) == 2
    put(post, ids)
    assert post.deliver() == 0
    assert states(post) == {"held": 3}, "what comes to a held bundle later is held as well"
    assert post.town.writing(lambda session: outbox.let_go(session, BUNDLE)) == 3
    assert post.deliver() == 3
    assert states(post) == {"submitted": 3}


def test_a_stopped_bundle_takes_no_more_and_is_not_let_go(post: Post) -> None:
    ids = people(post, 2)
    post.town.writing(lambda session: outbox.stop(session, BUNDLE, "写错了。"))
    put(post, ids)
    assert post.town.writing(lambda session: outbox.let_go(session, BUNDLE)) == 0
    assert post.deliver() == 0
    assert states(post) == {"cancelled": 2}


def test_what_wechat_wants_to_be_tried_again_is_held_with_its_bundle(post: Post) -> None:
    put(post, people(post, 2))
    with post.platform.faults(busy=True, slow_seconds=1, paths=CUSTOM):
        sending = threading.Thread(target=post.deliver)
        sending.start()
        eventually(lambda: states(post) == {"sending": 2} and begun(post) == 2)
        assert post.town.writing(lambda session: outbox.hold(session, BUNDLE)) == 0, "they have begun"
        sending.join()
    post.later(timedelta(minutes=5))
    assert post.deliver() == 0
    assert states(post) == {"held": 2}
    post.town.writing(lambda session: outbox.let_go(session, BUNDLE))
    post.deliver()
    assert states(post) == {"submitted": 2}


def begun(post: Post) -> int:
    with post.town.reading() as session:
        noted = select(OutboxRow.id).where(OutboxRow.first_sent_at.is_not(None))
        return len(session.scalars(noted).all())


def test_what_may_have_arrived_when_its_bundle_is_stopped_is_unknown_and_not_cancelled(post: Post) -> None:
    reader = post.reader()
    begins_and_dies(post, reader, "card")

    def into_a_stopped_bundle(session: Any) -> None:
        row = session.scalars(select(OutboxRow)).one()
        row.bundle, row.rank = BUNDLE, outbox.BROADCAST
        session.flush()
        outbox.stop(session, BUNDLE, "写错了。")

    post.town.writing(into_a_stopped_bundle)
    post.later(LEASE_OVER)
    post.deliver()
    assert (post.row("card").state, post.row("card").reason) == ("unknown", "写错了。")


def test_a_bundle_goes_only_by_the_roads_that_it_may_take(post: Post) -> None:
    put(post, people(post, 1), roads=["template"])
    post.deliver()
    assert states(post) == {"failed": 1}
    put(post, people(post, 1), "b2", roads=["custom"])
    post.deliver()
    assert states(post, "b2") == {"submitted": 1}


def test_whoever_leaves_gets_nothing_of_what_is_held_for_them(post: Post) -> None:
    reader = post.reader()
    with post.town.reading() as session:
        put(post, [reader.person(session).id])
    post.town.writing(lambda session: outbox.hold(session, BUNDLE))
    post.town.writing(lambda session: outbox.cancel_all_to(session, reader.person(session), "unfollowed"))
    post.town.writing(lambda session: outbox.let_go(session, BUNDLE))
    assert states(post) == {"cancelled": 1}


# ---- order and pace --------------------------------------------------------------------------------------------------


def test_an_answer_does_not_wait_behind_a_broadcast(post: Post) -> None:
    ids = people(post, 6 * AT_ONCE)
    asking = post.reader("提问的人")
    put(post, ids)
    with post.platform.faults(slow_seconds=1.5, paths=CUSTOM), running(post):
        eventually(lambda: arrived(post) >= AT_ONCE)
        asking.is_told("answer")
        eventually(lambda: asking.received("custom"), 3)
        assert len(states(post)) > 1, "the broadcast is far from its end"
        post.town.writing(lambda session: outbox.stop(session, BUNDLE, "试验结束。"))


def test_an_answer_goes_before_a_notice_and_what_waits_for_later_holds_up_nobody(post: Post) -> None:
    reader = post.reader()
    reader.is_told("tomorrow", "明天", due=clock.now() + timedelta(days=1))
    with post.town.reading() as session:
        put(post, [reader.person(session).id], text="通知")
    reader.is_told("last", "最后一条")
    post.deliver()
    texts = [each["text"] for each in reader.received("custom")]
    assert texts == ["最后一条", "通知"]


def test_broadcasts_leave_no_faster_than_the_pace(post: Post) -> None:
    put(post, people(post, 30))
    delivery, started = paced(post, AT_ONCE, per_second=20), time.monotonic()
    delivery.deliver_due()
    delivery.close()
    assert states(post) == {"submitted": 30}
    assert time.monotonic() - started > (30 - 10) / 20 - 0.1, (
        "half a second's worth is in store, then 20 a second"
    )
