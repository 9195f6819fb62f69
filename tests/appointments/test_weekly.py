"""Week after week, booked by residents themselves: the dates that fail are read out before the yes, caps hold, one of
them or all of them can be given back."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions, planning, series
from models.appointments import Appointment
from models.booking_series import BookingSeries
from models.plans import Service
from models.refusal import Refusal
from tests.appointments.desk import (
    KNOWN,
    TUESDAY,
    clerk,
    fill,
    messages,
    opened,
    refusal,
    slot_at,
    sound,
)
from tests.neighbours import Phone, Town
from tests.races import at_once

WEEK = timedelta(days=7)
FIRST = ("每周约", "1", "明天9点")


def weekly(town: Town, **facts: Any) -> int:
    return opened(town, **{"name": "康复训练", "bring": [], "per_person": 1, "series_most": 4} | facts)


def visits(town: Town, state: str = "confirmed") -> list[str]:
    with town.reading() as session:
        rows = session.scalars(select(Appointment).where(Appointment.state == state)).all()
        return sorted(f"{clock.local(one.slot.starts):%m.%d %H:%M}" for one in rows)


def test_the_dates_that_fail_are_read_out_before_the_yes(sqlite_town: Town, ma: Phone) -> None:
    weekly(sqlite_town)
    fill(sqlite_town, TUESDAY + WEEK, "09:00", service="康复训练")
    sqlite_town.writing(lambda s: planning.close_day(clerk(s), None, TUESDAY + WEEK * 2, "停电") and None)
    assert "2到4次" in ma.says(*FIRST)
    said = ma.says("四次", "马秀兰")
    assert "每周二上午9点,2号窗口,11月24日到12月15日,共2次" in said
    assert "约不上:12月1日满了、12月8日不办。" in said
    assert len(visits(sqlite_town)) == 1
    said = ma.says("1")
    assert "约好了2次康复训练,每周二上午9点:11月24日、12月15日。没约上:12月1日、12月8日。" in said
    assert visits(sqlite_town)[1:] == ["12.01 09:00", "12.15 09:00"]
    assert len(messages(sqlite_town, "reminder")) == 3
    assert messages(sqlite_town, "series_booked") == []
    assert sound(sqlite_town)


def test_a_date_that_goes_meanwhile_wants_another_yes(sqlite_town: Town, ma: Phone) -> None:
    weekly(sqlite_town)
    assert "共3次" in ma.says(*FIRST, "3", "马秀兰")
    sqlite_town.writing(lambda s: planning.close_day(clerk(s), None, TUESDAY + WEEK, "停电") and None)
    said = ma.says("1")
    assert "共2次" in said
    assert "12月1日停办" in said
    assert "约好了2次" in ma.says("1")


def test_the_first_date_is_held_and_looking_ahead_writes_nothing(sqlite_town: Town, ma: Phone) -> None:
    weekly(sqlite_town)
    ma.says(*FIRST, "3", "马秀兰")
    rival = sqlite_town.phone("才让卓玛")
    assert "刚有人选着" in rival.says("预约", "1", "明天9点", "才让卓玛") or "9点\n" not in rival.says("明天")
    with sqlite_town.reading() as session:
        assert session.scalars(select(BookingSeries)).all() == []
    ma.says("取消", "1")
    with sqlite_town.reading() as session:
        assert slot_at(session, TUESDAY, "09:00", "康复训练").taken == 0


def test_caps_hold(sqlite_town: Town, ma: Phone) -> None:
    weekly(sqlite_town, per_person=2)
    assert "要2次到4次" in ma.says(*FIRST, "5")
    ma.says("3", "马秀兰", "1")
    assert "一次最多约2个" in ma.says("预约", "1")
    ma.says("取消", "1")
    assert "最多约4个" in ma.says("每周约", "1")


def test_only_where_the_service_allows_it_and_only_by_whom_it_is(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    assert "现在没有能自己每周约的服务" in ma.says("每周约")
    with sqlite_town.reading() as session:
        wish = series.Wish(
            session.scalars(select(Service)).one(), TUESDAY, clock.local(clock.now()).time(), 2
        )
        by = ma.actor(session)
        with refusal("no_weekly"):
            series.book_mine(by, wish, KNOWN)
    weekly(sqlite_town)
    ma.says("每周约", "1", "明天9点", "3", "马秀兰", "1")
    stranger = sqlite_town.phone("路人")
    assert "您现在没有每周约的" in stranger.says("取消每周")

    def unit(session: Session) -> None:
        with refusal("not_yours"):
            series.stop(stranger.actor(session), session.get_one(BookingSeries, 1), TUESDAY, "别人的")

    sqlite_town.writing(unit)
    assert len(visits(sqlite_town)) == 3


def test_one_date_alone_or_all_of_them_are_given_back_and_taken_up_again(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    weekly(sqlite_town)
    ma.says(*FIRST, "4", "马秀兰", "1")
    monday.shift(timedelta(minutes=30))
    assert "一次来不了" in ma.says("取消每周")
    assert "取消好了" in ma.says("1", "2", "1")
    assert visits(sqlite_town, "cancelled") == ["12.01 09:00"]
    said = ma.says("取消每周", "2")
    assert "后面的3次:11月24日、12月8日、12月15日" in said
    assert "取消了3次" in ma.says("1")
    assert visits(sqlite_town) == []
    booked_by_other(sqlite_town, TUESDAY + WEEK * 2)
    assert "恢复了2次,有1次已经让别人约走了" in ma.says("撤销")
    assert sound(sqlite_town)


def booked_by_other(town: Town, day: Any) -> None:
    def unit(session: Session) -> None:
        slot = slot_at(session, day, "09:00", "康复训练")
        actions.book(town.phone("才让卓玛").actor(session), slot, contact=KNOWN)

    town.writing(unit)


def test_what_is_too_late_to_cancel_stays_and_is_said(sqlite_town: Town, ma: Phone, monday: Any) -> None:
    weekly(sqlite_town, cancel_minutes=60)
    ma.says(*FIRST, "3", "马秀兰", "1")
    monday.shift(timedelta(hours=23, minutes=50))
    assert "最近1次太晚了" in ma.says("取消每周", "2")
    assert "取消了2次" in ma.says("1")
    assert visits(sqlite_town) == ["11.24 09:00"]


def test_the_whole_series_is_undone_in_the_first_minutes(sqlite_town: Town, ma: Phone) -> None:
    weekly(sqlite_town)
    ma.says(*FIRST, "4", "马秀兰", "1")
    assert "4次都撤销了" in ma.says("撤销")
    assert visits(sqlite_town) == []
    assert sound(sqlite_town)


def test_every_week_in_one_sentence(sqlite_town: Town, ma: Phone) -> None:
    weekly(sqlite_town)
    assert "1 明天 周二 上午9点" in ma.says("康复训练每周二9点")
    assert "连着约几次" in ma.says("1")
    assert "约好了2次" in ma.says("2", "马秀兰", "1")


def test_for_a_mother_too_and_she_is_in_one_place_only(sqlite_town: Town, ma: Phone) -> None:
    weekly(sqlite_town, capacity=2)
    ma.says("帮别人每周约", "马兰阿娘", "13900000002", "母亲")
    said = ma.says("1", "明天9点", "2")
    assert "替马兰阿娘约" in said, said
    assert "约好了2次" in ma.says("1")
    assert sound(sqlite_town)


def test_of_four_who_want_the_same_weeks_at_once_each_date_has_one(town: Town, monday: Any) -> None:
    weekly(town)
    phones = [town.phone(f"邻居{n}") for n in range(4)]
    town.writing(lambda s: [phone.actor(s) for phone in phones] and None)

    def tries(phone: Phone) -> int:
        def unit(session: Session) -> int:
            service = session.scalars(select(Service)).one()
            wish = series.Wish(service, TUESDAY, clock.local(clock.at(TUESDAY, nine)).time(), 4)
            return len(series.book_mine(phone.actor(session), wish, KNOWN).booked)

        with suppress(Refusal):
            return town.writing(unit)
        return 0

    nine = clock.local(clock.now()).time().replace(hour=9, minute=0)
    assert sum(at_once([lambda phone=phone: tries(phone) for phone in phones])) == 4
    assert sound(town)
