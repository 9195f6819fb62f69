"""The timetable's memory: one row per job, claimed by a counted UPDATE, so that two schedulers do no harm."""

from datetime import datetime

from sqlalchemy import String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Instant

EXPIRED = "expired"


class Schedule(Base):
    """`next_due` moves forward when a process claims the run; one that comes too late expires, visibly."""

    __tablename__ = "schedule"

    job: Mapped[str] = mapped_column(String(80), primary_key=True)
    next_due: Mapped[datetime] = mapped_column(Instant, index=True)
    last_due: Mapped[datetime | None] = mapped_column(Instant)
    last_run_at: Mapped[datetime | None] = mapped_column(Instant)
    last_result: Mapped[str | None] = mapped_column(String(300))
    expired_runs: Mapped[int] = mapped_column(default=0)


def claim_run(session: Session, job: str, due: datetime, following: datetime) -> bool:
    """True for exactly one caller per due time: it moved `next_due` from `due` to `following`."""
    statement = (
        update(Schedule)
        .where(Schedule.job == job, Schedule.next_due == due)
        .values(next_due=following, last_due=due)
        .returning(Schedule.job)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None


def bring_forward(session: Session, job: str, soonest: datetime) -> None:
    """A run that lies further ahead than its next time is due at its next time."""
    too_far = (Schedule.job == job, Schedule.next_due > soonest)
    session.execute(update(Schedule).where(*too_far).values(next_due=soonest))
