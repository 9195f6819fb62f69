"""Who leads: of all schedulers one runs the timetable, the others stand by. The lead is a row of the timetable itself.

A lease by the database's clock, so that hosts whose clocks differ agree (one that ends far later than a lease may was
given before that clock was set back, and is over). It is taken and kept by one counted UPDATE; whoever stops (or hangs)
is followed when the lease has run out. It spares work and nothing more: a leader who wakes up
late does no harm, because every run is claimed by a counted UPDATE of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import case, func, literal, or_, select, update
from sqlalchemy.orm import Session

from models.base import EPOCH, Instant, insert_once
from models.schedule import Schedule

ROW = "house.leader"
LEASE = timedelta(seconds=5)
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """`holder` has led since `since` and leads until `until`, unless it is renewed."""

    holder: str
    since: datetime
    until: datetime


def lead(session: Session, me: str, *, dead: str = NOBODY) -> bool:
    """Take the lead or keep it; whether it is mine now. `dead` is a holder who is known to have ended."""
    now = right_now(session)
    insert_once(
        session, Schedule, job=ROW, next_due=EPOCH, last_due=EPOCH, last_result=NOBODY, expired_runs=0
    )
    mine = Schedule.last_result == me
    # Who waited for the row knows an older now than who got it: a lease given meanwhile is not one of before the clock
    # was set back.
    over = or_(Schedule.next_due <= now, Schedule.next_due > now + 2 * LEASE)
    free = or_(mine, over, Schedule.last_result == dead)
    taken = (
        update(Schedule)
        .where(Schedule.job == ROW, free)
        .values(
            next_due=now + LEASE,
            last_result=me,
            last_due=case((mine, Schedule.last_due), else_=literal(now, Instant())),
        )
        .returning(Schedule.job)
        .execution_options(synchronize_session=False)
    )
    return session.execute(taken).first() is not None


def leave(session: Session, me: str) -> None:
    """Give the lead back, so that the next one need not wait."""
    mine = (Schedule.job == ROW, Schedule.last_result == me)
    session.execute(update(Schedule).where(*mine).values(next_due=EPOCH, last_result=NOBODY))


def leader(session: Session) -> Lead | None:
    """Who leads now; None when the lease has run out or nobody ever led."""
    found = session.execute(
        select(Schedule.last_result, Schedule.last_due, Schedule.next_due).where(Schedule.job == ROW)
    ).first()
    if found is None or not found.last_result or found.next_due <= right_now(session):
        return None
    return Lead(found.last_result, found.last_due, found.next_due)


def last_holder(session: Session) -> str:
    """Who led last, whether or not the lease still runs."""
    return session.scalar(select(Schedule.last_result).where(Schedule.job == ROW)) or NOBODY


def right_now(session: Session) -> datetime:
    """By the clock that all hosts share: the database server's, or this machine's for a file. Never a moved one."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    told: datetime = session.scalar(select(func.clock_timestamp()))  # type: ignore[assignment]
    return told.astimezone(UTC)
