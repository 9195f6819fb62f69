"""Rules that would also hold on paper: the plan of a day, what is near, what a list begins with."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from app import clock
from app.understanding.calendar import china_day
from handlers.appointments.contact import contact_in
from models.appointments import Contact
from models.plans import (
    Service,
    SpecialDay,
    by_distance,
    hours_on,
    metres_between,
    named_in,
    visits_on,
    week_rows,
)
from models.slots import free_slots, nearest_to, slots_on
from tests.appointments.desk import TUESDAY, fill, opened, slot_at
from tests.neighbours import Town

OFFICE = {weekday: [(time(9), time(12)), (time(14), time(17))] for weekday in range(5)}


def service(weekly: Any = OFFICE, **facts: Any) -> Service:
    usual = {"name": "老年证", "minutes": 30, "gap_minutes": 0, "keeps_office_days": True, "also_called": []}
    return Service(**usual | facts, hours=week_rows(weekly))


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-09-30", 2),  # an ordinary Wednesday
        ("2026-10-01", 0),  # National Day, a Thursday
        ("2026-10-03", 0),  # a Saturday in the holidays
        ("2026-09-20", 2),  # a Sunday worked for it
        ("2026-10-10", 2),  # a Saturday worked for it
        ("2026-10-11", 0),  # an ordinary Sunday
    ],
)
def test_the_office_follows_the_public_calendar(day: str, hours: int) -> None:
    that = date.fromisoformat(day)
    assert len(hours_on(service(), that, china_day(that))) == hours


def test_who_comes_on_wednesdays_only_is_not_presumed_on_a_makeup_day() -> None:
    lawyer = service({2: [(time(14), time(17))]})
    assert hours_on(lawyer, date(2026, 10, 10), "makeup") == []


def test_the_barber_knows_no_holidays() -> None:
    barber = service({weekday: [(time(9), time(18))] for weekday in range(7)}, keeps_office_days=False)
    assert hours_on(barber, date(2026, 10, 1), "holiday") == [(time(9), time(18))]


@pytest.mark.parametrize(
    ("kind", "hours"), [("closed", []), ("open", OFFICE[0]), ("hours", [(time(10), time(11))])]
)
def test_the_staffs_word_stands_above_the_calendar(kind: str, hours: list[Any]) -> None:
    special = SpecialDay(kind=kind, hours=[["10:00", "11:00"]])
    assert hours_on(service(), date(2026, 10, 1), "holiday", special) == hours


def test_visits_fill_the_hours_and_none_runs_into_the_break() -> None:
    day = date(2026, 11, 23)
    starts = [clock.local(v.starts).time() for v in visits_on(service(minutes=50), day, OFFICE[0])]
    assert starts == [time(9), time(9, 50), time(10, 40), time(14), time(14, 50), time(15, 40)]


def test_the_way_between_two_homes_is_left_free() -> None:
    plumber = service(minutes=60, gap_minutes=30)
    starts = [clock.local(v.starts).time() for v in visits_on(plumber, date(2026, 11, 23), OFFICE[0])]
    assert starts == [time(9), time(10, 30), time(14), time(15, 30)]


def test_the_week_is_read_in_runs_of_equal_days() -> None:
    weekly = OFFICE | {5: [(time(9), time(12))]}
    assert [(first, last) for first, last, _ in service(weekly).week] == [(0, 4), (5, 5)]


def test_a_kilometre_is_a_kilometre() -> None:
    assert metres_between(36.6, 101.8, 36.608993, 101.8) == pytest.approx(1000, abs=1)


def test_what_has_no_place_is_not_near() -> None:
    placed, nowhere = service(name="理发", lat=36.6, lng=101.8), service(name="电话咨询")
    assert [one.name for one, _ in by_distance([nowhere, placed], 36.6, 101.8)] == ["理发"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("理发", ["理发"]), ("我想剪头发", ["理发"]), ("医保", ["医保咨询"]), ("修鞋", []), ("证", [])],
)
def test_services_are_known_by_several_names(words: str, found: list[str]) -> None:
    services = [
        service(name="理发", also_called=["剪头发"]),
        service(name="医保咨询"),
        service(name="老年证"),
    ]
    assert [one.name for one in named_in(words, services)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("马秀兰 13900001234 5号楼2单元301", Contact("马秀兰", "13900001234", "5号楼2单元301")),
        ("13900001234,东府佳苑3号楼,马秀兰", Contact("马秀兰", "13900001234", "东府佳苑3号楼")),
        ("我叫才让卓玛 139-0000-1234", Contact("才让卓玛", "13900001234", None)),
        ("5号楼 2单元 301", Contact(None, None, "5号楼2单元301")),
        ("在家等", Contact("在家等", None, None)),
        ("?", Contact()),
    ],
)
def test_one_line_holds_name_phone_and_door(text: str, found: Contact) -> None:
    assert contact_in(text) == found


@pytest.mark.parametrize(
    ("around", "taken", "near"),
    [
        ("10:00", [], ["09:30", "10:30"]),
        ("09:00", ["09:30"], ["10:00", "10:30"]),
        ("10:00", ["09:30"], ["09:00", "10:30"]),
    ],
)
def test_the_nearest_times_lie_on_both_sides(
    sqlite_town: Town, monday: Any, around: str, taken: list[str], near: list[str]
) -> None:
    opened(sqlite_town, {1: [(time(9), time(11))]}, horizon_days=3)
    fill(sqlite_town, TUESDAY, *taken)
    with sqlite_town.reading() as session:
        slot = slot_at(session, TUESDAY, around)
        found = nearest_to(session, slot.service, slot.starts)
        assert [f"{clock.local(one.starts):%H:%M}" for one in found] == near


def test_free_times_can_be_asked_for_some_days_only(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    with sqlite_town.reading() as session:
        slot = slot_at(session, TUESDAY, "09:00")
        found = session.scalars(free_slots(slot.service, TUESDAY, TUESDAY)).all()
        assert {clock.local(one.starts).date() for one in found} == {TUESDAY}
        assert len(session.scalars(slots_on(slot.service, TUESDAY)).all()) == len(found) == 4
