"""A booked time whose visitor is not there: after a grace their turn goes to those who wait in the hall, and they are
served all the same when they come later.

No seat moves: who comes without a number takes none, so nothing is counted twice. The appointment stays where it is and
says itself (`released_at`) that its turn was let go.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app import audit, clock
from models import outbox
from models.appointments import Appointment
from models.booking_rules import lock_person
from models.identity import Actor
from models.refusal import Refusal
from models.strikes import rule_of


def release_late(by: Actor, appointment: Appointment) -> Appointment:
    """Let the turn of somebody who is late go to the line; doing it twice is doing it once. Refuses with
    appointments.staff_only, .not_waiting, .not_late (fact: minutes)."""
    _hold(by, appointment)
    grace = rule_of(by.session).grace_minutes
    if appointment.called_at is not None or clock.now() < late_from(appointment, grace):
        raise Refusal("appointments.not_late", appointment=appointment, minutes=grace)
    if appointment.released_at is None:
        appointment.released_at = appointment.changed_at = clock.now()
        audit.note(by, "appointments.release_late", appointment, slot=appointment.slot_id)
        _tell(by, appointment)
    return appointment


def came_late(by: Actor, appointment: Appointment) -> Appointment:
    """They are here after all and wait for their turn again."""
    _hold(by, appointment)
    if appointment.released_at is not None:
        appointment.released_at, appointment.changed_at = None, clock.now()
        audit.note(by, "appointments.came_late", appointment, slot=appointment.slot_id)
    return appointment


def late_from(appointment: Appointment, grace: int) -> datetime:
    return appointment.slot.starts + timedelta(minutes=grace)


def _hold(by: Actor, appointment: Appointment) -> None:
    if by.staff is None and by.channel != "job":
        raise Refusal("appointments.staff_only")
    lock_person(by.session, appointment.person)
    by.session.refresh(appointment)
    if appointment.state != "confirmed":
        raise Refusal("appointments.not_waiting", appointment=appointment)


def _tell(by: Actor, appointment: Appointment) -> None:
    """So that nobody thinks it is lost."""
    service = appointment.service
    outbox.put(
        by.session,
        to=appointment.person,
        kind="appointments.late_released",
        once=f"appointments.late_released:{appointment.id}:{appointment.revision}",
        facts={
            "service": service.public_name,
            "starts": appointment.slot.starts.isoformat(),
            "place": service.counter,
            "phone": service.phone,
        },
        useful_until=appointment.slot.ends + timedelta(hours=1),
    )
