"""Seats, rooms and persons that receive: taken together or not at all, and held while a resident still fills in.

Locks are taken in one order by everybody: the person, then the times, then the rooms and persons by their ids.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from app import audit, clock
from handlers.appointments.offering import seat_freed
from handlers.people import actions as people
from models.appointments import Appointment
from models.booking_holds import (
    BEGUN,
    KEPT,
    KEPT_AT_MOST,
    NOBODY,
    Own,
    SeatHold,
    held_too_often,
    hold_of,
    run_out,
)
from models.booking_rules import check_slot, lock_person, not_to_be_had, why_no_seat
from models.identity import Actor, Person
from models.resources import Resource, choose_resources, leave, meeting, occupy
from models.slots import Slot, give_seat_back, lock_slots, take_seat


def take(session: Session, slot: Slot, person: Person) -> list[Resource]:
    """Count a seat for this person, whose hold ends with it, and choose the room and the person that go with it; they
    are locked, and for `furnish`. Refuses with appointments.slot_full, .slot_held, .nobody_free."""
    lock_slots(session, (slot,))
    end_hold(session, person)
    chosen = _chosen(session, slot)
    if not take_seat(session, slot):
        session.refresh(slot, ["taken", "is_open"])
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
    session.refresh(appointment)


def give_back(session: Session, appointment: Appointment) -> None:
    give_seat_back(session, appointment.slot)
    leave(session, appointment.source)


def change(session: Session, appointment: Appointment, slot: Slot) -> None:
    """Another time: the new seat first, then the old one goes. What of it is refused leaves all as it was."""
    before = appointment.slot
    lock_slots(session, (before, slot))
    leave(session, appointment.source)
    chosen = take(session, slot, appointment.person)
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
    lock_slots(session, (slot,))
    before = hold_of(session, me.id)
    goes_on = before is not None and before.is_live and before.slot_id == slot.id
    since = before.since if before is not None and goes_on else clock.now()
    end_hold(session, me)
    session.refresh(slot, ["taken", "capacity", "is_open"])
    own = own or Own(me.id)
    check_slot(session, slot, own)
    if not goes_on and held_too_often(session, me.id, slot.id):
        return SeatHold(person_id=me.id, slot_id=slot.id, since=since, until=clock.now())
    until = min(clock.now() + KEPT, since + KEPT_AT_MOST)
    chosen = [one for one in _chosen(session, slot, own) if not meeting(session, one, slot.starts, slot.ends)]
    held = SeatHold(person_id=me.id, slot_id=slot.id, since=since, until=until)
    session.add(held)
    occupy(session, chosen, slot.starts, slot.ends, held.source, until=until)
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


def end_hold(session: Session, person: Person) -> None:
    """Behind the lock of the person, or where nobody else can be this person."""
    held = hold_of(session, person.id)
    if held is not None:
        drop(session, held)


def drop(session: Session, held: SeatHold) -> None:
    leave(session, held.source)
    session.delete(held)
    session.flush()


def sweep(by: Actor) -> int:
    """Rows of holds that have run out. They stood in nobody's way; this only clears them up."""
    old = by.session.scalars(run_out(clock.now()).with_for_update(skip_locked=True)).all()
    for held in old:
        drop(by.session, held)
        seat_freed(by, by.session.get_one(Slot, held.slot_id))
    return len(old)


def _chosen(session: Session, slot: Slot, own: Own = NOBODY) -> list[Resource]:
    chosen = choose_resources(session, slot.service_id, slot.starts, slot.ends, own.sources)
    if chosen is None:
        raise not_to_be_had(session, slot, "appointments.nobody_free", own)
    return chosen
