"""What the desk writes down of a visit: they came, they did not, it was a mistake, they were told by telephone."""

from __future__ import annotations

from datetime import datetime, timedelta

from app import audit, clock
from handlers.appointments.holding import hold, must_be_staff
from handlers.appointments.striking import follow_mark
from models.appointments import Appointment, waiting_for_a_mark
from models.identity import Actor
from models.reasons import VisitReason, reason_named
from models.refusal import Refusal


def mark_done(by: Actor, appointment: Appointment) -> Appointment:
    """The visit took place."""
    return _mark(by, appointment, "done")


def mark_no_show(by: Actor, appointment: Appointment, why: str | None = None) -> Appointment:
    """Nobody came; `why` is the code of a reason that somebody told. What follows from it, if the community wants
    anything to follow, stands in striking.py."""
    return _mark(by, appointment, "no_show", reason_named(by.session, why, staff=True))


def unmark(by: Actor, appointment: Appointment) -> Appointment:
    """Take a mark back that was set by mistake. Refuses with appointments.not_marked."""
    must_be_staff(by)
    hold(by, appointment)
    if appointment.state not in ("done", "no_show"):
        raise Refusal("appointments.not_marked", appointment=appointment)
    was = appointment.state
    appointment.state, appointment.marked_by, appointment.changed_at = "confirmed", None, clock.now()
    appointment.reason_code = None
    audit.note(by, "appointments.unmark", appointment, before=was)
    follow_mark(by, appointment)
    return appointment


def note_phoned(by: Actor, appointment: Appointment) -> Appointment:
    """Somebody of the staff has told this visitor by telephone that the house called them off."""
    staff = must_be_staff(by)
    hold(by, appointment)
    if appointment.called_off_at is not None and appointment.phoned_at is None:
        appointment.phoned_at, appointment.phoned_by = clock.now(), staff.id
        audit.note(by, "appointments.phoned", appointment)
    return appointment


def note_called(by: Actor, appointment: Appointment, at: datetime | None) -> None:
    """The hall has called this visit to a window, perhaps before its time; None when it was put back."""
    must_be_staff(by)
    hold(by, appointment)
    appointment.called_at = at


def settle_past(by: Actor, after: timedelta) -> int:
    """Visits that nobody marked count as done after a while; `marked_by` stays empty."""
    past = by.session.scalars(waiting_for_a_mark(clock.now() - after)).all()
    for appointment in past:
        appointment.state, appointment.changed_at = "done", clock.now()
    if past:
        audit.note(by, "appointments.settle", count=len(past))
    return len(past)


def _mark(by: Actor, appointment: Appointment, state: str, why: VisitReason | None = None) -> Appointment:
    staff = must_be_staff(by)
    hold(by, appointment)
    if appointment.state == "cancelled":
        raise Refusal("appointments.not_waiting", appointment=appointment)
    if appointment.slot.starts > clock.now() and appointment.called_at is None:
        raise Refusal("appointments.not_yet", appointment=appointment)
    appointment.state, appointment.marked_by, appointment.changed_at = state, staff.id, clock.now()
    appointment.reason_code = why.code if why else None
    audit.note(by, f"appointments.{state}", appointment)
    follow_mark(by, appointment)
    return appointment
