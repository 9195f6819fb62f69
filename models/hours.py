"""Hours nobody argues about (engine M4): what one person gave at one time, from provisional to posted.

Attendance says when somebody was there (stays.py); this says what the community stands for. A record is provisional
until the coordinator and, where somebody was served, that person have confirmed it; for 72 hours either may object;
then it is posted to the time bank, once, and is corrected only by a reversal and a new posting. Minutes are whole,
travel is not among them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from models.activities import ActivitySession
from models.base import Base, Instant, Sealed
from models.identity import Person
from models.ledger import TimeTransfer

DISPUTE_WITHIN = timedelta(hours=72)
STATES = ("provisional", "confirmed", "disputed", "posted", "void")


class ServiceHours(Base):
    """What one person gave on one occasion. `source` names it once and for all: "session:<id>" for a session that was
    attended, "wish:<id>" for a wish that was made true. `minutes` are what counts now, `counted` what was measured.

    `provisional → confirmed → posted`, with `disputed` in between when somebody objected (`objection`), and `void` when
    nothing is left of it. The coordinator is a member of staff (`staff_id`) or the leader (`leader_id`); `served_id` is
    who was served, if anybody, and `served_at` when they said yes. `person_id` is empty after an erasure."""

    __tablename__ = "service_hours"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint("minutes >= 0", name="minutes"),
        CheckConstraint("ended_at >= started_at", name="order"),
        CheckConstraint("state <> 'posted' OR transfer_id IS NOT NULL", name="posted"),
        UniqueConstraint("person_id", "source"),
        UniqueConstraint("transfer_id"),
        Index("ix_service_hours_state_dispute_until", "state", "dispute_until"),
        Index("ix_service_hours_person_id_started_at", "person_id", "started_at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    source: Mapped[str] = mapped_column(String(40))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("activity_session.id"), index=True)
    what: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(40), default="")
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime] = mapped_column(Instant)
    counted: Mapped[int]
    minutes: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="provisional")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    served_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    served_at: Mapped[datetime | None] = mapped_column(Instant)
    dispute_until: Mapped[datetime | None] = mapped_column(Instant)
    objection: Mapped[str | None] = mapped_column(Sealed("service_hours.objection"))
    objected_at: Mapped[datetime | None] = mapped_column(Instant)
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("time_transfer.id"))
    revision: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    served: Mapped[Person | None] = relationship(foreign_keys=[served_id])
    session: Mapped[ActivitySession | None] = relationship()
    transfer: Mapped[TimeTransfer | None] = relationship()
