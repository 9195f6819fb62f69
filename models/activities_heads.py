"""Heads counted at a hike: out and back must be the same number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.activities import ActivitySession
from models.base import Base, Instant

WAYS = ("out", "on_the_way", "back")


class HeadCount(Base):
    """One counting. `expected` is how many had been checked in, or signed up, at that moment."""

    __tablename__ = "head_count"
    __table_args__ = (
        CheckConstraint("way IN ('out', 'on_the_way', 'back')", name="way"),
        CheckConstraint("counted >= 0", name="counted"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id", ondelete="CASCADE"), index=True)
    way: Mapped[str] = mapped_column(String(10))
    counted: Mapped[int]
    expected: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def counts_of(held: ActivitySession) -> Select[HeadCount]:
    return select(HeadCount).where(HeadCount.session_id == held.id).order_by(HeadCount.id)


def missing_heads(session: Session, held: ActivitySession) -> int | None:
    """How many more went out than were counted since, by the last counts of each; None before the second."""
    last = {one.way: one.counted for one in session.scalars(counts_of(held))}
    since = next((last[way] for way in ("back", "on_the_way") if way in last), None)
    return last["out"] - since if "out" in last and since is not None else None
