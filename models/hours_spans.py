"""When somebody was busy by their records, so that no minute is counted twice, and how much of one day that is.

A session's record covers its stays, not the time between them: who left for another session and came back was at two
places in turn, not at once.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from models.hours import ServiceHours
from models.identity import Person
from models.volunteers import Attendance

Span = tuple[datetime, datetime]


def stays_at(session: Session, person_id: int, session_id: int) -> list[Attendance]:
    """The stays of one person at one session, in the order in which they came."""
    mine = Attendance.person_id == person_id, Attendance.session_id == session_id
    return list(session.scalars(select(Attendance).where(*mine).order_by(Attendance.came_at, Attendance.id)))


def spans_of(session: Session, row: ServiceHours) -> list[Span]:
    """When this person gave what the record says."""
    if row.session_id is None or row.person_id is None:
        return [(row.started_at, row.ended_at)]
    stays = stays_at(session, row.person_id, row.session_id)
    return [(one.came_at, one.left_at) for one in stays if one.left_at is not None] or [
        (row.started_at, row.ended_at)
    ]


def overlap(one: list[Span], other: list[Span]) -> bool:
    return any(a < d and c < b for a, b in one for c, d in other)


def rows_touching(
    session: Session, person: Person, since: datetime, until: datetime, but: int | None = None
) -> list[ServiceHours]:
    """Records of this person, void ones apart, whose time touches this one."""
    mine = (
        ServiceHours.person_id == person.id,
        ServiceHours.state != "void",
        ServiceHours.started_at < until,
        ServiceHours.ended_at > since,
    )
    rows = session.scalars(select(ServiceHours).where(*mine).order_by(ServiceHours.id))
    return [row for row in rows if row.id != but]


def overlaps_another(
    session: Session, person: Person, spans: list[Span], but: int | None = None
) -> ServiceHours | None:
    """A record of the same time, if there is one."""
    since, until = min(a for a, _ in spans), max(b for _, b in spans)
    near = rows_touching(session, person, since, until, but)
    return next((row for row in near if overlap(spans, spans_of(session, row))), None)


def busy_elsewhere(session: Session, person: Person, since: datetime, until: datetime) -> bool:
    """Whether a scan says that they were at a session in this time, open stays too."""
    mine = (
        Attendance.person_id == person.id,
        Attendance.came_at < until,
        (Attendance.left_at.is_(None)) | (Attendance.left_at > since),
    )
    return session.scalar(select(Attendance.id).where(*mine).limit(1)) is not None


def minutes_that_day(session: Session, person: Person, moment: datetime, but: int | None = None) -> int:
    """All that counts for this person on the community's day of `moment`, whatever its state, void apart."""
    day = clock.local(moment).date()
    since = clock.at(day, time())
    mine = (
        ServiceHours.person_id == person.id,
        ServiceHours.state != "void",
        ServiceHours.started_at >= since,
        ServiceHours.started_at < since + timedelta(days=1),
    )
    rows = session.execute(select(ServiceHours.id, ServiceHours.minutes).where(*mine))
    return sum(minutes for number, minutes in rows if number != but)
