"""What a change of a service would do, before it is done: which promised visits no longer lie in the plan, how many
times come and go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import clock
from handlers.appointments.planning import Weekly, planned
from models.appointments import Appointment
from models.board import visits_outside
from models.identity import Actor
from models.plans import Service, week_rows
from models.slots import Slot


@dataclass(frozen=True, slots=True)
class Consequences:
    """`outside` stay promised, at times that the new plan would not hold; `fewer` times are no longer offered."""

    outside: list[Appointment]
    more: int
    fewer: int
    offered: int


def of_change(by: Actor, service: Service, weekly: Weekly, **facts: Any) -> Consequences:
    """Play the change through on a copy that no session knows. ValueError when the week is none."""
    copy = _changed_copy(service, weekly, facts)
    now = clock.now()
    plan = {(one.starts, one.ends) for one in planned(by, copy) if one.starts > now}
    rows = select(Slot.starts, Slot.ends).where(
        Slot.service_id == service.id, Slot.starts > now, Slot.is_open
    )
    today = {(starts, ends) for starts, ends in by.session.execute(rows)}
    return Consequences(
        outside=visits_outside(by.session, service.id, list(plan)),
        more=len(plan - today),
        fewer=len(today - plan),
        offered=len(plan),
    )


def _changed_copy(service: Service, weekly: Weekly, facts: dict[str, Any]) -> Service:
    columns = {column.key: getattr(service, column.key) for column in Service.__table__.columns}
    return Service(**columns | facts, hours=week_rows(weekly))
