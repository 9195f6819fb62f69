"""Waiting for a full time: who is put on the list, who takes a kept seat, lets it pass, leaves; and what the staff do.

Each unit locks the person first, then the row of the line, then the time: as booking does.
"""

from __future__ import annotations

from sqlalchemy import select

from app import audit
from handlers.appointments import actions, offering
from handlers.appointments.holding import must_be_staff
from handlers.appointments.striking import respect_pause
from models.appointments import Appointment, Contact, visitor_key
from models.base import count_rows
from models.booking_holds import Own
from models.booking_rules import check_cap, check_overlap, lock_person
from models.identity import Actor, Person
from models.plans import Service
from models.refusal import Refusal
from models.slots import Slot
from models.waiting import (
    MOST_WAITS,
    OPEN,
    SlotWait,
    Wished,
    first_line,
    free_of,
    next_line,
    open_wait,
    times_wished,
    waits_of,
)
from models.waiting_offers import is_live, turn

MOST_SHOWN = 2
WHY_MOVED = ("urgent", "frail", "mistake", "other")
WHY_REMOVED = ("asked", "served", "mistake", "other")


def wait(
    by: Actor,
    service: Service,
    wished: Wished,
    *,
    contact: Contact = actions.NOTHING_NEW,
    for_: Person | None = None,
) -> SlotWait:
    """Put `for_` (staff at the desk), the one who is helped, or oneself on the list behind all others.

    Refuses like `may_wait`, and with appointments.still_free (fact: free), .nothing_to_wait_for, .overlap, and for what
    the visit must know like `book`.
    """
    person, visitor = for_ or by.me, visitor_key(by.helped)
    lock_person(by.session, person)
    actions.agree(by, person)
    may_wait(by, service, person)
    told = actions.contact_of(by, person, service, contact)
    _check_wished(by, service, wished, person, visitor)
    helped = by.helped
    row = SlotWait(
        person=person,
        visitor=visitor,
        service=service,
        slot=wished.slot,
        first=wished.first,
        last=wished.last,
        half=wished.half,
        line=next_line(by.session, service.id),
        channel=by.channel,
        helped_name=helped.name if helped else None,
        helped_phone=helped.phone if helped else None,
        helped_tie=helped.tie or None if helped else None,
        phone=told.phone,
        address=told.address,
    )
    by.session.add(row)
    audit.note(by, "appointments.wait", row, service=service.id)
    if by.staff is not None:
        offering.tell(by, row, "wait_noted")
    return row


def may_wait(by: Actor, service: Service, person: Person | None = None) -> None:
    """Whether somebody may be put on this list at all. Refuses with appointments.paused (not the staff),
    .already_waiting, .too_many_waits, .too_many, .too_many_in_all, .slot_closed."""
    person, visitor = person or by.me, visitor_key(by.helped)
    respect_pause(by, service, person, visitor)
    before = open_wait(by.session, person, visitor, service.id)
    if before is not None:
        raise Refusal("appointments.already_waiting", wait=before)
    if count_rows(by.session, waits_of(person)) >= MOST_WAITS:
        raise Refusal("appointments.too_many_waits", most=MOST_WAITS)
    check_cap(by.session, service, person, visitor)


def check_wish(by: Actor, service: Service, wished: Wished) -> None:
    """Refuses like `wait` when there is nothing to wait for: before a name is asked for it."""
    _check_wished(by, service, wished, by.me, visitor_key(by.helped))


def _check_wished(by: Actor, service: Service, wished: Wished, person: Person, visitor: str) -> None:
    times = times_wished(service, wished)
    if not service.is_open or by.session.scalar(times.limit(1)) is None:
        raise Refusal("appointments.nothing_to_wait_for", service=service)
    free = free_of(by.session, service, wished, Own(person.id))
    if free:
        raise Refusal("appointments.still_free", service=service, free=free[:MOST_SHOWN])
    if wished.slot is not None:
        check_overlap(by.session, wished.slot, person, visitor)


# ---- the answer to an offer ----------------------------------------------------------------------------------------


def take(by: Actor, row: SlotWait) -> Appointment:
    """Claim the seat that is kept: it becomes an appointment like any other. Refuses with appointments.offer_over, and
    like `book`; then the seat stays kept until its end."""
    slot = _hold_offer(by, row)
    offering.give_up(by, row, slot)  # booked again in this very unit: nobody sees it free
    visitor = by.helping(row.helped) if row.helped else by
    contact = Contact(phone=row.phone, address=row.address)
    appointment = actions.book(visitor, slot, contact=contact, for_=row.person if by.staff else None)
    by.session.flush()
    turn(by.session, row, ("offered",), "taken", appointment_id=appointment.id)
    audit.note(by, "appointments.take_offer", row, slot=slot.id)
    return appointment


def let_pass(by: Actor, row: SlotWait) -> SlotWait:
    """Not this time: the seat goes to the next. Who waits for other times too keeps their place in the line."""
    slot = _hold_offer(by, row)
    only_this = row.slot_id is not None
    turn(by.session, row, ("offered",), "left" if only_this else "waiting", passed=[*row.passed, slot.id])
    audit.note(by, "appointments.let_pass", row, slot=slot.id)
    _pass_on(by, row, slot)
    return row


def leave(by: Actor, row: SlotWait) -> SlotWait:
    """Wait no more; a kept seat goes to the next. Refuses with appointments.not_in_line."""
    _hold(by, row)
    return _drop(by, row, "left", "appointments.leave_line")


def _hold(by: Actor, row: SlotWait) -> None:
    if by.staff is None and (by.person is None or by.person.id != row.person_id):
        raise Refusal("appointments.not_in_line", wait=row)
    lock_person(by.session, row.person)
    by.session.execute(select(SlotWait.id).where(SlotWait.id == row.id).with_for_update())
    by.session.refresh(row)
    if not row.is_open:
        raise Refusal("appointments.not_in_line", wait=row)


def _hold_offer(by: Actor, row: SlotWait) -> Slot:
    _hold(by, row)
    if row.offered_slot is None or not is_live(row):
        raise Refusal("appointments.offer_over", wait=row)
    return row.offered_slot


def _drop(by: Actor, row: SlotWait, state: str, action: str, reason: str | None = None) -> SlotWait:
    """Off the list; what was kept goes to the next whom it fits."""
    slot = row.offered_slot
    turn(by.session, row, OPEN, state, reason=reason)
    audit.note(by, action, row, **({"reason": reason} if reason else {}))
    if slot is not None:
        _pass_on(by, row, slot)
    return row


def _pass_on(by: Actor, row: SlotWait, slot: Slot) -> None:
    offering.give_up(by, row, slot)
    offering.seat_freed(by, slot)


# ---- what the staff do ---------------------------------------------------------------------------------------------


def move_to_front(by: Actor, row: SlotWait, reason: str) -> SlotWait:
    """The next free seat that fits is theirs; why is written down. Refuses with appointments.staff_only, .why_moved."""
    _check_staff(by, reason, WHY_MOVED)
    _hold(by, row)
    row.line, row.reason = first_line(by.session, row.service_id), reason
    audit.note(by, "appointments.move_to_front", row, reason=reason)
    return row


def remove(by: Actor, row: SlotWait, reason: str) -> SlotWait:
    """Take somebody off the list; they are told. Refuses with appointments.staff_only, .why_moved, .not_in_line."""
    _check_staff(by, reason, WHY_REMOVED)
    _hold(by, row)
    _drop(by, row, "removed", "appointments.remove_from_line", reason)
    offering.tell(by, row, "wait_removed")
    return row


def _check_staff(by: Actor, reason: str, known: tuple[str, ...]) -> None:
    must_be_staff(by)
    if reason not in known:
        raise Refusal("appointments.why_moved")


# ---- one person's line as a whole ----------------------------------------------------------------------------------


def forget(by: Actor, person: Person) -> None:
    """Who leaves waits for nothing more, and what was told about visitors goes."""
    for row in by.session.scalars(waits_of(person)).all():
        _drop(by, row, "left", "appointments.leave_line")


def hand_over(by: Actor, kept: Person, gone: Person) -> None:
    """Two records of one person stand in one line once; the place that came first counts."""
    for row in by.session.scalars(waits_of(gone)).all():
        twin = open_wait(by.session, kept, row.visitor, row.service_id)
        if twin is not None:
            first = min((row, twin), key=lambda one: (one.line, one.id))
            _drop(by, row if twin is first else twin, "left", "appointments.leave_line")
    by.session.flush()
