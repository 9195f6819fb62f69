"""Reports that only a few may read, as the common database knows them: that there is one, whose role it is, how far it
is, until when. Not a word of it, nobody who said it, not even the hour (trust C4); what was said lies in the
confidential database (models/guarded_reports.py) under the same receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import CheckConstraint, Select, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base
from models.receipts import spoken

DUE_WORKING_DAYS = 15


class GuardedMatter(Base):
    """`received → working → done`. `role` answers for it."""

    __tablename__ = "guarded_matter"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'working', 'done')", name="state"),
        CheckConstraint("state = 'done' OR due IS NOT NULL", name="due"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(7), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="received")
    said_on: Mapped[date] = mapped_column(default=clock.today)
    due: Mapped[date | None]
    ended_on: Mapped[date | None]
    late_told_on: Mapped[date | None]

    @property
    def number(self) -> str:
        return spoken(self.receipt)

    @property
    def is_open(self) -> bool:
        return self.state != "done"

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due is not None and self.due < clock.today()


def guarded_open() -> Select[GuardedMatter]:
    """What ends first stands first."""
    return (
        select(GuardedMatter)
        .where(GuardedMatter.state != "done")
        .order_by(GuardedMatter.due, GuardedMatter.id)
    )


def late_and_untold() -> Select[GuardedMatter]:
    today = clock.today()
    untold = or_(GuardedMatter.late_told_on.is_(None), GuardedMatter.late_told_on < today)
    return guarded_open().where(GuardedMatter.due < today, untold)


def none_late_unseen(session: Session) -> Sequence[str]:
    """I15: a report past its last day has rung the bell of its role."""
    found = session.scalars(
        guarded_open().where(GuardedMatter.due < clock.today(), GuardedMatter.late_told_on.is_(None))
    )
    return [f"guarded matter {one.id} is late and nobody was told" for one in found if _told_by_now(one)]


def _told_by_now(one: GuardedMatter) -> bool:
    """The morning after its last day is the job's; from the second day on it has had its turn."""
    return one.due is not None and (clock.today() - one.due).days > 1
