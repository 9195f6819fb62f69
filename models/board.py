"""What the desk looks at: a day's times and visits, a week's counts, and who was called off and has no new time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app import clock
from models.appointments import Appointment, appointments_on
from models.audit import AuditLine
from models.identity import Identity, Person
from models.slots import Slot
from models.unindexed import unindexed

CALLED_BACK_WITHIN = timedelta(days=30)
CHANGES = ("rebook", "move_back", "cancel", "call_off", "reinstate", "undo", "forget", "merge", "part")


@dataclass(slots=True)
class Cell:
    """One service on one day: how many have booked, how many places are left, whether it works at all."""

    booked: int = 0
    free: int = 0
    open: int = 0

    @property
    def is_closed(self) -> bool:
        return not self.open and not self.booked


def _between(first: date, last: date) -> tuple[datetime, datetime]:
    return clock.at(first, time()), clock.at(last + timedelta(days=1), time())


def slots_of_day(day: date) -> Select[Slot]:
    """Every time of every service that is open or holds somebody."""
    start, end = _between(day, day)
    shown = Slot.is_open | (Slot.taken > 0)
    return select(Slot).where(Slot.starts >= start, Slot.starts < end, shown).order_by(Slot.starts, Slot.id)


def visits_of_day(day: date, services: Sequence[int]) -> Select[Appointment]:
    """Every visit to these services that holds a seat, with its person."""
    found = appointments_on(day).where(unindexed(Slot.service_id).in_(services))
    return found.options(joinedload(Appointment.person, innerjoin=True))


def counts(session: Session, first: date, last: date) -> dict[tuple[int, date], Cell]:
    """(service, day) → its numbers, for the days between. Plain columns: a week is a thousand times or more."""
    start, end = _between(first, last)
    columns = (Slot.service_id, Slot.starts, Slot.is_open, Slot.taken, Slot.capacity)
    cells: dict[tuple[int, date], Cell] = {}
    now = clock.now()
    for service, starts, is_open, taken, seats in session.execute(
        select(*columns).where(Slot.starts >= start, Slot.starts < end)
    ):
        cell = cells.setdefault((service, clock.local(starts).date()), Cell())
        cell.booked += taken
        cell.open += is_open
        cell.free += seats - taken if is_open and starts > now else 0
    return cells


def booked_on(session: Session, day: date) -> dict[int, int]:
    """Service → how many seats are taken on this day."""
    start, end = _between(day, day)
    taken = select(Slot.service_id, func.sum(Slot.taken)).where(Slot.starts >= start, Slot.starts < end)
    return {service: int(many or 0) for service, many in session.execute(taken.group_by(Slot.service_id))}


def with_wechat(session: Session, people: Iterable[int]) -> set[int]:
    """Whom of these a message in WeChat can reach."""
    found = select(Identity.person_id).where(Identity.person_id.in_(list(people)), Identity.kind == "oa")
    return set(session.scalars(found))


def without_new_time() -> Select[Appointment]:
    """Visits that the house called off, whose visitors have neither booked again nor been phoned; soonest first."""
    again, slot = aliased(Appointment), aliased(Slot)
    new = exists().where(
        again.person_id == Appointment.person_id,
        again.visitor == Appointment.visitor,
        again.state != "cancelled",
        again.changed_at >= Appointment.called_off_at,
        slot.id == again.slot_id,
        slot.service_id == Slot.service_id,
    )
    few = aliased(Appointment)  # found first, by their own index; what they are joined to is large
    called_off = select(few.id).where(
        few.called_off_at.is_not(None),
        few.called_off_at >= clock.now() - CALLED_BACK_WITHIN,
        few.phoned_at.is_(None),
        unindexed(few.state) == "cancelled",
    )
    waits = Appointment.id.in_(called_off)
    found = select(Appointment).join(Appointment.slot).join(Appointment.person)
    return found.where(waits, Person.erased_at.is_(None), ~new).order_by(
        unindexed(Slot.starts), Appointment.id
    )


def last_change(session: Session, appointment: Appointment) -> AuditLine | None:
    """Who changed it last, for the one who was slower."""
    about = AuditLine.object_kind == "appointment", AuditLine.object_id == str(appointment.id)
    actions = [f"appointments.{change}" for change in CHANGES]
    found = select(AuditLine).where(*about, AuditLine.action.in_(actions))
    return session.scalar(found.order_by(AuditLine.id.desc()).limit(1))


def visits_outside(
    session: Session, service_id: int, fits: Sequence[tuple[datetime, datetime]]
) -> list[Appointment]:
    """Promised visits still to come that none of these (starts, ends) holds."""
    coming = select(Appointment).join(Appointment.slot)
    coming = coming.where(
        Slot.service_id == service_id, Appointment.state == "confirmed", Slot.starts > clock.now()
    )
    held = set(fits)
    rows = session.scalars(coming.order_by(Slot.starts, Appointment.id))
    return [one for one in rows if (one.slot.starts, one.slot.ends) not in held]
