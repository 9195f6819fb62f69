"""Why a visit is given back, and how it is given back when it is too late for that: by telling that nobody comes.

Whoever tells is not somebody who did not come: the time goes to those who wait, and no strike follows.
"""

from __future__ import annotations

from app import audit, clock
from handlers.appointments import actions
from handlers.appointments.holding import hold, must_be_staff
from models.appointments import Appointment
from models.identity import Actor
from models.reasons import VisitReason, reason_named, reasons
from models.refusal import Refusal


def cancel(
    by: Actor, appointment: Appointment, code: str | None = None, seen: int | None = None
) -> Appointment:
    """Like actions.cancel, with a reason of the list: residents may leave it out, the staff may not
    (appointments.why_cancelled)."""
    reason = _reason(by, code)
    actions.cancel(by, appointment, reason=reason.words if reason else None, seen=seen)
    appointment.reason_code = reason.code if reason else None
    return appointment


def say_why(by: Actor, appointment: Appointment, code: str) -> Appointment:
    """The reason, told after it was cancelled."""
    hold(by, appointment)
    reason = _reason(by, code)
    if reason is not None and appointment.state == "cancelled":
        appointment.reason, appointment.reason_code = reason.words, reason.code
        audit.note(by, "appointments.say_why", appointment, reason=reason.code)
    return appointment


def is_late(appointment: Appointment) -> bool:
    """Whether it is too late to cancel by oneself, and not too late to tell."""
    waits = appointment.state == "confirmed" and not appointment.can_be_changed
    return waits and clock.now() < appointment.slot.ends


def tell_late(by: Actor, appointment: Appointment, code: str | None = None) -> Appointment:
    """They do not come and say so, however late: what is left of the time goes to those who wait, and it is no missed
    visit. Refuses with appointments.not_waiting when it is over."""
    hold(by, appointment)
    if appointment.state != "confirmed" or clock.now() >= appointment.slot.ends:
        raise Refusal("appointments.not_waiting", appointment=appointment)
    reason = reason_named(by.session, code, by.staff is not None)
    actions.release(by, appointment, "appointments.tell_late", reason.words if reason else None)
    appointment.told_late_at = clock.now()
    appointment.reason_code = reason.code if reason else None
    return appointment


def _reason(by: Actor, code: str | None) -> VisitReason | None:
    found = reason_named(by.session, code, by.staff is not None)
    if found is None and by.staff is not None:
        raise Refusal("appointments.why_cancelled")
    return found


# ---- the list ------------------------------------------------------------------------------------------------------


def add_reason(by: Actor, words: str, who: str, excused: bool) -> VisitReason:
    """One more reason. Its code is a number of its own: words may change, figures stay together."""
    must_be_staff(by)
    keep_usual(by)
    known = reasons(by.session, staff=True, closed=True)
    if any(one.words == words for one in known):
        raise Refusal("appointments.reason_known")
    row = VisitReason(
        code=f"own{len(known) + 1}", words=words, who=who, excuses=excused, position=len(known), is_open=True
    )
    by.session.add(row)
    audit.note(by, "appointments.add_reason", row)
    return row


def open_or_close(by: Actor, code: str, is_open: bool) -> None:
    """A reason that is closed is offered no more; what it was said of keeps it. "other" always stays."""
    must_be_staff(by)
    keep_usual(by)
    for row in reasons(by.session, staff=True, closed=True):
        if row.code == code and code != "other":
            row.is_open = is_open
            audit.note(by, "appointments.close_reason" if not is_open else "appointments.open_reason", row)


def keep_usual(by: Actor) -> None:
    """The usual reasons become rows as soon as somebody changes the list."""
    for row in reasons(by.session, staff=True, closed=True):
        if row not in by.session:
            by.session.add(row)
    by.session.flush()
