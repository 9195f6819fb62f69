"""A door that WeChat has shut: one process finds it, all of them leave it alone, staff read why and until when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from app import clock
from app.site import Site
from handlers.duty.alarms import checks
from models import doors
from models.doors import closed_doors
from scheduler.delivery import Delivery
from tests.scheduler.conftest import Post, next_half_past_eight
from tests.scheduler.mishaps import CUSTOM

DOOR = "oa:main custom"


@pytest.fixture
def another(post: Post) -> Iterator[Delivery]:
    """A second process of the same house, perhaps on another machine."""
    with closing(Site(post.site.settings)) as site, closing(Delivery(site)) as delivery:
        yield delivery


def shut(post: Post) -> list[tuple[str, int | None, str]]:
    with post.town.reading() as session:
        return [(one.door, one.errcode, one.reason) for one in session.scalars(closed_doors())]


def alarm(post: Post) -> str:
    with post.town.reading() as session:
        return next(one.words for one in checks(session, post.site) if one.title == "微信的限制")


def test_f15_a_door_that_one_process_found_shut_is_left_alone_by_all(post: Post, another: Delivery) -> None:
    first, second = post.reader("甲"), post.reader("乙")
    first.is_told("first")
    with post.platform.faults(errcode=45009, paths=CUSTOM):
        post.deliver()
        asked = len(post.platform.calls(CUSTOM))
        second.is_told("second")
        another.deliver_due()
    assert len(post.platform.calls(CUSTOM)) == asked
    assert (post.row("second").state, post.row("second").due) == ("waiting", next_half_past_eight())
    assert post.row("second").reason == "今日额度用完,明早8:30继续。"
    assert shut(post) == [(DOOR, 45009, "今日额度用完,明早8:30继续。")]
    assert alarm(post).endswith("8:30,今日额度用完,明早8:30继续。")


def test_f15_a_door_that_is_opened_by_hand_is_open_for_all(post: Post, another: Delivery) -> None:
    reader = post.reader()
    with post.platform.faults(errcode=45009, paths=CUSTOM):
        reader.is_told("first")
        post.deliver()
    post.town.writing(lambda session: doors.open_again(session, DOOR))
    assert shut(post) == []
    assert alarm(post) == "没有。"
    for number, delivery in enumerate((post.delivery, another)):
        reader.is_told(f"again{number}")
        delivery.deliver_due()
        assert post.row(f"again{number}").state == "submitted"


def test_f16_too_many_in_a_minute_rest_until_the_next_one(post: Post, another: Delivery) -> None:
    reader = post.reader()
    reader.is_told("first")
    with post.platform.faults(errcode=45011, paths=CUSTOM, times=1):
        post.deliver()
    reader.is_told("second")
    another.deliver_due()
    assert post.row("second").state == "waiting"
    assert post.row("second").due - clock.now() < timedelta(seconds=62)
    post.later(timedelta(seconds=62))
    post.deliver()
    assert {post.row("first").state, post.row("second").state} == {"submitted"}


def test_f12_after_a_silence_one_goes_ahead_and_the_others_wait_for_what_it_meets(post: Post) -> None:
    readers = [post.reader(f"邻居{number}") for number in range(6)]
    with post.platform.faults(http_500=True, paths=CUSTOM):
        for turn in range(5):
            readers[0].is_told(f"lost{turn}")
        post.deliver()
        assert shut(post) == [(DOOR, None, "微信没有回答,半分钟后再试。")]
        post.later(timedelta(seconds=31))
        for number, reader in enumerate(readers):
            reader.is_told(f"n{number}")
        post.deliver()
        states = [post.row(f"n{number}").state for number in range(6)]
        assert (states.count("unknown"), states.count("waiting")) == (1, 5)
    for step in (timedelta(minutes=2), timedelta(seconds=5)):
        post.later(step)
        post.deliver()
    assert [post.row(f"n{number}").state for number in range(6)].count("submitted") == 5


def test_a_closing_does_not_shorten_a_longer_one(post: Post) -> None:
    evening, soon = clock.now() + timedelta(hours=8), clock.now() + timedelta(minutes=1)
    for until, reason in ((evening, "额度"), (soon, "太快")):
        post.town.writing(
            lambda session, until=until, reason=reason: doors.close(
                session, DOOR, until, reason=reason, errcode=None
            )
        )
    assert [reason for _, _, reason in shut(post)] == ["额度"]
