"""Hours nobody argues about (engine M4): what one person gave at one time, from provisional to posted.

Attendance says when somebody was there (stays.py); this says what the community stands for. A record is provisional
until the coordinator and, where somebody was served, that person have confirmed it; for 72 hours either may object;
then it is posted to the time bank, once, and is corrected only by a reversal and a new posting. Minutes are whole,
travel is not among them.

What must always be true of all records together is in hours_checks.py, what waits for whom in hours_lists.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.activities import ActivitySession
from models.base import Base, Instant, Sealed, index_where
from models.identity import Person
from models.ledger import TimeTransfer
from models.staff import StaffMember

DISPUTE_WITHIN = timedelta(hours=72)
STATES = ("provisional", "confirmed", "disputed", "posted", "void")
LIVE = ("provisional", "confirmed", "disputed")


class ServiceHours(Base):
    """What one person gave on one occasion. `source` names it once and for all: "session:<id>" for a session that was
    attended, "wish:<id>" for a promise that was kept, "manual:<…>" for what staff wrote down. `minutes` are what counts
    now, `counted` what was measured, `seen` what was measured when the coordinator said yes: where a posted row has
    another `counted`, record and ledger differ and staff must look.

    `provisional → confirmed → posted`, with `disputed` in between when somebody objected (`objection`, `objected_by`),
    and `void` when nothing is left of it. The coordinator is one of the staff (`staff_id`) or the leader (`leader_id`);
    while only they said yes (`confirmed_at`) and the one who was served (`served_id`) has not (`served_at`), the row
    stays provisional. `flags` are what to look at first, `held_back` why the ledger would not take it. `person_id` is
    empty after an erasure. `revision` counts postings that were replaced: each has its own key in the ledger."""

    __tablename__ = "service_hours"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint("minutes >= 0", name="minutes"),
        CheckConstraint("ended_at >= started_at", name="order"),
        CheckConstraint("(state = 'posted') = (transfer_id IS NOT NULL)", name="posted"),
        CheckConstraint("state <> 'confirmed' OR dispute_until IS NOT NULL", name="window"),
        CheckConstraint("served_id IS NULL OR served_id <> person_id", name="served"),
        UniqueConstraint("person_id", "source"),
        UniqueConstraint("transfer_id"),
        Index("ix_service_hours_state_id", "state", "id"),
        index_where("ix_service_hours_differs", "seen IS NULL OR seen != counted", "state", "id"),
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
    seen: Mapped[int | None]
    flags: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(12), default="provisional")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    served_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    served_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    served_at: Mapped[datetime | None] = mapped_column(Instant)
    dispute_until: Mapped[datetime | None] = mapped_column(Instant)
    objection: Mapped[str | None] = mapped_column(Sealed("service_hours.objection"))
    objected_by: Mapped[str | None] = mapped_column(String(10))
    objected_at: Mapped[datetime | None] = mapped_column(Instant)
    held_back: Mapped[str | None] = mapped_column(String(20))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("time_transfer.id"))
    revision: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    served: Mapped[Person | None] = relationship(foreign_keys=[served_id])
    leader: Mapped[Person | None] = relationship(foreign_keys=[leader_id])
    staff: Mapped[StaffMember | None] = relationship()
    session: Mapped[ActivitySession | None] = relationship()
    transfer: Mapped[TimeTransfer | None] = relationship()

    @property
    def differs(self) -> bool:
        """Posted as one number, and the scans say another since."""
        return self.state == "posted" and self.seen != self.counted

    @property
    def waits_for_served(self) -> bool:
        """The coordinator said yes, who was served has not answered."""
        return self.state == "provisional" and self.confirmed_at is not None


class HoursStep(Base):
    """One thing that was done with a record, and why: its trail, for the staff and the volunteer. `minutes` are what
    counted after it. The words go when one of its persons is forgotten."""

    __tablename__ = "service_hours_step"
    __table_args__ = (Base.__table_args__,)

    id: Mapped[int] = mapped_column(primary_key=True)
    hours_id: Mapped[int] = mapped_column(ForeignKey("service_hours.id", ondelete="CASCADE"), index=True)
    did: Mapped[str] = mapped_column(String(20))
    minutes: Mapped[int]
    words: Mapped[str | None] = mapped_column(Sealed("service_hours_step.words"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember | None] = relationship()


class ServedAt(Base):
    """Who is served at a session, where it is one resident: a neighbour whose tap is mended. They are asked, too."""

    __tablename__ = "session_served"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("activity_session.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)

    person: Mapped[Person] = relationship()


class HoursTerms(Base):
    """What the community set, in one row: how much of one person's day counts before staff must look, and how long who
    was served is waited for."""

    __tablename__ = "hours_terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    most_a_day: Mapped[int] = mapped_column(default=480)
    served_days: Mapped[int] = mapped_column(default=3)


def terms(session: Session) -> HoursTerms:
    """The community's terms; what a new installation has until somebody says otherwise."""
    return session.get(HoursTerms, 1) or HoursTerms(most_a_day=480, served_days=3)


# ---- finding -----------------------------------------------------------------------------------------------


def row_of(session: Session, person: Person, source: str) -> ServiceHours | None:
    """This person's record of this occasion, kept still until the unit ends."""
    mine = select(ServiceHours).where(ServiceHours.person_id == person.id, ServiceHours.source == source)
    return session.scalar(mine.with_for_update().execution_options(populate_existing=True))


def hold(session: Session, row: ServiceHours) -> ServiceHours:
    """Keep it still and read it fresh: whoever came first is seen."""
    same = select(ServiceHours).where(ServiceHours.id == row.id)
    return session.scalars(same.with_for_update().execution_options(populate_existing=True)).one()


def hours_of(person: Person) -> Select[ServiceHours]:
    """A person's records, the latest first; those of which nothing is left are not among them."""
    return (
        select(ServiceHours)
        .where(ServiceHours.person_id == person.id, ServiceHours.state != "void")
        .order_by(ServiceHours.started_at.desc(), ServiceHours.id.desc())
    )


def posted_between(person: Person, since: datetime, until: datetime) -> Select[ServiceHours]:
    """What stands in the time bank of the services that began in this time (`until` is not in it), the oldest first."""
    return (
        select(ServiceHours)
        .where(
            ServiceHours.person_id == person.id,
            ServiceHours.state == "posted",
            ServiceHours.started_at >= since,
            ServiceHours.started_at < until,
        )
        .order_by(ServiceHours.started_at, ServiceHours.id)
    )


def minutes_by_state(session: Session, person: Person) -> dict[str, int]:
    """How many minutes of this person are provisional, confirmed, disputed and posted."""
    rows = session.execute(
        select(ServiceHours.state, func.sum(ServiceHours.minutes))
        .where(ServiceHours.person_id == person.id, ServiceHours.state != "void")
        .group_by(ServiceHours.state)
    )
    return {state: 0 for state in STATES if state != "void"} | {state: int(sum_) for state, sum_ in rows}


def steps_of(row: ServiceHours) -> Select[HoursStep]:
    return select(HoursStep).where(HoursStep.hours_id == row.id).order_by(HoursStep.id)
