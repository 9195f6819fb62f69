"""How long people waited in the hall, by day and service. No window and no clerk is compared here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from models.appointments import Appointment
from models.base import minutes_between
from models.plans import Service
from models.slots import Slot
from models.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Waits:
    """One service (None: all of them) on one day (None: all of them). Minutes; None where nobody was called."""

    day: date | None
    service: Service | None
    served: int
    missed: int
    gave_up: int
    middle: int | None
    longest: int | None


class Waited(NamedTuple):
    """So many numbers that came to this end after so many minutes."""

    state: str
    minutes: int | None
    many: int


def waits(session: Session, first: date, last: date) -> list[Waits]:
    """Each day and service between two days, the newest day first; at the head, all together."""
    services = {one.id: one for one in session.scalars(select(Service))}
    groups: dict[tuple[date, int], list[Waited]] = {}
    for day, service, *waited in session.execute(_between(first, last)):
        groups.setdefault((day, service), []).append(Waited(*waited))
    found = [_counted(day, services[service], group) for (day, service), group in groups.items()]
    found.sort(key=lambda one: (-(one.day or last).toordinal(), one.service.position if one.service else 0))
    return [_counted(None, None, [one for group in groups.values() for one in group]), *found]


def _between(first: date, last: date) -> Select[*tuple[Any, ...]]:
    """Counted by the database: a fortnight of busy halls is a hundred thousand numbers. Minutes as Ticket.waited."""
    begins = case((Slot.starts > Ticket.came_at, Slot.starts), else_=Ticket.came_at)
    told = (
        Ticket.day,
        Ticket.service_id,
        Ticket.state,
        minutes_between(begins, Ticket.called_at).label("waited"),
    )
    return (
        select(*told, func.count())
        .outerjoin(Appointment, Appointment.id == Ticket.appointment_id)
        .outerjoin(Slot, Slot.id == Appointment.slot_id)
        .where(Ticket.day.between(first, last))
        .group_by(*told)
    )


def _counted(day: date | None, service: Service | None, rows: Sequence[Waited]) -> Waits:
    waited = Counter[int]()
    states = Counter[str]()
    for one in rows:
        states[one.state] += one.many
        if one.state == "done" and one.minutes is not None:
            waited[max(0, one.minutes)] += one.many
    return Waits(
        day=day,
        service=service,
        served=states["done"],
        missed=states["no_show"],
        gave_up=states["left"] + states["closed"],
        middle=round(median(waited.elements())) if waited else None,
        longest=max(waited, default=None),
    )
