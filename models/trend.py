"""The last weeks in numbers, for the page 今天: each a count over an indexed instant, none of them about a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

from app import clock
from models.desk import DeskLine, DeskTalk
from models.duty import DutyBell
from models.notices import Notice
from models.slots import Slot
from models.volunteers import Attendance

At = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
WEEKS = 8
WEEK = timedelta(days=7)


def weeks_until(today: date) -> list[date]:
    """The Mondays of the last weeks, this week's last."""
    monday = today - timedelta(days=today.weekday())
    return [monday - WEEK * back for back in reversed(range(WEEKS))]


def visits(session: Session, mondays: Sequence[date]) -> list[int]:
    """Appointments that hold a seat."""
    return _by_week(session, Slot.starts, mondays, func.sum(Slot.taken))


def check_ins(session: Session, mondays: Sequence[date]) -> list[int]:
    return _by_week(session, Attendance.came_at, mondays)


def notices(session: Session, mondays: Sequence[date]) -> list[int]:
    return _by_week(session, Notice.published_at, mondays)


def bells(session: Session, mondays: Sequence[date]) -> list[int]:
    return _by_week(session, DutyBell.rung_at, mondays)


def answers(session: Session, mondays: Sequence[date]) -> tuple[list[int], list[int | None]]:
    """Talks of each week that were answered, and the minutes until the first answer in the middle (None: no talk)."""
    waited: list[list[float]] = [[] for _ in mondays]
    for opened, answered in session.execute(_first_answers(_start(mondays[0]))):
        week = (clock.local(opened).date() - mondays[0]) // WEEK
        if week < len(waited):
            waited[week].append((answered - opened) / timedelta(minutes=1))
    return [len(one) for one in waited], [round(median(one)) if one else None for one in waited]


def _first_answers(since: datetime) -> Select[datetime, datetime]:
    said = select(DeskTalk.opened_at, func.min(DeskLine.at)).join(DeskLine)
    return said.where(DeskTalk.opened_at >= since, DeskLine.speaker == "staff").group_by(DeskTalk.id)


def _by_week(
    session: Session, at: At, mondays: Sequence[date], counted: FunctionElement[int] | None = None
) -> list[int]:
    """One statement for all weeks."""
    edges = [_start(monday) for monday in (*mondays, mondays[-1] + WEEK)]
    what = func.count() if counted is None else counted
    columns = [what.filter(and_(at >= start, at < end)) for start, end in pairwise(edges)]
    row = session.execute(select(*columns).where(at >= edges[0], at < edges[-1])).one()
    return [int(value or 0) for value in row]


def _start(day: date) -> datetime:
    return clock.at(day, time())
