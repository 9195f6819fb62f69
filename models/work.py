"""Long work that somebody of the staff asked for: an import, an export, a poster, followers to be fetched.

No request holds a thread: it writes a row, the scheduler's hands do the work, the page polls the row. A worker that
was killed loses its lease and another takes the row up, so every kind of work can be done again without harm.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, SealedJSON
from models.stored_file import StoredFile

LEASE = timedelta(seconds=60)
MOST_TRIES = 3
LONGEST_WORDS = 200


class Work(Base):
    """`waiting → running (lease) → done | failed | stopped`. `facts` say what to do, `result` what came of it, `words`
    how far it is (never a name or a phone); `total` is 0 while nobody knows how much there is."""

    __tablename__ = "work"
    __table_args__ = (
        Index(
            "ix_work_open",
            "lease_until",
            postgresql_where=text("state IN ('waiting', 'running')"),
            sqlite_where=text("state IN ('waiting', 'running')"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(SealedJSON("work.facts"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(SealedJSON("work.result"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    asked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    file: Mapped[StoredFile | None] = relationship()

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "stopped")

    @property
    def percent(self) -> int | None:
        """None while nobody knows how much there is."""
        return min(100, 100 * self.done // self.total) if self.total else None


def of_staff(staff_id: int) -> Select[Work]:
    """What this member of staff asked for, the newest first."""
    return select(Work).where(Work.staff_id == staff_id).order_by(Work.id.desc())


def claim(session: Session) -> Work | None:
    """The oldest piece that nobody is at, for one lease; what failed too often ends here."""
    now = clock.now()
    is_open = Work.state.in_(("waiting", "running")), Work.lease_until <= now
    worn_out = update(Work).where(*is_open, Work.tries >= MOST_TRIES)
    session.execute(worn_out.values(state="failed", words="试了几次都没有做完。", ended_at=now))
    oldest = select(Work.id).where(*is_open).order_by(Work.id).limit(1).with_for_update(skip_locked=True)
    taken = (
        update(Work)
        .where(Work.id.in_(oldest))
        .values(state="running", lease_until=now + LEASE, tries=Work.tries + 1)
        .returning(Work.id)
        .execution_options(synchronize_session=False)
    )
    number = session.scalar(taken)
    return None if number is None else session.get(Work, number, populate_existing=True)


def keep(session: Session, number: int, tries: int, **values: Any) -> bool:
    """Write down how far this try has come, and renew its lease; False when it was stopped or overtaken."""
    mine = Work.id == number, Work.tries == tries, Work.state == "running"
    kept = update(Work).where(*mine).values(lease_until=clock.now() + LEASE, **values).returning(Work.id)
    return session.execute(kept.execution_options(synchronize_session=False)).first() is not None


def stop(session: Session, number: int) -> bool:
    """Whoever asked does not want it any more; what was done so far is said by the kind of work."""
    not_over = Work.id == number, Work.state.in_(("waiting", "running"))
    stopped = update(Work).where(*not_over).values(state="stopped", ended_at=clock.now()).returning(Work.id)
    return session.execute(stopped.execution_options(synchronize_session=False)).first() is not None


def over_before(before: datetime) -> Select[Work]:
    return select(Work).where(or_(Work.ended_at < before, Work.asked_at < before))
