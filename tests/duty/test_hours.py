"""Office hours: rows with a history, the calendar, days that differ; and what the account says of them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy.orm import Session

from app import clock
from models.office_hours import halves_on, is_office_time, next_opening, past_weeks
from models.plans import ClosedTime, SpecialDay
from tests.neighbours import Town, frozen
from tests.staff.clerks import audited, clerk


def is_open(town: Town, wall: str) -> bool:
    at = datetime.fromisoformat(wall).replace(tzinfo=clock.COMMUNITY)
    with town.reading() as session:
        return is_office_time(session, at)


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2026-11-23 08:29", False),
        ("2026-11-23 08:30", True),
        ("2026-11-23 12:00", False),
        ("2026-11-23 14:00", True),
        ("2026-11-23 18:00", False),
        ("2026-11-22 10:00", False),
        ("2026-10-01 10:00", False),  # a Thursday, but the national day
        ("2026-10-10 10:00", True),  # a Saturday that is worked for it
    ],
)
def test_the_calendar_is_kept(sqlite_town: Town, wall: str, expected: bool) -> None:
    assert is_open(sqlite_town, wall) is expected


def test_days_that_differ_and_closed_hours_have_the_last_word(sqlite_town: Town) -> None:
    def unit(session: Session) -> None:
        session.add(SpecialDay(day=date(2026, 11, 23), kind="closed"))
        session.add(SpecialDay(day=date(2026, 11, 24), kind="hours", hours=[["10:00", "11:00"]]))
        session.add(SpecialDay(day=date(2026, 11, 28), kind="open"))
        shut = clock.at(date(2026, 11, 25), time(9)), clock.at(date(2026, 11, 25), time(10))
        session.add(ClosedTime(starts=shut[0], ends=shut[1]))

    sqlite_town.writing(unit)
    assert not is_open(sqlite_town, "2026-11-23 10:00")
    assert not is_open(sqlite_town, "2026-11-24 09:00")
    assert is_open(sqlite_town, "2026-11-24 10:30")
    assert is_open(sqlite_town, "2026-11-28 10:00")
    assert not is_open(sqlite_town, "2026-11-25 09:30")
    with sqlite_town.reading() as session:
        assert halves_on(session, date(2026, 11, 24)) == ["am"]
        opens = next_opening(session, clock.at(date(2026, 11, 23), time(10)))
        assert opens == clock.at(date(2026, 11, 24), time(10))


def form(**changed: str) -> dict[str, str]:
    usual = {"opens": ("09:00", "13:30"), "closes": ("12:00", "17:00")}
    fields = {f"{day}.{n}.{edge}": usual[edge][n] for day in range(5) for n in (0, 1) for edge in usual}
    return fields | {name.replace("_", ".").removeprefix("d"): value for name, value in changed.items()}


def test_staff_change_the_hours_and_the_account_says_them(sqlite_town: Town) -> None:
    wang = clerk(sqlite_town, "desk")
    wang.opens("/console/duty/hours")
    assert 'value="08:30"' in wang.page
    wang.sends("/console/duty/hours", follow=True, **form())
    assert "办公时间改好了" in wang.words
    assert "周一至周五 8:30–12:00、14:00–18:00" in wang.words, "the plan of before can be read"
    assert "周一至周五 9:00–12:00、13:30–17:00" in sqlite_town.phone("马秀兰").says("上班时间")
    with frozen("2026-11-23 13:45"):
        assert "现在有人接" in sqlite_town.phone("马秀兰").says("社区电话")
    wang.signs_in()
    wang.sends("/console/duty/hours", **form())
    with sqlite_town.reading() as session:
        assert len(past_weeks(session)) == 1, "the same hours again are no change"
        assert len(audited(session, "duty.set_hours")) == 1


def test_hours_that_cannot_be_are_refused_and_come_back_as_typed(sqlite_town: Town) -> None:
    wang = clerk(sqlite_town, "approver")
    wang.sends("/console/duty/hours", **form(d0_0_closes="08:00"))
    assert "先开后关" in wang.words
    assert 'value="08:00"' in wang.page
    wang.sends("/console/duty/hours", **form(d2_1_closes=""))
    assert "周三有一段时间没写全" in wang.words
    assert is_open(sqlite_town, "2026-11-23 08:30")


def test_the_stranger_changes_no_hours(sqlite_town: Town) -> None:
    for role in ("leader", "auditor", "admin", "care"):
        assert clerk(sqlite_town, role).sends("/console/duty/hours", **form()).status_code == 403


def test_when_nothing_is_open_the_account_says_so(sqlite_town: Town) -> None:
    wang = clerk(sqlite_town, "desk")
    wang.sends("/console/duty/hours", follow=True)
    assert "最近不上班" in sqlite_town.phone("马秀兰").says("上班时间")


def test_at_night_the_account_says_from_when_on_somebody_answers(sqlite_town: Town) -> None:
    with frozen("2026-11-27 21:00"):
        said = sqlite_town.phone("马秀兰").says("人工")
    assert "现在没有人值班,11月30日(星期一)早上8点30分上班后第一时间回您" in said
