"""What happens to appointments: booked, moved, cancelled, given back, marked. The plan behind them is planning.py.

Each unit locks the person first, then the times in the order of their ids: caps and overlaps are counted behind the
first lock, seats move by counted UPDATEs behind the second.
"""

from __future__ import annotations

from dataclasses import replace

from app import audit, clock
from app.understanding.phone import name_in, phone_in
from handlers.appointments import messages, seats
from handlers.appointments.holding import hold
from handlers.appointments.late import came_late, release_late
from handlers.appointments.marks import mark_done, mark_no_show, note_called, unmark
from handlers.appointments.offering import seat_freed
from handlers.appointments.striking import respect_pause
from handlers.people import actions as people
from models.appointments import Appointment, Contact, known_contact, visitor_key
from models.board import last_change, with_wechat
from models.booking_holds import Own
from models.booking_rules import check_cap, check_change, check_move, check_overlap, check_slot, lock_person
from models.identity import Actor, Helped, Person
from models.plans import Service
from models.refusal import Refusal
from models.slots import Slot, nearest_free
from models.staff import StaffMember

__all__ = [  # what others ask of this feature stands in one place
    "came_late",
    "mark_done",
    "mark_no_show",
    "note_called",
    "release_late",
    "unmark",
]

NOTHING_NEW = Contact()


def book(
    by: Actor,
    slot: Slot,
    *,
    contact: Contact = NOTHING_NEW,
    note: str | None = None,
    for_: Person | None = None,
) -> Appointment:
    """Take a place for `for_` (staff at the desk), for the one who is helped, or for oneself. A resident's first one
    is their consent to `service`: the question before it says so. Whom WeChat does not reach hears of it from the clerk
    there and then: no message is tried.

    Refuses with people.consent_needed (who took that consent back is served by the staff), appointments.paused (as
    well), .slot_full, .slot_held, .slot_closed, .too_soon, .nobody_free, .overlap (each with the nearest free times),
    .too_many,
    .too_many_in_all, .needs_name, .needs_phone, .needs_address, .bad_name, .bad_phone.
    """
    person, visitor = for_ or by.me, visitor_key(by.helped)
    lock_person(by.session, person)
    agree(by, person)
    respect_pause(by, slot.service, person, visitor, slot)
    told = contact_of(by, person, slot.service, contact)
    check_slot(by.session, slot, own_of(by, person))
    check_overlap(by.session, slot, person, visitor)
    check_cap(by.session, slot.service, person, visitor)
    appointment = place(by, person, slot, told, note)
    if by.staff is not None and with_wechat(by.session, [person.id]):
        messages.tell(by.session, appointment, "appointments.booked_for_you")
    return appointment


def own_of(by: Actor, person: Person) -> Own:
    """The holds that do not stand in the way: of the person, and of the clerk who books for them."""
    return Own(person.id, staff=by.staff.id if by.staff else None)


def place(by: Actor, person: Person, slot: Slot, told: Contact, note: str | None) -> Appointment:
    """Seat, room and row of a visit whose rules were asked; behind the lock of the person."""
    chosen = seats.take(by, slot, person)
    appointment = _row(by, person, slot, told, note)
    by.session.add(appointment)
    seats.furnish(by.session, appointment, chosen)
    audit.note(by, "appointments.book", appointment, slot=slot.id, service=slot.service_id)
    messages.remind(by.session, appointment)
    return appointment


def rebook(by: Actor, appointment: Appointment, slot: Slot, *, seen: int | None = None) -> Appointment:
    """Move to another time of the same service. The old place is kept until the new one is sure. Staff say which
    revision they have `seen`: who comes second learns what the first did. The resident is told of their move.

    Refuses like `book`, and with appointments.too_late, .not_waiting, .not_yours, .other_service, .changed_meanwhile.
    """
    hold(by, appointment)
    if by.staff is None:
        people.respect_withdrawal(by, "service")
        check_change(appointment)
    _check_seen(by, appointment, seen)
    _check_waiting(appointment)
    check_move(by.session, appointment, slot)
    check_slot(by.session, slot, appointment.own)
    before = appointment.slot.starts
    _move(by, appointment, slot, "appointments.rebook")
    if by.staff is not None:
        messages.tell(by.session, appointment, "appointments.moved", before=before.isoformat())
    return appointment


def move_back(by: Actor, appointment: Appointment, slot: Slot) -> Appointment:
    """Undo a move while the old place is still free."""
    hold(by, appointment)
    _check_waiting(appointment)
    check_move(by.session, appointment, slot)
    return _move(by, appointment, slot, "appointments.move_back")


def cancel(
    by: Actor, appointment: Appointment, *, reason: str | None = None, seen: int | None = None
) -> Appointment:
    """Give the place back. Residents are held to the service's limit (appointments.too_late); staff are not."""
    hold(by, appointment)
    if by.staff is None:
        check_change(appointment)
    _check_seen(by, appointment, seen)
    _check_waiting(appointment)
    release(by, appointment, "appointments.cancel", reason)
    if by.staff is not None:
        messages.tell(by.session, appointment, "appointments.cancelled")
    return appointment


def give_back(by: Actor, appointment: Appointment) -> Appointment:
    """Undo a booking of the last minutes: no limit stands against it."""
    hold(by, appointment)
    _check_waiting(appointment)
    release(by, appointment, "appointments.undo", None)
    return appointment


def reinstate(by: Actor, appointment: Appointment) -> Appointment:
    """Undo a cancellation: the same place, if nobody has taken it since (appointments.slot_full)."""
    hold(by, appointment)
    if appointment.state != "cancelled":
        raise Refusal("appointments.not_cancelled", appointment=appointment)
    check_overlap(by.session, appointment.slot, appointment.person, appointment.visitor)
    chosen = seats.take(by, appointment.slot, appointment.person)
    seats.furnish(by.session, appointment, chosen)
    appointment.state, appointment.reason, appointment.called_off_at = "confirmed", None, None
    appointment.reason_code = appointment.told_late_at = None
    changed(appointment)
    audit.note(by, "appointments.reinstate", appointment, slot=appointment.slot_id)
    messages.remind(by.session, appointment)
    return appointment


def call_off(by: Actor, appointment: Appointment, reason: str) -> None:
    """The house cannot keep its promise: the visitor is told, with the nearest free times."""
    lock_person(by.session, appointment.person)
    by.session.refresh(appointment)
    if appointment.state != "confirmed":
        return
    release(by, appointment, "appointments.call_off", reason)
    appointment.called_off_at, appointment.phoned_at, appointment.phoned_by = clock.now(), None, None
    near = nearest_free(by.session, appointment.slot)
    messages.tell(
        by.session,
        appointment,
        "appointments.called_off",
        reason=reason,
        instead=[slot.starts.isoformat() for slot in near],
    )


# ---- steps ----------------------------------------------------------------------------------------------------------


def agree(by: Actor, person: Person) -> None:
    """Nothing of a resident is kept without their consent. At the desk it is who must still tell their name."""
    if by.staff is None:
        people.respect_withdrawal(by, "service")
    if by.staff is None or person.name is None:
        people.agree_by_doing(replace(by, person=person), "service")


def _row(by: Actor, person: Person, slot: Slot, told: Contact, note: str | None) -> Appointment:
    helped = by.helped or Helped("", None, "")
    return Appointment(
        person=person,
        slot=slot,
        visitor=visitor_key(by.helped),
        helped_name=helped.name or None,
        helped_phone=helped.phone,
        helped_tie=helped.tie or None,
        phone=told.phone,
        address=told.address,
        note=note,
        channel=by.channel,
    )


def contact_of(by: Actor, person: Person, service: Service, told: Contact) -> Contact:
    """What the visit needs, told now or known; only a service that calls or comes home is given phone and address."""
    if by.helped is None and person.name is None:
        _keep_name(by, person, told.name)
    known = known_contact(by.session, person, by.helped)
    phone = _checked_phone(told.phone) if told.phone else known.phone
    address = told.address or known.address
    if service.asks_phone and phone is None:
        raise Refusal("appointments.needs_phone")
    if service.home_visit and address is None:
        raise Refusal("appointments.needs_address")
    return Contact(
        phone=phone if service.asks_phone else None, address=address if service.home_visit else None
    )


def _keep_name(by: Actor, person: Person, told: str | None) -> None:
    """The name that a window calls out is asked for once and stays with the person."""
    if told is None:
        raise Refusal("appointments.needs_name")
    name = name_in(told)
    if name is None:
        raise Refusal("appointments.bad_name")
    person.name = name
    audit.note(by, "appointments.keep_name", person)


def _checked_phone(told: str) -> str:
    phone = phone_in(told)
    if phone is None:
        raise Refusal("appointments.bad_phone")
    return phone


def _check_seen(by: Actor, appointment: Appointment, seen: int | None) -> None:
    """Two clerks at one appointment: the slower one hears who was quicker, and what it is now."""
    if seen is None or seen == appointment.revision:
        return
    line = last_change(by.session, appointment)
    kind, _, number = (line.actor if line else "").partition(":")
    staff = by.session.get(StaffMember, int(number)) if kind == "staff" else None
    who = staff.name if staff else None
    raise Refusal("appointments.changed_meanwhile", appointment=appointment, who=who)


def _check_waiting(appointment: Appointment) -> None:
    if appointment.state != "confirmed":
        raise Refusal("appointments.not_waiting", appointment=appointment)


def _move(by: Actor, appointment: Appointment, slot: Slot, action: str) -> Appointment:
    before = appointment.slot
    seats.change(by, appointment, slot)
    messages.take_back_reminder(by.session, appointment)
    changed(appointment)
    audit.note(by, action, appointment, before=before.id, slot=slot.id)
    messages.remind(by.session, appointment)
    seat_freed(by, before)
    return appointment


def release(by: Actor, appointment: Appointment, action: str, reason: str | None) -> None:
    """Give the seat back and take the reminder away; `action` is what the audit line calls it."""
    seats.give_back(by.session, appointment)
    messages.take_back_reminder(by.session, appointment)
    appointment.state, appointment.reason = "cancelled", reason
    changed(appointment)
    audit.note(by, action, appointment, slot=appointment.slot_id)
    seat_freed(by, appointment.slot)


def changed(appointment: Appointment) -> None:
    appointment.revision += 1
    appointment.changed_at = clock.now()
