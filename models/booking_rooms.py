"""Visits and the rooms and persons that they have: who is where, and who was promised a visit without one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, case, cast, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.appointments import Appointment
from models.booking_holds import visit_source
from models.resources import Occupation, Resource, ServiceResource, held_of, within
from models.slots import Slot

VISIT = visit_source(0).partition(":")[0] + ":"


def rooms_of(session: Session, visit: Appointment) -> list[Resource]:
    """The room and the person of a visit; none where its service needs none."""
    return held_of(session, visit.source)


def visits_in(session: Session, resource: Resource, starts: datetime, ends: datetime) -> list[Appointment]:
    """The confirmed visits still to come that have this resource within a stretch, soonest first."""
    sources = [one.source for one in within(session, resource, starts, ends)]
    numbers = [int(one.removeprefix(VISIT)) for one in sources if one.startswith(VISIT)]
    coming = Appointment.id.in_(numbers), Appointment.state == "confirmed", Slot.ends > clock.now()
    found = select(Appointment).join(Appointment.slot).where(*coming).order_by(Slot.starts, Appointment.id)
    return list(session.scalars(found))


def kinds_missing(session: Session) -> list[tuple[Appointment, list[str]]]:
    """Promised visits still to come that lack a room or a person which their service needs by now."""
    needs: dict[int, set[str]] = {}
    kinds = select(ServiceResource.service_id, Resource.kind).join(
        Resource, Resource.id == ServiceResource.resource_id
    )
    for service, kind in session.execute(kinds):
        needs.setdefault(service, set()).add(kind)
    coming = Appointment.state == "confirmed", Slot.starts > clock.now(), Slot.service_id.in_(needs)
    visits = session.scalars(
        select(Appointment).join(Appointment.slot).where(*coming).order_by(Slot.starts, Appointment.id)
    ).all()
    has: dict[str, set[str]] = {}
    rows = select(Occupation.source, Resource.kind).join(Occupation.resource)
    for source, kind in session.execute(rows.where(Occupation.source.in_([one.source for one in visits]))):
        has.setdefault(source, set()).add(kind)
    lacking = [(one, sorted(needs[one.slot.service_id] - has.get(one.source, set()))) for one in visits]
    return [(one, kinds) for one, kinds in lacking if kinds]


# ---- what must always hold ----------------------------------------------------------------------------------------


def rooms_belong_to_visits(session: Session) -> Sequence[str]:
    """M2: a room that is taken for a visit is taken for one that stands, at its time."""
    number = case(
        (Occupation.source.startswith(VISIT), cast(func.substr(Occupation.source, len(VISIT) + 1), Integer))
    )
    over = or_(Appointment.id.is_(None), Appointment.state == "cancelled")
    rows = session.execute(
        select(Occupation.source, Occupation.resource_id, over)
        .outerjoin(Appointment, Appointment.id == number)
        .outerjoin(Slot, Slot.id == Appointment.slot_id)
        .where(
            Occupation.source.startswith(VISIT),
            or_(over, Slot.starts != Occupation.starts, Slot.ends != Occupation.ends),
        )
        .order_by(Occupation.id)
    )
    return [
        f"{source} is over and still has resource {resource}"
        if is_over
        else f"{source} has resource {resource} at another time than its own"
        for source, resource, is_over in rows
    ]
