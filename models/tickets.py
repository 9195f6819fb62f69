"""Who waits in the hall today: walk-in numbers, merged with the booked visits into one fair line.

Who has booked is called at their time; in between, walk-ins are called in the order of their numbers. Nobody is asked
for a name to get a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.appointments import Appointment, appointments_on
from models.base import Base, Instant
from models.plans import Service


class Ticket(Base):
    """One walk-in: `waiting → called → done | no_show`. Numbers begin at 1 for each service each day."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("service_id", "day", "number"),
        CheckConstraint("state IN ('waiting', 'called', 'done', 'no_show')", name="state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    day: Mapped[date]
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    came_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    called_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    marked_by: Mapped[int | None]

    service: Mapped[Service] = relationship(lazy="joined", innerjoin=True)


@dataclass(frozen=True, slots=True)
class InLine:
    """One who waits or was called: booked or with a number. `about` is when their turn will be, as things stand."""

    who: Appointment | Ticket
    about: datetime

    @property
    def booked(self) -> Appointment | None:
        return self.who if isinstance(self.who, Appointment) else None

    @property
    def ticket(self) -> Ticket | None:
        return self.who if isinstance(self.who, Ticket) else None


@dataclass(frozen=True, slots=True)
class Line:
    """Today's line of one service: who is at the window now, and who waits, the next one first."""

    called: list[Appointment | Ticket]
    waiting: list[InLine]
    over: list[Appointment | Ticket]


def hold_line(session: Session, service: Service) -> None:
    """Numbers are given and people called one after the other."""
    session.execute(select(Service.id).where(Service.id == service.id).with_for_update(key_share=True))


def tickets_of(service: Service, day: date) -> Select[Ticket]:
    return select(Ticket).where(Ticket.service_id == service.id, Ticket.day == day).order_by(Ticket.number)


def next_number(session: Session, service: Service) -> int:
    """Behind `hold_line`."""
    today = Ticket.service_id == service.id, Ticket.day == clock.today()
    return (session.scalar(select(func.max(Ticket.number)).where(*today)) or 0) + 1


def line_of(session: Session, service: Service) -> Line:
    """Today's line as it stands."""
    booked = session.scalars(appointments_on(clock.today(), service)).all()
    tickets = session.scalars(tickets_of(service, clock.today())).all()
    waiting = [one for one in booked if one.state == "confirmed" and one.called_at is None]
    called = [one for one in booked if one.state == "confirmed" and one.called_at is not None]
    called_tickets = [one for one in tickets if one.state == "called"]
    walked_in = [one for one in tickets if one.state == "waiting"]
    over: list[Appointment | Ticket] = [one for one in booked if one.state != "confirmed"]
    over += [one for one in tickets if one.state in ("done", "no_show")]
    return Line(
        called=sorted([*called, *called_tickets], key=lambda one: one.called_at or clock.now()),
        waiting=_merged(waiting, walked_in, service),
        over=over,
    )


def _merged(booked: Sequence[Appointment], tickets: Sequence[Ticket], service: Service) -> list[InLine]:
    """Play it forward: at each turn whoever has booked and whose time has come, else the next number."""
    each = timedelta(minutes=service.minutes) / max(1, service.capacity)
    first, then, at = list(booked), list(tickets), clock.now()
    line = []
    while first or then:
        is_due = bool(first) and (first[0].slot.starts <= at or not then)
        if is_due:
            at = max(at, first[0].slot.starts)
        line.append(InLine(first.pop(0) if is_due else then.pop(0), at))
        at += each
    return line
