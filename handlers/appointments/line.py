"""Today's line at the counter: numbers for walk-ins, the next one called, and what became of them.

Everything that counts or calls holds the line of the service first, so that two clerks never call the same neighbour.
"""

from __future__ import annotations

from app import audit, clock
from models.appointments import Appointment
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.tickets import Ticket, hold_line, line_of, next_number

OUTCOMES = ("done", "no_show")


def take_number(by: Actor, service: Service) -> Ticket:
    """The next number of today. Refuses with appointments.no_line for what is closed or comes to people's homes."""
    _must_be_staff(by)
    if not service.is_open or service.home_visit:
        raise Refusal("appointments.no_line", service=service)
    hold_line(by.session, service)
    ticket = Ticket(service=service, day=clock.today(), number=next_number(by.session, service))
    by.session.add(ticket)
    audit.note(by, "appointments.take_number", ticket, service=service.id)
    return ticket


def call_next(by: Actor, service: Service) -> Appointment | Ticket:
    """Whoever's turn it is comes to the window. Refuses with appointments.nobody_waits."""
    _must_be_staff(by)
    hold_line(by.session, service)
    line = line_of(by.session, service)
    if not line.waiting:
        raise Refusal("appointments.nobody_waits", service=service)
    turn = line.waiting[0].who
    turn.called_at = clock.now()
    if isinstance(turn, Ticket):
        turn.state = "called"
    audit.note(by, "appointments.call_next", turn, service=service.id)
    return turn


def call_again(by: Actor, who: Appointment | Ticket) -> None:
    """Back into the line: they were called and are not there yet, or by mistake."""
    _must_be_staff(by)
    hold_line(by.session, who.service)
    by.session.refresh(who)
    who.called_at = None
    if isinstance(who, Ticket):
        who.state, who.ended_at, who.marked_by = "waiting", None, None
    audit.note(by, "appointments.call_again", who)


def end_ticket(by: Actor, ticket: Ticket, outcome: str) -> Ticket:
    """Done, or nobody came when the number was called."""
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    hold_line(by.session, ticket.service)
    by.session.refresh(ticket)
    ticket.state, ticket.ended_at = outcome, clock.now()
    ticket.marked_by = _must_be_staff(by)
    audit.note(by, f"appointments.ticket_{outcome}", ticket)
    return ticket


def _must_be_staff(by: Actor) -> int:
    if by.staff is None:
        raise Refusal("appointments.staff_only")
    return by.staff.id
