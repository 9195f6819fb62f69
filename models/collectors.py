"""Who may collect a child: a list that its guardian keeps, and a code that changes every day.

The code is computed, never stored: it is shown to the guardian alone, who gives it to whoever comes today.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.activities import ActivitySession, Enrolment
from models.base import Base, Instant, RowKey, RowSealed
from models.identity import Person
from models.proxies import Proxy

DIGITS = 6
MOST_COLLECTORS = 6


class Collector(RowKey, Base):
    """Somebody who may collect this child, with the guardian's word (`agreed_at`), until it is taken back."""

    __tablename__ = "collector"

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    guardian_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    _name: Mapped[bytes] = mapped_column("name", LargeBinary)
    _tail: Mapped[bytes] = mapped_column("tail", LargeBinary)
    agreed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    name = RowSealed[str]("collector.name")
    tail = RowSealed[str]("collector.tail")
    child: Mapped[Person] = relationship(foreign_keys=[child_id])
    guardian: Mapped[Person] = relationship(foreign_keys=[guardian_id])


def code_of(child: Person, day: date) -> str:
    """Today's six digits; another child's, or tomorrow's, follow from nothing that one knows."""
    drawn = privacy.keyring().blind("collector.code", f"{child.id}:{day.isoformat()}")
    return f"{int.from_bytes(drawn.encode()[:16], 'big') % 10**DIGITS:0{DIGITS}d}"


def collectors_of(child: Person) -> Select[Collector]:
    """Those whom a guardian who still is one has named."""
    still = (
        select(Proxy.id)
        .where(
            Proxy.holder_id == Collector.guardian_id,
            Proxy.ward_id == Collector.child_id,
            Proxy.kind == "guardian",
            Proxy.ended_at.is_(None),
        )
        .exists()
    )
    live = Collector.child_id == child.id, Collector.ended_at.is_(None), still
    return select(Collector).where(*live).order_by(Collector.id)


def guardians_of(session: Session, child: Person) -> list[Person]:
    live = Proxy.ward_id == child.id, Proxy.kind == "guardian", Proxy.ended_at.is_(None)
    found = select(Person).join(Proxy, Proxy.holder_id == Person.id).where(*live).order_by(Proxy.id)
    return list(session.scalars(found))


def wards_of(person: Person) -> Select[Person]:
    """The children whose guardian this person is."""
    live = Proxy.holder_id == person.id, Proxy.kind == "guardian", Proxy.ended_at.is_(None)
    return select(Person).join(Proxy, Proxy.ward_id == Person.id).where(*live).order_by(Proxy.id)


def children_in(session: Session, held: ActivitySession) -> list[Person]:
    """Those with a guardian on file who have joined this session."""
    joined = Enrolment.session_id == held.id, Enrolment.state == "joined", Enrolment.comes
    wards = select(Proxy.ward_id).where(Proxy.kind == "guardian", Proxy.ended_at.is_(None))
    found = select(Person).join(Enrolment, Enrolment.person_id == Person.id)
    return list(session.scalars(found.where(*joined, Person.id.in_(wards)).order_by(Person.id)))
