"""When the community's office is open: rows that staff edit, the days that differ, the public calendar.

A change ends the rows of before and writes new ones, so that every earlier week can still be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby, pairwise

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from app.understanding.calendar import china_day
from models.base import Base, Instant
from models.plans import ClosedTime, Hours, SpecialDay

NOON = time(13)  # lunch belongs to the morning
HALVES = ("am", "pm")
LOOKED_AHEAD = 15


class OfficeHours(Base):
    """One stretch of a weekday (0 is Monday), from `since` until it was changed."""

    __tablename__ = "office_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]
    since: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    until: Mapped[datetime | None] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))


Week = Mapping[int, Sequence[Hours]]


def week_of(session: Session) -> dict[int, list[Hours]]:
    """The hours of today's week plan by weekday; a weekday without hours is not there."""
    rows = session.scalars(select(OfficeHours).where(OfficeHours.until.is_(None)))
    return _by_weekday(rows)


def change_week(session: Session, week: Week, staff_id: int | None) -> None:
    """End the plan of now and begin this one; ValueError when a stretch is empty or two overlap."""
    now = clock.now()
    for hours in week.values():
        _check(hours)
    session.execute(update(OfficeHours).where(OfficeHours.until.is_(None)).values(until=now))
    for weekday, hours in week.items():
        for opens, closes in hours:
            row = OfficeHours(weekday=weekday, opens=opens, closes=closes, since=now, set_by_id=staff_id)
            session.add(row)


def past_weeks(session: Session, most: int = 20) -> Sequence[tuple[datetime, datetime, int | None, Week]]:
    """The plans of before, the latest first: since, until, who had set it, the hours."""
    rows = session.scalars(select(OfficeHours).where(OfficeHours.until.is_not(None)).limit(most * 20))
    ordered = sorted(rows, key=lambda row: (row.since, row.id), reverse=True)
    plans = []
    for since, group in groupby(ordered, key=lambda row: row.since):
        same = list(group)
        plans.append((since, same[0].until or since, same[0].set_by_id, _by_weekday(same)))
    return plans[:most]


def hours_on(session: Session, day: date) -> list[Hours]:
    """The stretches of this day: the house's special day, else the calendar, else the week's plan."""
    in_house = SpecialDay.service_id.is_(None), SpecialDay.day == day
    special = session.scalar(select(SpecialDay).where(*in_house))
    if special is not None and special.kind != "open":
        return special.ranges
    kind = "makeup" if special is not None else china_day(day)
    if kind == "holiday":
        return []
    week = week_of(session)
    usual = week.get(day.weekday(), [])
    return usual or week.get(0, []) if kind == "makeup" else usual


def is_office_time(session: Session, now: datetime) -> bool:
    """Whether somebody sits at the desk."""
    here = clock.local(now)
    shut = ClosedTime.service_id.is_(None), ClosedTime.starts <= now, ClosedTime.ends > now
    if session.scalar(select(ClosedTime.id).where(*shut).limit(1)) is not None:
        return False
    return any(opens <= here.time() < closes for opens, closes in hours_on(session, here.date()))


def next_opening(session: Session, now: datetime) -> datetime | None:
    """When the office opens next; None when nothing is planned within two weeks."""
    today = clock.local(now).date()
    days = (today + timedelta(days=ahead) for ahead in range(LOOKED_AHEAD))
    openings = (clock.at(day, opens) for day in days for opens, _ in hours_on(session, day))
    return next((opening for opening in openings if opening > now), None)


def half_of(now: datetime) -> str:
    return "am" if clock.local(now).time() < NOON else "pm"


def halves_on(session: Session, day: date) -> list[str]:
    """The half days on which the office is open, and somebody should be on duty."""
    hours = hours_on(session, day)
    morning = any(opens < NOON for opens, _ in hours)
    afternoon = any(closes > NOON for _, closes in hours)
    return [half for half, worked in zip(HALVES, (morning, afternoon), strict=True) if worked]


def runs_of(week: Week) -> list[tuple[int, int, list[Hours]]]:
    """For reading: (first weekday, last weekday, hours), neighbours with equal hours together."""
    runs: list[tuple[int, int, list[Hours]]] = []
    for weekday in sorted(week):
        hours = sorted(week[weekday])
        if runs and runs[-1][1] == weekday - 1 and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], weekday, hours)
        elif hours:
            runs.append((weekday, weekday, hours))
    return runs


def _by_weekday(rows: Iterable[OfficeHours]) -> dict[int, list[Hours]]:
    week: dict[int, list[Hours]] = {}
    for row in sorted(rows, key=lambda row: (row.weekday, row.opens)):
        week.setdefault(row.weekday, []).append((row.opens, row.closes))
    return week


def _check(hours: Sequence[Hours]) -> None:
    ordered = sorted(hours)
    if any(opens >= closes for opens, closes in ordered) or any(a[1] > b[0] for a, b in pairwise(ordered)):
        raise ValueError("a stretch is empty or two overlap")
