"""The hall's day: no more numbers, the end of it, and what time does to the line."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, text, update

from app import audit, clock
from handlers.appointments import actions as appointments
from handlers.hall import telling, windows
from handlers.hall.calling import put_right
from handlers.hall.numbers import grace
from models import hall as model
from models.hall import SLIP_LIVES, HallDay
from models.identity import Actor
from models.refusal import Refusal
from models.tickets import IS_KNOWN, IS_LIVE, LIVE, Ticket, expected_today, ticket_of, tickets_today

TOLD_LATE = timedelta(minutes=30)  # later than that it would be no news
AFTER_CLOSING = timedelta(minutes=30)  # those who were let in are still served


def stop_numbers(by: Actor) -> HallDay:
    """No more numbers today; whoever waits is served."""
    day = _held(by)
    if day.closed_at is None:
        day.closed_at = clock.now()
        audit.note(by, "hall.stop_numbers", None, day=day.day.isoformat())
    return day


def give_numbers_again(by: Actor) -> HallDay:
    """Also after the day was ended by mistake; whoever was told to go takes a new number."""
    day = _held(by)
    day.closed_at = day.ended_at = None
    audit.note(by, "hall.give_numbers_again", None, day=day.day.isoformat())
    return day


def end_day(by: Actor) -> int:
    """Everybody who still waits hears that it is over for today; how many. Who is at a window was served."""
    day = _held(by)
    left = by.session.scalars(tickets_today().where(Ticket.state.in_(LIVE))).all()
    for ticket in left:
        if ticket.state != "called":
            telling.tell_day_over(by, ticket)
        _close(ticket)
    windows.empty_all(by)
    day.closed_at, day.ended_at = day.closed_at or clock.now(), clock.now()
    audit.note(by, "hall.end_day", None, day=day.day.isoformat(), count=len(left))
    return len(left)


def look_after(by: Actor) -> int:
    """Each minute: who was aside comes back, the day ends by itself, nothing is left of days before."""
    moved = _leave_nothing_behind(by)
    if model.today(by.session) is None:
        return moved
    day = model.hold_day(by.session)
    closes = model.closes_at(by.session)
    if day.ended_at is None and closes is not None and clock.now() > closes + AFTER_CLOSING:
        return moved + end_day(by)
    return moved + put_right(by) + _let_late_ones_go(by)


def forget_old(by: Actor) -> int:
    """A visit of two weeks ago is nobody's any more: it counts, and that is all."""
    old = Ticket.day < clock.today() - SLIP_LIVES
    gone = (
        update(Ticket)
        .where(old, text(f"({IS_KNOWN})"))
        .values(person_id=None, code=None, appointment_id=None)
    )
    count = len(by.session.scalars(gone.returning(Ticket.id)).all())
    if count:
        audit.note(by, "hall.forget", None, count=count)
    return count


def _let_late_ones_go(by: Actor) -> int:
    """A booked visit that has not come within the grace is told that the line goes on without it; only where somebody
    calls today, so that who is served without a number hears nothing wrong."""
    served = {
        service.id: service
        for window in by.session.scalars(model.windows())
        if window.calls
        for service in window.services
    }
    late, now = grace(by), clock.now()
    gone = [
        one
        for one in expected_today(by.session, list(served.values()))
        if one.released_at is None
        and one.called_at is None
        and late < now - one.slot.starts < late + TOLD_LATE
        and ticket_of(by.session, one) is None
    ]
    for one in gone:
        appointments.release_late(by, one)
    return len(gone)


def _leave_nothing_behind(by: Actor) -> int:
    """The house was not running at closing time."""
    left = by.session.scalars(select(Ticket).where(Ticket.day < clock.today(), text(IS_LIVE))).all()
    for ticket in left:
        _close(ticket)
    return len(left)


def _close(ticket: Ticket) -> None:
    ticket.state = "done" if ticket.state == "called" else "closed"
    ticket.ended_at, ticket.back_at = clock.now(), None


def _held(by: Actor) -> HallDay:
    if by.staff is None and by.channel != "job":
        raise Refusal("hall.staff_only")
    return model.hold_day(by.session)
