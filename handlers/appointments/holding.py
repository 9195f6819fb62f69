"""Who may touch an appointment, and that nobody else touches it meanwhile."""

from __future__ import annotations

from models.appointments import Appointment
from models.booking_rules import lock_person
from models.identity import Actor
from models.refusal import Refusal
from models.rows import refresh
from models.staff import StaffMember


def hold(by: Actor, appointment: Appointment) -> None:
    if by.staff is None and (by.person is None or by.person.id != appointment.person_id):
        raise Refusal("appointments.not_yours")
    lock_person(by.session, appointment.person)
    refresh(by.session, appointment)


def must_be_staff(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("appointments.staff_only")
    return by.staff
