"""Seats, rooms and persons that receive: taken together or not at all, and held while a resident, or a clerk for
them, still fills in.

Locks are taken in one order by everybody: the person, the clerk, the times, then the rooms and persons by
their ids.
"""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock
from handlers.appointments.holding import must_be_staff
from handlers.appointments.offering import seat_freed
from handlers.people import actions as people
from models.appointments import Appointment
from models.booking_holds import (
    BEGUN,
    KEPT,
    KEPT_AT_MOST,
    NOBODY,
    AnyHold,
    DeskHold,
    Own,
    SeatHold,
    desk_hold_of,
    drop_hold,
    held_too_often,
    hold_of,
    keep_hold,
    run_out,
)
from models.booking_rules import check_slot, lock_person, not_to_be_had, why_no_seat
from models.identity import Actor, Person
from models.resources import Resource, choose_resources, is_taken, leave, occupy
from models.rows import refresh
from models.slots import Slot, give_seat_back, lock_slots, take_seat
from models.staff import StaffMember

Hold = TypeVar("Hold", SeatHold, DeskHold)


def take(by: Actor, slot: Slot, person: Person) -> list[Resource]:
    """Count a seat for this person, whose hold ends with it, as does that of the clerk who books it, and choose the
    room and the person that go with it; they are locked, and for `furnish`. Refuses with appointments.slot_full,
    .slot_held, .nobody_free."""
    session = by.session
    _lock(by, slot)
    end_hold(session, person)
    end_desk_hold(by, slot)
    chosen = _chosen(session, slot)
    if not take_seat(session, slot):
        refresh(session, slot)
        why = why_no_seat(session, slot) or "appointments.slot_full"
        raise not_to_be_had(session, slot, why)
    return chosen


def furnish(session: Session, appointment: Appointment, chosen: list[Resource]) -> None:
    """The room and the person of this visit, at its time."""
    session.flush()
    occupy(session, chosen, appointment.slot.starts, appointment.slot.ends, appointment.source)


def lock(session: Session, appointment: Appointment) -> None:
    """One visit, as everybody locks it, and as it is behind the lock."""
    lock_person(session, appointment.person)
    lock_slots(session, (appointment.slot,))
    refresh(session, appointment)


def give_back(session: Session, appointment: Appointment) -> None:
    give_seat_back(session, appointment.slot)
    leave(session, appointment.source)


def change(by: Actor, appointment: Appointment, slot: Slot) -> None:
    """Another time: the new seat first, then the old one goes. What of it is refused leaves all as it was."""
    session, before = by.session, appointment.slot
    _lock(by, before, slot)
    leave(session, appointment.source)
    chosen = take(by, slot, appointment.person)
    give_seat_back(session, before)
    appointment.slot = slot
    furnish(session, appointment, chosen)


# ---- held while somebody fills in -----------------------------------------------------------------------------------


def hold(by: Actor, slot: Slot, own: Own | None = None) -> SeatHold:
    """Keep a seat of this time for the resident while they answer what is still asked; a hold of another time ends.
    Each answer puts the end off, up to a quarter of an hour from the first; who begins again and again is told whether
    it is free, and holds nothing. Who moves a visit (`own`) keeps its room
    until then, which does not stand in their way. Refuses like `book` does for the time itself, and with
    people.consent_needed."""
    people.respect_withdrawal(by, "service")
    session, me = by.session, by.me
    lock_person(session, me)
    held = SeatHold(person_id=me.id)
    return _keep(by, slot, held, hold_of(session, me.id), own or Own(me.id))


def hold_at_desk(by: Actor, slot: Slot) -> DeskHold:
    """The same for the clerk who fills in the booking of somebody at the desk. Refuses as `hold` does."""
    clerk = must_be_staff(by)
    _lock_clerk(by)
    held = DeskHold(staff_id=clerk.id)
    return _keep(by, slot, held, desk_hold_of(by.session, clerk.id), Own(staff=clerk.id))


def _keep(by: Actor, slot: Slot, held: Hold, before: Hold | None, own: Own) -> Hold:
    """Behind the lock of whoever holds: what they held `before` goes, and this is kept in its stead."""
    session = by.session
    lock_slots(session, (slot,))
    goes_on = before is not None and before.is_live and before.slot_id == slot.id
    held.slot_id, held.since = slot.id, before.since if before is not None and goes_on else clock.now()
    if before is not None:
        drop(session, before)
    refresh(session, slot)
    check_slot(session, slot, own)
    if not goes_on and isinstance(held, SeatHold) and held_too_often(session, held.person_id, slot.id):
        held.until = clock.now()
        return held
    held.until = min(clock.now() + KEPT, held.since + KEPT_AT_MOST)
    chosen = [
        one for one in _chosen(session, slot, own) if not is_taken(session, one, slot.starts, slot.ends)
    ]
    keep_hold(session, held)
    occupy(session, chosen, slot.starts, slot.ends, held.source, until=held.until)
    if not goes_on:
        audit.note(by, BEGUN, None, slot=slot.id)
    return held


def let_go(by: Actor) -> None:
    """The resident does not want the time any more, or has been told that it is over."""
    lock_person(by.session, by.me)
    held = hold_of(by.session, by.me.id)
    if held is not None:
        end_hold(by.session, by.me)
        audit.note(by, "appointments.let_go", None)
        seat_freed(by, by.session.get_one(Slot, held.slot_id))


def let_go_at_desk(by: Actor) -> None:
    """The clerk leaves the form without booking."""
    clerk = must_be_staff(by)
    _lock_clerk(by)
    held = desk_hold_of(by.session, clerk.id)
    if held is not None:
        drop(by.session, held)
        audit.note(by, "appointments.let_go", None)
        seat_freed(by, by.session.get_one(Slot, held.slot_id))


def end_hold(session: Session, person: Person) -> None:
    """Behind the lock of the person, or where nobody else can be this person."""
    held = hold_of(session, person.id)
    if held is not None:
        drop(session, held)


def end_desk_hold(by: Actor, slot: Slot) -> None:
    """What the clerk holds of this time; behind their lock."""
    held = None if by.staff is None else desk_hold_of(by.session, by.staff.id)
    if held is not None and held.slot_id == slot.id:
        drop(by.session, held)


def drop(session: Session, held: AnyHold) -> None:
    leave(session, held.source)
    drop_hold(session, held)


def sweep(by: Actor) -> int:
    """Rows of holds that have run out. They stood in nobody's way; this only clears them up."""
    old: list[AnyHold] = []
    for some in run_out(clock.now()):
        old.extend(by.session.scalars(some.with_for_update(skip_locked=True)))
    for held in old:
        drop(by.session, held)
        seat_freed(by, by.session.get_one(Slot, held.slot_id))
    return len(old)


def _lock(by: Actor, *slots: Slot) -> None:
    """The clerk, whose hold may end, before the times."""
    _lock_clerk(by)
    lock_slots(by.session, slots)


def _lock_clerk(by: Actor) -> None:
    """One clerk's holds begin and end one after the other."""
    if by.staff is not None:
        clerk = select(StaffMember.id).where(StaffMember.id == by.staff.id)
        by.session.execute(clerk.with_for_update(key_share=True))


def _chosen(session: Session, slot: Slot, own: Own = NOBODY) -> list[Resource]:
    chosen = choose_resources(session, slot.service_id, slot.starts, slot.ends, own.sources)
    if chosen is None:
        raise not_to_be_had(session, slot, "appointments.nobody_free", own)
    return chosen
