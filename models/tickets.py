"""Numbers of the hall, and whose turn it is: walk-ins and checked-in visits in ONE fair line.

The rule, as it stands on the wall: 约好的人到点先叫,其余按取号先后. In full:

1. Who has booked and said that they are here is first from their time on, in the order of the times.
2. Everybody else is called in the order in which they came. Who has booked and has not come yet is nobody's turn: the
   line never waits for an empty chair.
3. Booked and here before the time: called early only when nobody else waits, so nobody loses by it.
4. Booked and later than the community's grace (VisitRule, a quarter of an hour): the place has gone to the line. They
   get a number like everybody who comes at that moment, behind those who waited in time; being first again would let
   the late pass the punctual.
5. Called and not there: aside. They come back behind the next BEHIND who wait, when they say that they are here or
   when ASIDE_FOR is over; after MOST_MISSED times the number ends.
6. Sent on to another service: their place there is the one of who came when they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.appointments import Appointment, appointments_on
from models.base import FLAT, Base, Instant, index_where
from models.identity import Person
from models.plans import Service
from models.slots import Slot
from models.windows import HallWindow

ASIDE_FOR = timedelta(minutes=10)
BEHIND = 2
MOST_MISSED = 2
TOLD_BEFORE = 2  # so many before somebody: time to come to the hall
LIVE = ("waiting", "called", "aside")
OVER = ("done", "no_show", "left", "closed")
IS_LIVE = "state IN ('waiting', 'called', 'aside')"
IS_KNOWN = "person_id IS NOT NULL OR code IS NOT NULL OR appointment_id IS NOT NULL"
MICROSECOND = timedelta(microseconds=1)

Stretch = tuple[datetime, datetime]  # of a day's work, from and until


class Ticket(Base):
    """One visit at the hall today: `waiting → called → done | no_show`, `called → aside → waiting`, and `left` (given
    back by its holder) or `closed` (the day ended before it).

    `came_at` never changes: waiting is counted from it. `since` is the place in the line, `due` the booked time while
    that still comes first. `person_id` only when the number was taken in WeChat or belongs to a booked visit; `code` is
    printed on the slip and is how the visit is rated. `window_id` is where it was called last; who sat there is
    `marked_by` and never public. `rung_at` is the last call, `called_at` the first
    of this turn. `for_window_id`: was sent on to this very window.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_ended_at", "ended_at"),
        index_where("ix_ticket_live", IS_LIVE, "day"),
        index_where("ix_ticket_known", IS_KNOWN, "day"),
        UniqueConstraint("day", "number"),
        CheckConstraint(
            "state IN ('waiting', 'called', 'aside', 'done', 'no_show', 'left', 'closed')", name="state"
        ),
        CheckConstraint(
            "state <> 'called' OR (window_id IS NOT NULL AND called_at IS NOT NULL)", name="called"
        ),
        CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'called', 'aside'))", name="ended"),
        Index(
            "uq_ticket_at_window",
            "window_id",
            unique=True,
            sqlite_where=text("state = 'called'"),
            postgresql_where=text("state = 'called'"),
        ),
        Index(
            "uq_ticket_of_person",
            "person_id",
            "service_id",
            unique=True,
            sqlite_where=text(f"appointment_id IS NULL AND {IS_LIVE}"),
            postgresql_where=text(f"appointment_id IS NULL AND {IS_LIVE}"),
        ),
        Index(
            "uq_ticket_of_appointment",
            "appointment_id",
            unique=True,
            sqlite_where=text(IS_LIVE),
            postgresql_where=text(IS_LIVE),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    day: Mapped[date]
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    came_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    since: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    due: Mapped[datetime | None] = mapped_column(Instant)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id", ondelete="SET NULL"))
    window_id: Mapped[int | None] = mapped_column(ForeignKey("hall_window.id"), index=True)
    for_window_id: Mapped[int | None] = mapped_column(ForeignKey("hall_window.id"))
    channel: Mapped[str] = mapped_column(String(10), default="console")
    code: Mapped[str | None] = mapped_column(String(6), unique=True)
    calls: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)
    back_at: Mapped[datetime | None] = mapped_column(Instant)
    soon_at: Mapped[datetime | None] = mapped_column(Instant)
    called_at: Mapped[datetime | None] = mapped_column(Instant)
    rung_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    marked_by: Mapped[int | None]

    service: Mapped[Service] = relationship(lazy="joined", innerjoin=FLAT)
    appointment: Mapped[Appointment | None] = relationship()
    person: Mapped[Person | None] = relationship()
    window: Mapped[HallWindow | None] = relationship(foreign_keys=[window_id])

    @property
    def waited(self) -> timedelta | None:
        """From coming, or from the booked time where that was later, to the last call."""
        if self.called_at is None:
            return None
        first = max(self.came_at, self.appointment.slot.starts) if self.appointment else self.came_at
        return max(self.called_at - first, timedelta())


@dataclass(frozen=True, slots=True)
class InLine:
    """One who waits: how many are called before, and about when, as things stand."""

    ticket: Ticket
    before: int
    about: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """Today's line: who is at a window, who waits (the next one first), who was called and not there, and who has
    been."""

    called: list[Ticket]
    waiting: list[InLine]
    aside: list[Ticket]
    over: list[Ticket]


# ---- the rule ------------------------------------------------------------------------------------------------------


def whose_turn(waiting: Sequence[Ticket], at: datetime) -> Ticket | None:
    """Rules 1 to 3."""
    due = [one for one in waiting if one.due is not None and one.due <= at]
    came = [one for one in waiting if one.due is None]
    if due:
        return min(due, key=_by_due)
    return min(came, key=_by_since) if came else min(waiting, key=_by_due, default=None)


def due_of(starts: datetime, came: datetime, grace: timedelta) -> datetime | None:
    """Rules 1 and 4: the booked time, unless they come too late for it."""
    return starts if came <= starts + grace else None


def place_behind(waiting: Sequence[Ticket], now: datetime) -> datetime:
    """Rule 5: the `since` of who comes back, behind the next BEHIND walk-ins."""
    before = sorted((one for one in waiting if one.due is None), key=_by_since)[:BEHIND]
    return before[-1].since + MICROSECOND if len(before) == BEHIND else now


def play_forward(waiting: Sequence[Ticket], lanes: int = 1, hours: Sequence[Stretch] = ()) -> list[InLine]:
    """At each turn whoever the rule calls then, as long as visits take; nobody between two of these hours."""
    left, at, line = list(waiting), at_work(clock.now(), hours), list[InLine]()
    while (one := whose_turn(left, at)) is not None:
        line.append(InLine(one, len(line), at))
        left.remove(one)
        at = at_work(at + timedelta(minutes=one.service.minutes) / max(1, lanes), hours)
    return line


def at_work(at: datetime, hours: Sequence[Stretch]) -> datetime:
    """This moment, or when work begins again. After the last hour there is no other: who was let in is still served."""
    if any(opens <= at < closes for opens, closes in hours):
        return at
    return min((opens for opens, _ in hours if opens > at), default=at)


def _by_due(one: Ticket) -> tuple[datetime, datetime, int]:
    return one.due or one.since, one.since, one.id


def _by_since(one: Ticket) -> tuple[datetime, int]:
    return one.since, one.id


# ---- who is in the line --------------------------------------------------------------------------------------------


def tickets_today(services: Sequence[Service] | None = None) -> Select[Ticket]:
    found = select(Ticket).where(Ticket.day == clock.today()).order_by(Ticket.number)
    return found if services is None else found.where(Ticket.service_id.in_([one.id for one in services]))


def waiting_now(session: Session, services: Sequence[Service]) -> list[Ticket]:
    """Who waits for any of these, in no order; a visit that was called off or marked elsewhere waits no more."""
    stands = or_(Ticket.appointment_id.is_(None), Appointment.state == "confirmed")
    found = tickets_today(services).outerjoin(Ticket.appointment).where(Ticket.state == "waiting", stands)
    return list(session.scalars(found))


def line_of(
    session: Session, services: Sequence[Service], lanes: int = 1, hours: Sequence[Stretch] = ()
) -> Line:
    """Today's line of these services as it stands."""
    rows = session.scalars(tickets_today(services)).all()
    called = [one for one in rows if one.state == "called"]
    return Line(
        called=sorted(called, key=lambda one: one.called_at or one.came_at),
        waiting=play_forward(waiting_now(session, services), lanes, hours),
        aside=[one for one in rows if one.state == "aside"],
        over=[one for one in rows if one.state in OVER],
    )


def still_to_come(session: Session, services: Sequence[Service], line: Line) -> list[Appointment]:
    """Booked visits of today that have no number in this line."""
    here = (*line.called, *line.aside, *(one.ticket for one in line.waiting))
    have = {one.appointment_id for one in here}
    return [one for one in expected_today(session, services) if one.id not in have]


def expected_today(session: Session, services: Sequence[Service]) -> list[Appointment]:
    """Today's booked visits that nobody has marked yet, in order of time."""
    ids = {one.id for one in services}
    found = session.scalars(appointments_on(clock.today()).where(Appointment.state == "confirmed"))
    return [one for one in found if one.slot.service_id in ids]


def live_of(person: Person) -> Select[Ticket]:
    """A person's numbers that still count, booked visits too."""
    return tickets_today().where(Ticket.person_id == person.id, Ticket.state.in_(LIVE))


def my_visits_today(session: Session, person: Person) -> list[Appointment]:
    """A person's booked visits of today at the hall that have no number yet."""
    mine = appointments_on(clock.today()).where(
        Appointment.person_id == person.id, Appointment.state == "confirmed"
    )
    at_hall = mine.join(Slot.service).where(Service.kind == "hall", Service.home_visit.is_(False))
    return [one for one in session.scalars(at_hall) if ticket_of(session, one) is None]


def ticket_of(session: Session, appointment: Appointment) -> Ticket | None:
    """The number of a booked visit that has come."""
    live = Ticket.appointment_id == appointment.id, Ticket.state.in_(LIVE)
    return session.scalar(tickets_today().where(*live))


# ---- what must always hold -----------------------------------------------------------------------------------------


def one_number_each(session: Session) -> Sequence[str]:
    """No number twice on a day, and nobody is called to two windows at once."""
    twice = select(Ticket.day, Ticket.number).group_by(Ticket.day, Ticket.number).having(func.count() > 1)
    broken = [f"number {number} of {day} was given twice" for day, number in session.execute(twice)]
    once = Ticket.person_id.is_not(None), Ticket.state == "called", Ticket.appointment_id.is_(None)
    both = (
        select(Ticket.person_id, Ticket.service_id).where(*once).group_by(Ticket.person_id, Ticket.service_id)
    )
    for person, service in session.execute(both.having(func.count() > 1)):
        broken.append(f"person {person} was called twice for service {service}")
    return broken


def states_are_whole(session: Session) -> Sequence[str]:
    """Who is at a window was called; aside has a time to come back; what is over has ended."""
    odd = select(Ticket.id, Ticket.state).where(
        or_(
            (Ticket.state == "aside") & Ticket.back_at.is_(None),
            (Ticket.state == "called") & (Ticket.calls < 1),
            Ticket.missed > MOST_MISSED,
        )
    )
    return [f"ticket {number} is {state} and cannot be" for number, state in session.execute(odd)]
