"""What a booking must keep to: a time that can be had, a visitor who is nowhere else, an end to how many wait at once.

Caps and overlaps are counted behind `lock_person`: one person's bookings happen one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Integer, Select, String, and_, select
from sqlalchemy.orm import Session

from app import clock
from models.appointments import Appointment
from models.base import Instant, connection_of, said
from models.booking_holds import NOBODY, Own, count_held
from models.identity import Person
from models.plans import Service
from models.prepared import Prepared
from models.refusal import Refusal
from models.rows import Rows
from models.slots import Slot, has_room, meet, nearest_free

MOST_WAITING = 20  # of one person, those made for others included: a grid worker's full afternoon


def check_slot(session: Session, slot: Slot, own: Own = NOBODY) -> None:
    """Whether this time can be had at all. Refuses with the nearest free times; `own` hold and visit do not count."""
    code = _why_not(session, slot, own)
    if code is not None:
        raise not_to_be_had(session, slot, code, own)


def not_to_be_had(session: Session, slot: Slot, code: str, own: Own = NOBODY) -> Refusal:
    return Refusal(code, slot=slot, instead=nearest_free(session, slot, own=own))


def _why_not(session: Session, slot: Slot, own: Own) -> str | None:
    soonest = clock.now() + timedelta(minutes=slot.service.lead_minutes)
    if slot.is_open and slot.service.is_open and slot.starts < soonest:
        return "appointments.too_soon"
    code = why_no_seat(session, slot, own)
    return code or (None if has_room(session, slot, own) else "appointments.nobody_free")


def why_no_seat(session: Session, slot: Slot, own: Own = NOBODY) -> str | None:
    """Shut, full, or all that is left held by others just now; None when a seat is free."""
    if not slot.is_open or not slot.service.is_open:
        return "appointments.slot_closed"
    if slot.taken >= slot.capacity:
        return "appointments.slot_full"
    held = count_held(session, slot.id, own) if slot in session else 0
    return "appointments.slot_held" if slot.taken + held >= slot.capacity else None


def check_overlap(
    session: Session, slot: Slot, person: Person, visitor: str, moving: Appointment | None = None
) -> None:
    """Nobody can be in two places: the same visitor's other appointments, but the one that moves, stand against it."""
    other = next((one for one in _at_once(session, slot, person, visitor) if one is not moving), None)
    if other is not None:
        raise Refusal("appointments.overlap", slot=slot, other=other, instead=_beside(session, slot, other))


def check_move(session: Session, appointment: Appointment, slot: Slot) -> None:
    """Whether the appointment may stand at `slot` instead: another time of the same service, at which its visitor is
    free."""
    if slot.service_id != appointment.service.id:
        raise Refusal("appointments.other_service", appointment=appointment)
    if slot.id == appointment.slot_id:
        raise Refusal("appointments.same_time", slot=slot, instead=nearest_free(session, slot))
    check_overlap(session, slot, appointment.person, appointment.visitor, moving=appointment)


def _beside(session: Session, slot: Slot, other: Appointment) -> list[Slot]:
    """The two free times nearest to `slot` at which the visitor is not with `other`."""
    free = [one for one in nearest_free(session, slot, 6) if not meet(one, other.slot)]
    nearest = sorted(free, key=lambda one: abs(one.starts - slot.starts))[:2]
    return sorted(nearest, key=lambda one: one.starts)


def _at_once(session: Session, slot: Slot, person: Person, visitor: str) -> Sequence[Appointment]:
    facts = {"person": person.id, "visitor": visitor, "starts": slot.starts, "ends": slot.ends}
    return _meeting.all(session, **facts)


@Rows
def _meeting() -> Select[Appointment]:
    whose = Appointment.person_id == said(None, "person", Integer())
    found = select(Appointment).join(Appointment.slot).where(whose, Appointment.state == "confirmed")
    meets = Slot.starts < said(None, "ends", Instant()), Slot.ends > said(None, "starts", Instant())
    return found.where(Appointment.visitor == said(None, "visitor", String()), *meets).order_by(Slot.starts)


def held_by(session: Session, person: Person, visitor: str, slot: Slot) -> bool:
    """Whether a seat of this time is already held by this person for this visitor."""
    same = and_(
        Appointment.person_id == person.id, Appointment.visitor == visitor, Appointment.slot_id == slot.id
    )
    held = select(Appointment.id).where(same, Appointment.state != "cancelled").limit(1)
    return session.scalar(held) is not None


def check_cap(session: Session, service: Service, person: Person, visitor: str, times: int = 1) -> None:
    """One visitor may wait for so many visits of a service (more, where it is booked week after week), and one person's
    visits and helps have an end too."""
    same, waiting = _waiting(session, service, person, visitor)
    most = service.per_person if times == 1 else _most_in_series(service)
    if same + times > most:
        raise Refusal("appointments.too_many", service=service, most=most)
    if waiting + times > MOST_WAITING:
        raise Refusal("appointments.too_many_in_all", most=MOST_WAITING)


def most_in_series(session: Session, service: Service, person: Person, visitor: str) -> int:
    """How many times in a row this visitor may book now."""
    same, waiting = _waiting(session, service, person, visitor)
    return min(_most_in_series(service) - same, MOST_WAITING - waiting)


def _most_in_series(service: Service) -> int:
    return 0 if service.series_most is None else max(service.per_person, service.series_most)


def _waiting(session: Session, service: Service, person: Person, visitor: str) -> tuple[int, int]:
    """Of this service for this visitor, and in all."""
    session.flush()
    waiting = WAITING.all(connection_of(session), {"person": person.id, "now": clock.now()})
    return waiting.count([visitor, service.id]), len(waiting)


WAITING = Prepared(
    select(Appointment)
    .with_only_columns(Appointment.visitor, Slot.service_id)
    .join(Slot, Slot.id == Appointment.slot_id)
    .where(Appointment.person_id == said(None, "person", Integer()), Appointment.state == "confirmed")
    .where(Slot.ends > said(None, "now", Instant()))
)


def check_change(appointment: Appointment) -> None:
    """Whether its holder may still move or cancel it."""
    if appointment.state != "confirmed":
        raise Refusal("appointments.not_waiting", appointment=appointment)
    if not appointment.can_be_changed:
        raise Refusal("appointments.too_late", appointment=appointment)


def lock_person(session: Session, person: Person) -> None:
    """One person's bookings happen one after the other: caps and overlaps are counted behind this lock."""
    session.flush()
    LOCK.run(connection_of(session), {"person": person.id})


LOCK = Prepared(
    select(Person.id).where(Person.id == said(None, "person", Integer())).with_for_update(key_share=True)
)
