"""What goes to the national system of volunteer records (志愿服务条例 19): batches, and which row went with which.

A row is marked with the hash of the cells that were reported. What is new, corrected or taken back since differs from
its mark, and is all that the next batch of changes holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.registers import AGREED_FOR
from models.staff import StaffMember

ENTITIES = ("volunteers", "hours")


class NationalMapping(Base):
    """How one kind of record is written for the national system, when staff have changed what we came with: `columns`
    is [{"head", "field"}], `day_form` how a day is written."""

    __tablename__ = "national_mapping"

    entity: Mapped[str] = mapped_column(String(12), primary_key=True)
    columns: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    day_form: Mapped[str] = mapped_column(String(12))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class NationalBatch(Base):
    """One file for the national system: `waiting` for a second person, `agreed`, `refused`, `made`. `only_changes`:
    what was reported before and is still the same stays out."""

    __tablename__ = "national_batch"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'agreed', 'refused', 'made')", name="state"),
        CheckConstraint(f"entity IN ({', '.join(repr(entity) for entity in ENTITIES)})", name="entity"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(String(12))
    only_changes: Mapped[bool] = mapped_column(default=True)
    form: Mapped[str] = mapped_column(String(4))
    rows: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    sha256: Mapped[str | None] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    made_at: Mapped[datetime | None] = mapped_column(Instant)

    staff: Mapped[StaffMember] = relationship(foreign_keys=[staff_id])

    @property
    def may_be_made(self) -> bool:
        if self.state not in ("agreed", "made"):
            return False
        since = self.decided_at or self.asked_at
        return clock.now() < since + AGREED_FOR


class NationalMark(Base):
    """已上报: this record went with this batch, and its cells were these. It says nothing of whose record it is."""

    __tablename__ = "national_mark"
    __table_args__ = (Index("ix_national_mark_batch_id", "batch_id"), Base.__table_args__)

    entity: Mapped[str] = mapped_column(String(12), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    batch_id: Mapped[int] = mapped_column(ForeignKey("national_batch.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def batches() -> Select[NationalBatch]:
    return select(NationalBatch).order_by(NationalBatch.id.desc())


def waiting_batches() -> Select[NationalBatch]:
    return select(NationalBatch).where(NationalBatch.state == "waiting").order_by(NationalBatch.id)


def marks_of(session: Session, entity: str, numbers: Sequence[int]) -> dict[int, NationalMark]:
    mine = NationalMark.entity == entity, NationalMark.record_id.in_(numbers)
    return {mark.record_id: mark for mark in session.scalars(select(NationalMark).where(*mine))}


def decide(session: Session, batch: NationalBatch, state: str, by: StaffMember) -> bool:
    """waiting → agreed or refused, once."""
    moved: Any = (
        update(NationalBatch)
        .where(NationalBatch.id == batch.id, NationalBatch.state == "waiting")
        .values(state=state, decided_by_id=by.id, decided_at=clock.now())
        .returning(NationalBatch.id)
        .execution_options(synchronize_session=False)
    )
    decided = session.execute(moved).first() is not None
    session.refresh(batch)
    return decided
