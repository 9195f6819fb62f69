"""Why a visit is given back: optional for residents, asked of the staff, counted without names."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import cancelling
from handlers.appointments.standing import essentials
from models.appointments import Appointment
from models.reasons import reasons, told_reasons
from tests.appointments.desk import TUESDAY, WEDNESDAY, booked, clerk, only, opened, refusal, sound
from tests.neighbours import Phone, Town, frozen


def test_a_resident_may_say_why_with_one_more_digit(sqlite_town: Town, ma: Phone, monday: Any) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    said = ma.says("取消预约", "1")
    assert said.endswith("方便的话,说一声为什么:1 生病了 2 有事去不了 3 已经办好了 4 约错了")
    assert ma.says("3").startswith("知道了")
    assert only(sqlite_town).reason_code == "done"
    assert ma.says("撤销").startswith("恢复了")
    assert only(sqlite_town).reason_code is None


def test_the_staff_say_why_from_the_list(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    one = booked(sqlite_town)
    with refusal("why_cancelled"):
        sqlite_town.writing(lambda s: cancelling.cancel(clerk(s), s.get_one(Appointment, one), "because"))
    sqlite_town.writing(lambda s: cancelling.cancel(clerk(s), s.get_one(Appointment, one), "phoned"))
    assert (only(sqlite_town).reason, only(sqlite_town).reason_code) == ("本人打电话来说的", "phoned")


def test_telling_late_frees_the_time_and_is_no_missed_visit(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    one = booked(sqlite_town)
    with frozen("2026-11-24 09:10"):

        def tell(session: Session) -> None:
            cancelling.tell_late(
                sqlite_town.phone("马秀兰").actor(session), session.get_one(Appointment, one), "ill"
            )

        sqlite_town.writing(tell)
    row = only(sqlite_town)
    assert (row.state, row.reason_code, row.told_late_at is not None) == ("cancelled", "ill", True)
    assert sound(sqlite_town)


def test_reasons_are_counted_without_names(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    for day, name, code in (
        (TUESDAY, "马秀兰", "ill"),
        (WEDNESDAY, "才让卓玛", "ill"),
        (TUESDAY, "韩素梅", "busy"),
    ):
        one = booked(sqlite_town, day, "09:00" if name != "韩素梅" else "10:00", name)
        sqlite_town.writing(
            lambda s, n=one, c=code: cancelling.cancel(clerk(s), s.get_one(Appointment, n), c)
        )
    with sqlite_town.reading() as session:
        since, until = clock.at(TUESDAY, clock.local(clock.now()).time()), clock.now().replace(year=2027)
        found = told_reasons(session, since.replace(year=2025), until)
    assert {one.code: one.cancelled for one in found} == {"ill": 2, "busy": 1}


def test_the_list_is_the_communitys_own(sqlite_town: Town) -> None:
    sqlite_town.writing(essentials)
    sqlite_town.writing(essentials)
    sqlite_town.writing(lambda s: cancelling.add_reason(clerk(s), "家里来人了", "all", False))
    with refusal("reason_known"):
        sqlite_town.writing(lambda s: cancelling.add_reason(clerk(s), "家里来人了", "all", False))
    sqlite_town.writing(lambda s: cancelling.open_or_close(clerk(s), "weather", False))
    sqlite_town.writing(lambda s: cancelling.open_or_close(clerk(s), "other", False))
    with sqlite_town.reading() as session:
        codes = [one.code for one in reasons(session)]
    assert codes == ["ill", "busy", "done", "mistake", "other", "own9"]
