"""Somebody has died, and a close relative asks for their record: a copy of it, or that it is deleted (trust L07). One
member of the staff writes down the proof, a second one decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from models.base import Base, Instant, Sealed
from models.identity import Person
from models.staff import StaffMember

WISHES = ("delete", "copy")


class DeathReport(Base):
    """`proof` says which paper was seen and what was written on it; `state` is waiting, agreed or refused."""

    __tablename__ = "death_report"
    __table_args__ = (
        Index(
            "uq_death_report_waiting",
            "person_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    wish: Mapped[str] = mapped_column(String(10))
    relative: Mapped[str | None] = mapped_column(Sealed("death_report.relative"))
    proof: Mapped[str | None] = mapped_column(Sealed("death_report.proof"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person] = relationship()
    reported_by: Mapped[StaffMember] = relationship(foreign_keys=[reported_by_id])
    decided_by: Mapped[StaffMember | None] = relationship(foreign_keys=[decided_by_id])


def reports() -> Select[DeathReport]:
    """What waits first, then the latest."""
    return select(DeathReport).order_by(DeathReport.state != "waiting", DeathReport.id.desc())
