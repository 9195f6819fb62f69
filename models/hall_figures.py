"""How long people waited in the hall, by day and service. No window and no clerk is compared here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.appointments import Appointment
from models.plans import Service
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


def waits(session: Session, first: date, last: date) -> list[Waits]:
    """Each day and service between two days, the newest day first; at the head, all together."""
    rows = session.scalars(
        select(Ticket)
        .where(Ticket.day.between(first, last))
        .options(joinedload(Ticket.appointment).joinedload(Appointment.slot))
    ).all()
    groups: dict[tuple[date, int], list[Ticket]] = {}
    for row in rows:
        groups.setdefault((row.day, row.service_id), []).append(row)
    found = [_counted(day, group[0].service, group) for (day, _), group in groups.items()]
    found.sort(key=lambda one: (-(one.day or last).toordinal(), one.service.position if one.service else 0))
    return [_counted(None, None, rows), *found]


def _counted(day: date | None, service: Service | None, rows: Sequence[Ticket]) -> Waits:
    waited = [_minutes(one.waited) for one in rows if one.state == "done" and one.waited is not None]
    return Waits(
        day=day,
        service=service,
        served=sum(one.state == "done" for one in rows),
        missed=sum(one.state == "no_show" for one in rows),
        gave_up=sum(one.state in ("left", "closed") for one in rows),
        middle=round(median(waited)) if waited else None,
        longest=max(waited, default=None),
    )


def _minutes(length: timedelta) -> int:
    return round(length.total_seconds() / 60)
