"""One's own appointments on pages: the list, one, another time, giving it back and the ten minutes after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from models.appointments import Appointment
from tests.appointments.desk import TUESDAY, fill, opened
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Coordinates]:
    with frozen("2026-11-23 08:30") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town) -> Visitor:
    """Has booked for Tuesday half past nine."""
    opened(sqlite_town)
    ma = Visitor(sqlite_town, sqlite_town.phone("马秀兰"))
    ma.opens("/h5/services/1/days").taps("明天").taps("9:30").presses("约这个时间", name="马秀兰")
    return ma


def state(town: Town) -> tuple[str, str, str | None]:
    with town.reading() as session:
        row = session.get_one(Appointment, 1)
        return row.state, f"{row.slot.starts:%d %H:%M}", row.reason


def test_the_list_leads_to_the_one_with_everything_about_it(ma: Visitor) -> None:
    ma.opens("/h5/appointments").taps("11月24日(星期二)上午9点30分")
    assert "社区大厅2号窗口" in ma.words
    assert "预约号 0001" in ma.words
    assert "照片" in ma.words


def test_moving_uses_the_same_days_and_times_and_keeps_the_old_place_until_the_end(
    sqlite_town: Town, ma: Visitor
) -> None:
    ma.opens("/h5/appointments/1").taps("改时间")
    assert "一直给您留着" in ma.words
    ma.taps("明天 周二")
    assert not ma.offers("9:30")
    ma.taps("10:30")
    assert "从11月24日(星期二)上午9点30分改到11月24日(星期二)上午10点30分" in ma.words
    ma.presses("改到这个时间")
    assert "改好了" in ma.words
    assert state(sqlite_town)[1] == "24 02:30"


def test_a_new_time_that_was_taken_meanwhile_offers_others(sqlite_town: Town, ma: Visitor) -> None:
    ma.opens("/h5/appointments/1/times?day=2026-11-24").taps("10:00")
    fill(sqlite_town, TUESDAY, "10:00")
    ma.presses("改到这个时间")
    assert ma.status == 409
    ma.taps("11月24日(星期二)上午10点30分").presses("改到这个时间")
    assert "改好了" in ma.words


def test_cancelling_takes_a_reason_or_none_and_can_be_taken_back_for_ten_minutes(
    sqlite_town: Town, ma: Visitor, monday: time_machine.Coordinates
) -> None:
    monday.shift(3600)  # past the ten minutes after the booking
    ma.opens("/h5/appointments/1").taps("取消预约").presses("取消预约", reason="busy")
    assert "取消好了" in ma.words
    assert state(sqlite_town) == ("cancelled", "24 01:30", "有事去不了")
    ma.presses("取消错了,恢复")
    assert "给您约好了" in ma.words
    assert state(sqlite_town)[0] == "confirmed"
    ma.opens("/h5/appointments/1/cancel").presses("取消预约")
    form, _ = ma.form_of("取消错了,恢复")
    monday.shift(601)
    assert not ma.opens("/h5/appointments/1").offers("恢复")
    assert ma.sends(form.action, **form.values).status == 409
    assert "过了10分钟" in ma.words


def test_a_place_that_somebody_took_meanwhile_cannot_be_restored(sqlite_town: Town, ma: Visitor) -> None:
    ma.opens("/h5/appointments/1/cancel").presses("取消预约")
    fill(sqlite_town, TUESDAY, "09:30")
    ma.presses("取消错了,恢复")
    assert "刚被约走了" in ma.words
    assert state(sqlite_town)[0] == "cancelled"


def test_only_the_browser_that_cancelled_may_take_it_back(sqlite_town: Town, ma: Visitor) -> None:
    """Else a resident could bring back what the house had called off."""
    ma.opens("/h5/appointments/1/cancel").presses("取消预约")
    elsewhere = Visitor(sqlite_town, sqlite_town.phone("马秀兰"))
    assert elsewhere.sends("/h5/appointments/1/restore", once="x").status == 409
    assert state(sqlite_town)[0] == "cancelled"


def test_shortly_before_the_visit_the_page_says_to_call(
    sqlite_town: Town, ma: Visitor, monday: time_machine.Coordinates
) -> None:
    monday.move_to("2026-11-24 09:00+08:00")
    ma.opens("/h5/appointments/1")
    assert "请打上面的电话" in ma.words
    assert not ma.offers("改时间")
    assert ma.opens("/h5/appointments/1/cancel").status == 409
    assert ma.sends("/h5/appointments/1/cancel", once="x").status == 409
    assert state(sqlite_town)[0] == "confirmed"


def test_a_booking_of_this_minute_is_given_back_even_when_the_limit_has_passed(
    sqlite_town: Town, ma: Visitor, monday: time_machine.Coordinates
) -> None:
    ma.opens("/h5/services/1/days").taps("今天").taps("9:30").presses("约这个时间")
    monday.shift(300)
    assert "取消预约" in ma.opens("/h5/appointments/2").words
    ma.taps("取消预约").presses("取消预约")
    assert "取消好了" in ma.words


def test_the_phones_calendar_takes_it_without_a_name_or_a_phone(ma: Visitor) -> None:
    ma.opens("/h5/appointments/1").taps("记到手机日历")
    lines = ma.page.split("\r\n")
    assert "DTSTART:20261124T013000Z" in lines
    assert "SUMMARY:老年证" in lines
    assert "马秀兰" not in ma.page
    assert max(len(line.encode()) for line in lines) <= 75


def test_past_visits_can_be_booked_again(ma: Visitor, monday: time_machine.Coordinates) -> None:
    monday.shift(3 * 86400)
    ma.opens("/h5/appointments")
    assert "您现在没有预约" in ma.words
    ma.taps("老年证").taps("再约一次")
    assert "要带什么" in ma.words
