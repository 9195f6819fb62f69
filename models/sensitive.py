"""What the law calls sensitive (C3): in a table and under a key of its own, one consent for each kind, opened only with
a typed reason, shown to the person, and gone 90 days after the programme that needed it.

Never joined to lists, searches, tags, audiences or sheets.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Date, ForeignKey, LargeBinary, Select, String, UniqueConstraint, exists, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, RowKey, RowSealed, Sealed
from models.identity import Person
from models.people import Consent
from models.staff import StaffMember

KEPT_AFTER_PROGRAMME = timedelta(days=90)
SensitiveKind = Literal["id_number", "low_income", "disability", "health", "birth"]
KINDS: tuple[SensitiveKind, ...] = ("id_number", "low_income", "disability", "health", "birth")


class SensitiveFact(RowKey, Base):
    """One thing of one kind. `programme` is what needs it, `programme_ends` its last day."""

    __tablename__ = "sensitive_fact"
    __table_args__ = (UniqueConstraint("person_id", "kind"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    _value: Mapped[bytes] = mapped_column("value", LargeBinary)
    programme: Mapped[str] = mapped_column(String(40))
    programme_ends: Mapped[date] = mapped_column(Date)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    value = RowSealed[str]("sensitive_fact.value")
    person: Mapped[Person] = relationship()

    @property
    def goes_on(self) -> date:
        """The day on which it is taken away."""
        return self.programme_ends + KEPT_AFTER_PROGRAMME


class StaffReason(Base):
    """What a member of the staff did with somebody's record that needs a reason, and the reason in their words:
    opening a sensitive fact, correcting on behalf, writing down a consent given on paper."""

    __tablename__ = "staff_reason"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    action: Mapped[str] = mapped_column(String(40))
    about: Mapped[str | None] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Sealed("staff_reason.words"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember] = relationship()


def facts_of(person: Person) -> Select[SensitiveFact]:
    return select(SensitiveFact).where(SensitiveFact.person_id == person.id).order_by(SensitiveFact.id)


def fact_of(session: Session, person: Person, kind: str) -> SensitiveFact | None:
    return session.scalar(facts_of(person).where(SensitiveFact.kind == kind))


def facts_to_go() -> Select[SensitiveFact]:
    """Those whose programme ended 90 days ago, or whose consent has been taken back."""
    agreed = exists().where(
        Consent.person_id == SensitiveFact.person_id,
        Consent.purpose == SensitiveFact.kind,
        Consent.withdrawn_at.is_(None),
    )
    over = SensitiveFact.programme_ends < clock.today() - KEPT_AFTER_PROGRAMME
    return select(SensitiveFact).where(or_(over, ~agreed)).order_by(SensitiveFact.id)


def overdue_facts(session: Session) -> list[str]:
    """Nothing sensitive is older than its time and a day (trust L10), whatever became of the nightly job."""
    late = SensitiveFact.programme_ends < clock.today() - KEPT_AFTER_PROGRAMME - timedelta(days=1)
    found = session.scalars(select(SensitiveFact.id).where(late).order_by(SensitiveFact.id))
    return [f"sensitive fact {number} is kept too long" for number in found]


def id_number_covered(number: str) -> str:
    """11010519491231002X as ****************2X: enough to tell two papers apart."""
    return "*" * 16 + number[-2:]
