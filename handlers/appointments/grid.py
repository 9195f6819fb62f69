"""The day's board as a table: a column for each service, a row for each half hour, and in each field who comes and
what is still free; and the week's numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app import clock
from models.appointments import Appointment
from models.board import Cell, counts, slots_of_day, visits_of_day
from models.identity import Actor
from models.plans import Service
from models.slots import Slot, takeable

ROW = 30  # minutes
DAYS_OF_A_WEEK = 7


@dataclass(slots=True)
class Field:
    """What stands in one field: visits in the order of time, and times that can be taken."""

    held: list[Appointment] = field(default_factory=list)
    free: list[Slot] = field(default_factory=list)


@dataclass(slots=True)
class Column:
    service: Service
    booked: int = 0
    free: int = 0


@dataclass(slots=True)
class Board:
    """`rows` are "09:00" → {service id: Field}; services without a time on this day are in `resting`."""

    columns: list[Column]
    rows: dict[str, dict[int, Field]]
    resting: list[Service]
    visits: Sequence[Appointment]


def board_of(by: Actor, day: date, services: Sequence[Service]) -> Board:
    """Three questions to the database, however many services there are."""
    columns = {one.id: Column(one) for one in services}
    rows: dict[str, dict[int, Field]] = {}
    visits = by.session.scalars(visits_of_day(day, list(columns))).all()
    held: dict[int, list[Appointment]] = {}
    for one in visits:
        held.setdefault(one.slot_id, []).append(one)
    can = takeable(by.session, day, day)
    for slot in by.session.scalars(slots_of_day(day)):
        column = columns.get(slot.service_id)
        if column is None:
            continue
        there, is_free = held.get(slot.id, []), slot.id in can and can_be_taken(slot)
        column.booked += len(there)
        column.free += slot.free if is_free else 0
        if there or is_free:
            spot = rows.setdefault(_row(slot), {}).setdefault(slot.service_id, Field())
            spot.held += there
            spot.free += [slot] if is_free else []
    used = {service for row in rows.values() for service in row}
    shown = [one for one in columns.values() if one.service.id in used]
    resting = [one.service for one in columns.values() if one.service.id not in used]
    return Board(shown, dict(sorted(rows.items())), resting, visits)


def can_be_taken(slot: Slot) -> bool:
    soonest = clock.now() + timedelta(minutes=slot.service.lead_minutes)
    return slot.free > 0 and slot.service.is_open and slot.starts >= soonest


def _row(slot: Slot) -> str:
    starts = clock.local(slot.starts)
    return f"{starts.hour:02d}:{starts.minute // ROW * ROW:02d}"


@dataclass(frozen=True, slots=True)
class Week:
    """`cells` are [one for each day] of each service; a service that never works in it is not there."""

    days: list[date]
    services: list[tuple[Service, list[Cell]]]


def week_of(by: Actor, day: date, services: Sequence[Service]) -> Week:
    first = day - timedelta(days=day.weekday())
    days = [first + timedelta(days=ahead) for ahead in range(DAYS_OF_A_WEEK)]
    found = counts(by.session, days[0], days[-1])
    rows = [(one, [found.get((one.id, day), Cell()) for day in days]) for one in services]
    return Week(days, rows)
