"""Some hours of a day that cannot be worked: who is hit, who is told, and who must still be found again."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

import pytest
from sqlalchemy import select

from handlers.appointments.planning import close_time, reopen
from models.plans import ClosedTime, Service
from tests.appointments.desk import (
    KNOWN,
    TUESDAY,
    WEDNESDAY,
    booked,
    get,
    messages,
    only,
    opened,
    refusal,
    slot_at,
    sound,
)
from tests.appointments.desk import (
    clerk as staff,
)
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk

PART = {"day": "2026-11-24", "service": "0", "reason": "停电", "opens": "09:30", "closes": "10:30"}


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    opened(sqlite_town)
    return clerk(sqlite_town, "desk", login="wang")


def close(wang: Clerk, **more: Any) -> None:
    wang.sends(
        "/console/appointments/close-day", **PART | {"sure": "2026-11-24 0 09:30-10:30"} | more, follow=True
    )


def test_some_hours_are_closed_and_the_rest_of_the_day_goes_on(wang: Clerk) -> None:
    booked(wang.town, TUESDAY, "09:00")
    hit = booked(wang.town, TUESDAY, "10:00", "才让卓玛")
    close(wang, sure="")
    assert "会取消 1 个预约" in wang.words
    assert "10:00 老年证 才让卓玛" in wang.words.replace("马秀兰", "才让卓玛")
    close(wang, sure="2026-11-24 0")
    assert "会取消 1 个预约" in wang.words, "a whole day was confirmed, not these hours"
    close(wang)
    assert "1位居民会收到消息" in wang.words
    with wang.town.reading() as session:
        assert get(session, hit).state == "cancelled"
        assert get(session, 1).state == "confirmed"
        assert not slot_at(session, TUESDAY, "09:30").is_open
        assert slot_at(session, TUESDAY, "10:30").is_open
    (word,) = messages(wang.town, "called_off")
    assert word.facts["reason"] == "停电"
    wang.opens(f"/console/appointments?day={TUESDAY}")
    assert "整个大厅 09:30–10:30 停办:停电" in wang.words
    again = re.search(r"/console/appointments/closed/\d+/reopen", wang.page)
    assert again
    wang.sends(again[0], follow=True)
    assert "恢复照常" in wang.words
    with wang.town.reading() as session:
        assert slot_at(session, TUESDAY, "09:30").is_open
        assert session.scalar(select(ClosedTime)) is None
    assert sound(wang.town)


def test_hours_that_are_none_are_said_beside_the_field(wang: Clerk) -> None:
    close(wang, opens="11:00", closes="10:00")
    assert "结束的时间要比开始的晚" in wang.words
    close(wang, opens="11:00", closes="")
    assert "从几点和到几点都要填" in wang.words
    with refusal("no_such_hours"):
        wang.town.writing(lambda s: close_time(staff(s), None, TUESDAY, (time(10), time(9)), "停电"))


def test_whoever_was_called_off_stays_listed_until_booked_again_or_phoned(wang: Clerk) -> None:
    first, second = booked(wang.town, TUESDAY, "09:30"), booked(wang.town, TUESDAY, "10:00", "才让卓玛")
    close(wang)
    assert wang.words.count("消息还没发出") == 2
    assert "2位居民会收到消息" in wang.words
    wang.opens("/console/")
    assert "停办后还没另约的 2" in wang.words

    def again(session: Any) -> None:
        from handlers.appointments import actions

        by = wang.town.phone("马秀兰").actor(session)
        actions.book(by, slot_at(session, WEDNESDAY, "09:00"), contact=KNOWN)

    wang.town.writing(again)
    wang.opens("/console/appointments/called-off")
    assert f"/console/appointments/{first}/phoned" not in wang.page
    assert f"/console/appointments/{second}/phoned" in wang.page
    wang.sends(f"/console/appointments/{second}/phoned", follow=True)
    assert "没有要联系的人" in wang.words
    with wang.town.reading() as session:
        assert get(session, second).phoned_by == wang.member(session).id
        assert len(audited(session, "appointments.read_called_off")) == 3


def test_one_service_closed_for_some_hours_leaves_the_others_open(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    other = opened(sqlite_town, name="理发", keeps_office_days=False)
    hours = (time(9), time(10))
    sqlite_town.writing(lambda s: close_time(staff(s), None, TUESDAY, hours, "停电"))
    with sqlite_town.reading() as session:
        assert not slot_at(session, TUESDAY, "09:00").is_open
        assert slot_at(session, TUESDAY, "09:00", "理发").is_open
    sqlite_town.writing(
        lambda s: close_time(staff(s), s.get_one(Service, other), TUESDAY, hours, "理发师病了")
    )
    with sqlite_town.reading() as session:
        assert not slot_at(session, TUESDAY, "09:30", "理发").is_open
    sqlite_town.writing(lambda s: reopen(staff(s), s.scalars(select(ClosedTime)).first()))  # type: ignore[arg-type]
    with sqlite_town.reading() as session:
        assert slot_at(session, TUESDAY, "09:00").is_open


def test_a_resident_closes_nothing(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    with refusal("staff_only"):
        by = sqlite_town.phone("马秀兰")
        sqlite_town.writing(lambda s: close_time(by.actor(s), None, TUESDAY, (time(9), time(10)), "x"))
    assert messages(sqlite_town, "called_off") == []


def test_who_is_forgotten_is_not_listed(wang: Clerk) -> None:
    booked(wang.town, TUESDAY, "10:00")
    close(wang)
    from handlers.people import actions as people

    def leave(session: Any) -> None:
        by = wang.town.phone("马秀兰").actor(session)
        people.erase(by, by.me)

    wang.town.writing(leave)
    wang.opens("/console/appointments/called-off")
    assert "没有要联系的人" in wang.words
    assert only(wang.town).state == "cancelled"
