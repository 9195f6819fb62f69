"""At the window: the next one is called, called again, set aside, served, sent on.

Everything holds the hall's day first, so that two clerks never call the same neighbour.
"""

from __future__ import annotations

from sqlalchemy import select

from app import audit, clock
from handlers.appointments import actions as appointments
from handlers.hall import telling
from handlers.hall.numbers import back_in_line, hold, leave
from models import hall as model
from models.appointments import Appointment
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.staff import StaffMember
from models.tickets import (
    ASIDE_FOR,
    LIVE,
    MOST_MISSED,
    InLine,
    Ticket,
    play_forward,
    tickets_today,
    waiting_now,
    whose_turn,
)
from models.windows import HallWindow

OUTCOMES = ("done", "no_show")


def call_next(by: Actor, window: HallWindow) -> Ticket:
    """Whoever's turn it is comes to this window. Refuses with hall.not_your_window, .window_paused, .still_here,
    .nobody_waits."""
    model.hold_day(by.session)
    _must_call_here(by, window)
    put_right(by)
    turn = whose_turn(_who_may_come(by, window), clock.now())
    if turn is None:
        raise Refusal("hall.nobody_waits")
    _call(by, turn, window)
    telling.tell_who_is_near(by, turn.service)
    return turn


def call_again(by: Actor, ticket: Ticket) -> Ticket:
    """Once more on the screen, and once more by message. Refuses with hall.not_called."""
    _must_be(by, ticket, "called")
    window = by.session.get_one(HallWindow, ticket.window_id)
    ticket.calls, ticket.rung_at = ticket.calls + 1, clock.now()
    audit.note(by, "hall.call_again", ticket, window=window.id)
    telling.tell_called(by, ticket, window)
    return ticket


def put_back(by: Actor, ticket: Ticket) -> Ticket:
    """Called by mistake: back to their own place."""
    _must_be(by, ticket, "called")
    _wait_again(by, ticket)
    audit.note(by, "hall.put_back", ticket)
    return ticket


def set_aside(by: Actor, ticket: Ticket) -> Ticket:
    """Called and not there: others go first, and they are called once more later; then the number ends."""
    _must_be(by, ticket, "called")
    if ticket.missed + 1 >= MOST_MISSED:
        return _end(by, ticket, "no_show")
    ticket.state, ticket.missed, ticket.due = "aside", ticket.missed + 1, None
    ticket.back_at, ticket.for_window_id = clock.now() + ASIDE_FOR, None
    audit.note(by, "hall.set_aside", ticket)
    telling.tell_aside(by, ticket)
    return ticket


def finish(by: Actor, ticket: Ticket, outcome: str) -> Ticket:
    """Served, or nobody came. Refuses with hall.not_called."""
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    _must_be(by, ticket, *(LIVE if outcome == "no_show" else ("called",)))
    return _end(by, ticket, outcome)


def take_back(by: Actor, ticket: Ticket) -> Ticket:
    """Marked by mistake: into the line again, to their old place. Refuses with hall.not_over, .has_number."""
    _must_be_staff(by)
    hold(by, ticket)
    if ticket.state not in OUTCOMES or ticket.day != clock.today():
        raise Refusal("hall.not_over", ticket=ticket)
    _check_no_other(by, ticket)
    if ticket.appointment is not None and ticket.appointment.state in OUTCOMES:
        appointments.unmark(by, ticket.appointment)
    ticket.ended_at = ticket.marked_by = None
    ticket.missed = 0
    _wait_again(by, ticket)
    audit.note(by, "hall.take_back", ticket)
    return ticket


def send_on(
    by: Actor, ticket: Ticket, service: Service | None = None, window: HallWindow | None = None
) -> Ticket:
    """To another service, or to a certain window; what they have waited counts there. Refuses with hall.no_numbers,
    .not_called, .has_number, .nowhere."""
    _must_be(by, ticket, "called")
    to = service or ticket.service
    if window is None and to.id == ticket.service_id:
        raise Refusal("hall.nowhere")
    if not model.is_at_hall(to):
        raise Refusal("hall.no_numbers", service=to)
    before, ticket.service = ticket.service_id, to
    _check_no_other(by, ticket)
    _wait_again(by, ticket)
    ticket.for_window_id = window.id if window is not None else None
    facts = {"before": before, "service": to.id, "window": ticket.for_window_id}
    audit.note(by, "hall.send_on", ticket, **facts)
    telling.tell_who_is_near(by, to)
    return ticket


def serve_at_once(by: Actor, window: HallWindow, service: Service) -> Ticket:
    """A question that took a minute: nobody waited for it, and it is counted all the same."""
    day, staff = model.hold_day(by.session), _must_sit(by, window)
    if service not in window.services:
        raise Refusal("hall.no_numbers", service=service)
    day.last_number += 1
    now = clock.now()
    ticket = Ticket(
        service=service,
        day=day.day,
        number=day.last_number,
        code=model.new_code(by.session),
        state="done",
        calls=1,
        channel=by.channel,
        window_id=window.id,
        marked_by=staff.id,
        **dict.fromkeys(("came_at", "since", "soon_at", "called_at", "ended_at"), now),
    )
    by.session.add(ticket)
    audit.note(by, "hall.serve_at_once", ticket, service=service.id)
    return ticket


def line_at(by: Actor, window: HallWindow) -> list[InLine]:
    """Who is called at this window, the next one first, as things stand."""
    return play_forward(_who_may_come(by, window))


def put_right(by: Actor) -> int:
    """Who was aside long enough comes back, and a visit that was called off or marked elsewhere waits no more; how
    many. The day is held by whoever asks."""
    by.session.flush()
    back = tickets_today().where(Ticket.state == "aside", Ticket.back_at <= clock.now())
    returned = by.session.scalars(back).all()
    for ticket in returned:
        back_in_line(by, ticket)
    gone = (
        tickets_today()
        .join(Ticket.appointment)
        .where(Ticket.state.in_(LIVE), Appointment.state != "confirmed")
    )
    dropped = by.session.scalars(gone).all()
    for ticket in dropped:
        leave(by, ticket)
    return len(returned) + len(dropped)


# ---- steps ---------------------------------------------------------------------------------------------------------


def _who_may_come(by: Actor, window: HallWindow) -> list[Ticket]:
    """Those who wait for what is done here, but for those who were sent to another window; sent here, any service."""
    here = [one for one in waiting_now(by.session, window.services) if one.for_window_id in (None, window.id)]
    sent = tickets_today().where(Ticket.state == "waiting", Ticket.for_window_id == window.id)
    return list({one.id: one for one in (*here, *by.session.scalars(sent))}.values())


def _call(by: Actor, ticket: Ticket, window: HallWindow) -> None:
    ticket.state, ticket.window_id = "called", window.id
    ticket.called_at = ticket.rung_at = clock.now()
    ticket.calls += 1
    if ticket.appointment is not None:
        appointments.note_called(by, ticket.appointment, ticket.called_at)
    audit.note(by, "hall.call_next", ticket, window=window.id)
    telling.tell_called(by, ticket, window)


def _wait_again(by: Actor, ticket: Ticket) -> None:
    ticket.state, ticket.window_id, ticket.called_at = "waiting", None, None
    if ticket.appointment is not None:
        appointments.note_called(by, ticket.appointment, None)


def _end(by: Actor, ticket: Ticket, outcome: str) -> Ticket:
    ticket.state, ticket.ended_at, ticket.back_at = outcome, clock.now(), None
    ticket.marked_by = _must_be_staff(by).id
    if ticket.appointment is not None and ticket.appointment.state == "confirmed":
        mark = appointments.mark_done if outcome == "done" else appointments.mark_no_show
        appointments.note_called(by, ticket.appointment, ticket.called_at or clock.now())
        mark(by, ticket.appointment)
    audit.note(by, f"hall.{outcome}", ticket, service=ticket.service_id, window=ticket.window_id)
    return ticket


def _check_no_other(by: Actor, ticket: Ticket) -> None:
    """Nobody has two numbers for one service."""
    if ticket.person_id is None or ticket.appointment_id is not None:
        return
    same = Ticket.person_id == ticket.person_id, Ticket.service_id == ticket.service.id
    with by.session.no_autoflush:
        other = select(Ticket).where(*same, Ticket.state.in_(LIVE), Ticket.appointment_id.is_(None))
        found = by.session.scalar(other.where(Ticket.id != ticket.id).limit(1))
    if found is not None:
        raise Refusal("hall.has_number", ticket=found)


def _must_be(by: Actor, ticket: Ticket, *states: str) -> None:
    _must_be_staff(by)
    hold(by, ticket)
    if ticket.state not in states:
        raise Refusal("hall.not_called", ticket=ticket)


def _must_sit(by: Actor, window: HallWindow) -> StaffMember:
    staff = _must_be_staff(by)
    by.session.refresh(window)
    if window.staff_id != staff.id or not window.is_open:
        raise Refusal("hall.not_your_window", window=window)
    return staff


def _must_call_here(by: Actor, window: HallWindow) -> None:
    _must_sit(by, window)
    if window.paused_at is not None:
        raise Refusal("hall.window_paused", window=window)
    here = by.session.scalar(select(Ticket).where(Ticket.state == "called", Ticket.window_id == window.id))
    if here is not None:
        raise Refusal("hall.still_here", ticket=here)


def _must_be_staff(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("hall.staff_only")
    return by.staff
