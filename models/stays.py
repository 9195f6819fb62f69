"""Stays from scans: who was there from when to when, and how many minutes count.

Stays are computed from all of a person's scans in the order in which they happened, never in the order in which they
arrived: replaying a log of scans in any order, twice, gives the same attendance. Travel is not counted, only the time
between in and out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any, Literal

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from models.activities import LIVE, ActivitySession
from models.base import Instant, later
from models.identity import Person
from models.volunteers import Attendance, Scan

AGAIN = timedelta(minutes=1)
GRACE = 30
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
LONG = 240

Verdict = Literal["in", "out", "repeat", "elsewhere", "undone"]


@dataclass(slots=True)
class Stay:
    """What one attendance row should say. Mutable only while `attend` builds it."""

    session: ActivitySession
    came_at: datetime
    left_at: datetime | None = None
    auto_out: bool = False
    flags: set[str] = field(default_factory=set)
    minutes: int | None = None


class Day:
    """Walks through one person's scans in the order in which they happened. `verdicts` says, by nonce, what each was;
    `stays` what came of them. A scan that was taken back is passed over."""

    def __init__(self, scans: Iterable[Scan], now: datetime) -> None:
        self.stays: list[Stay] = []
        self.verdicts: dict[str, Verdict] = {}
        self._open: Stay | None = None
        self._counted: dict[int, datetime] = {}
        for scan in sorted(scans, key=_happened):
            if scan.voided_at is not None:
                self.verdicts[scan.nonce] = "undone"
                continue
            self._settle_before(scan)
            self.verdicts[scan.nonce] = self._judge(scan)
        self._settle_after(now)
        self._count_minutes()

    def of(self, session: ActivitySession) -> list[Stay]:
        return [stay for stay in self.stays if stay.session.id == session.id]

    def _judge(self, scan: Scan) -> Verdict:
        stay = self._open
        if stay is not None and stay.session.id != scan.session_id:
            return "elsewhere"
        twice = scan.way == "turn" and self._just_counted(scan)
        if twice or scan.way == ("out" if stay is None else "in"):
            return "repeat"
        self._counted[scan.session_id] = scan.occurred_at
        return self._come(scan) if stay is None else self._go(scan, stay)

    def _just_counted(self, scan: Scan) -> bool:
        last = self._counted.get(scan.session_id)
        return last is not None and scan.occurred_at - last < AGAIN

    def _come(self, scan: Scan) -> Verdict:
        self._open = Stay(scan.session, scan.occurred_at, flags=set(scan.flags))
        self.stays.append(self._open)
        return "in"

    def _go(self, scan: Scan, stay: Stay) -> Verdict:
        stay.left_at = scan.occurred_at
        stay.flags.update(scan.flags)
        self._open = None
        return "out"

    def _settle_before(self, scan: Scan) -> None:
        """Who forgot to leave one session may come to the next one."""
        stay = self._open
        if stay is not None and stay.session.id != scan.session_id and _is_past(stay, scan.occurred_at):
            self._end_by_itself(stay)

    def _settle_after(self, now: datetime) -> None:
        if self._open is not None and has_ended(self._open.session, now):
            self._end_by_itself(self._open)

    def _end_by_itself(self, stay: Stay) -> None:
        stay.left_at = max(stay.came_at, stay.session.last_moment)
        stay.auto_out = True
        stay.flags.add("auto_out")
        self._open = None

    def _count_minutes(self) -> None:
        """Whole minutes; all stays of one session together at most its planned length and half an hour."""
        spent: dict[int, int] = {}
        for stay in self.stays:
            if stay.left_at is None:
                continue
            held = stay.session
            room = held.planned_minutes + GRACE - spent.get(held.id, 0)
            stay.minutes = min((stay.left_at - stay.came_at) // timedelta(minutes=1), room)
            spent[held.id] = spent.get(held.id, 0) + stay.minutes
            if stay.minutes > LONG:
                stay.flags.add("long")


def _happened(scan: Scan) -> tuple[datetime, int, bool, str]:
    return scan.occurred_at, scan.session_id, scan.way == "out", scan.nonce


def has_ended(session: ActivitySession, now: datetime) -> bool:
    """Whether who is still checked in has forgotten to leave."""
    return session.state not in LIVE or now > session.shuts_at


def _is_past(stay: Stay, instant: datetime) -> bool:
    held = stay.session
    return instant > held.shuts_at or (held.state not in LIVE and instant >= held.last_moment)


# ---- writing stays down ------------------------------------------------------------------------------------


def write_stays(session: Session, person: Person, day: Day, held: Iterable[ActivitySession]) -> None:
    """Make the rows of these sessions say what `day` says. Rows are reused in order, so that ids last; the one that is
    open is written last, because the database allows one open row per person."""
    open_rows: list[tuple[Attendance | None, Stay]] = []
    for one in held:
        rows = _rows(session, person, one)
        for row, stay in zip_longest(rows, day.of(one)):
            if stay is None:
                session.delete(row)
            elif stay.left_at is None:
                open_rows.append((row, stay))
            else:
                _write(session, person, row, stay)
    session.flush()
    for row, stay in open_rows:
        _write(session, person, row, stay)
    session.flush()


def _rows(session: Session, person: Person, held: ActivitySession) -> Sequence[Attendance]:
    mine = select(Attendance).where(Attendance.person_id == person.id, Attendance.session_id == held.id)
    return session.scalars(mine.order_by(Attendance.came_at, Attendance.id)).all()


def _write(session: Session, person: Person, row: Attendance | None, stay: Stay) -> None:
    if row is None:
        row = Attendance(session_id=stay.session.id, person_id=person.id)
        session.add(row)
    values: dict[str, Any] = {"came_at": stay.came_at, "left_at": stay.left_at, "minutes": stay.minutes}
    values |= {"auto_out": stay.auto_out, "flags": sorted(stay.flags)}
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


# ---- what must be true ----------------------------------------------------------------------------------


def overlaps(session: Session) -> list[str]:
    """I7: nobody is at two places: in and out alternate, and no stay begins before the last one ended."""
    end = func.coalesce(Attendance.left_at, literal(NEVER, Instant))
    over_at = func.max(end, type_=Instant).over(
        partition_by=Attendance.person_id, order_by=(Attendance.came_at, Attendance.id), rows=(None, -1)
    )
    row = select(Attendance.id, Attendance.came_at, over_at.label("over_at"))
    stays = row.where(Attendance.person_id.is_not(None)).subquery()
    found = select(stays.c.id).where(stays.c.over_at > stays.c.came_at).order_by(stays.c.id)
    return [f"attendance {number} overlaps one before it" for number in session.scalars(found)]


def too_many_minutes(session: Session) -> list[str]:
    """I7: no person has more minutes at a session than it was long, and half an hour."""
    total = func.sum(Attendance.minutes)
    rows = session.execute(
        select(Attendance.session_id, Attendance.person_id, total)
        .join(ActivitySession, ActivitySession.id == Attendance.session_id)
        .where(Attendance.person_id.is_not(None))
        .group_by(Attendance.session_id, Attendance.person_id, ActivitySession.starts, ActivitySession.ends)
        .having(
            total > GRACE, later(ActivitySession.starts, total) > later(ActivitySession.ends, literal(GRACE))
        )
    )
    return [f"session {held}: person {person} has {minutes} minutes" for held, person, minutes in rows]


def still_open(session: Session) -> list[str]:
    """I7: nobody stays checked in at a session that is closed."""
    rows = session.scalars(
        select(Attendance.id)
        .join(Attendance.session)
        .where(Attendance.left_at.is_(None), ActivitySession.state == "closed")
    )
    return [f"attendance {key} is open in a closed session" for key in rows]
