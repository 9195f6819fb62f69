"""Rooms and persons that receive: which there are, what needs them, and hours for which one is away.

Who was promised one that is closed now gets another of its kind, where one is free; only the others are called off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select

from app import audit, clock
from handlers.appointments import messages, offering, seats
from handlers.appointments.actions import call_off, changed
from handlers.appointments.holding import must_be_staff
from models.appointments import Appointment
from models.booking_holds import AnyHold, DeskHold, SeatHold
from models.booking_rooms import kinds_missing, visits_in
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.resources import (
    CLOSED,
    Occupation,
    Resource,
    ServiceResource,
    hold_resources,
    may_use,
    replacement,
    within,
)
from models.waiting import SlotWait, wait_source
from models.waiting_offers import turn


class Hit(NamedTuple):
    """A visit that a closing hits, and what it moves to; None: it is called off."""

    visit: Appointment
    to: Resource | None


def add(by: Actor, kind: str, name: str, **facts: Any) -> Resource:
    """A new room or person. Refuses with appointments.resource_exists."""
    must_be_staff(by)
    _check_name(by, kind, name, None)
    resource = Resource(kind=kind, name=name, **facts)
    by.session.add(resource)
    audit.note(by, "appointments.add_resource", resource)
    return resource


def change(by: Actor, resource: Resource, **facts: Any) -> Resource:
    """Its name, its buffer, whether it is used at all. What is promised in it stays."""
    must_be_staff(by)
    _check_name(by, resource.kind, facts.get("name", resource.name), resource.id)
    for name, value in facts.items():
        setattr(resource, name, value)
    audit.note(by, "appointments.change_resource", resource, changed=sorted(facts))
    return resource


def serve(by: Actor, resource: Resource, services: Sequence[Service]) -> int:
    """This resource is for these services, and no others. Promised visits that need one of its kind now, and have none,
    get one; how many there is none for."""
    must_be_staff(by)
    mine = ServiceResource.resource_id == resource.id
    by.session.execute(delete(ServiceResource).where(mine))
    by.session.add_all(ServiceResource(service_id=one.id, resource_id=resource.id) for one in services)
    audit.note(by, "appointments.serve", resource, services=sorted(one.id for one in services))
    by.session.flush()
    return sum(not _furnish(by, visit, kinds) for visit, kinds in kinds_missing(by.session))


def would_hit(by: Actor, resource: Resource, starts: datetime, ends: datetime) -> list[Hit]:
    """The visits that closing it from here to there hits, and what there is instead."""
    return [Hit(one, _instead(by, one, resource)) for one in visits_in(by.session, resource, starts, ends)]


def close(by: Actor, resource: Resource, starts: datetime, ends: datetime, reason: str) -> list[Hit]:
    """Take it out of use. Each visit that is hit moves to another of its kind or is called off, and is told. Refuses
    with appointments.no_such_hours, .day_over, and .resource_taken where something else than a booking stands in it."""
    must_be_staff(by)
    if starts >= ends:
        raise Refusal("appointments.no_such_hours")
    if ends <= clock.now():
        raise Refusal("appointments.day_over", day=clock.local(starts).date())
    hit = visits_in(by.session, resource, starts, ends)
    for visit in sorted(hit, key=lambda one: one.person_id):
        seats.lock(by.session, visit)
    hold_resources(by.session, [resource])
    _end_holds(by, resource, starts, ends)
    _move_offers(by, resource, starts, ends)
    hit = visits_in(by.session, resource, starts, ends)
    closed = Occupation(resource=resource, starts=starts, ends=ends, source=f"{CLOSED}{reason}"[:40])
    by.session.add(closed)
    by.session.flush()  # so that nobody is offered a time within it
    done = [_move_or_call_off(by, visit, resource, reason) for visit in hit]
    by.session.flush()
    if len(within(by.session, resource, starts, ends)) > 1:
        raise Refusal("appointments.resource_taken", resource=resource)
    audit.note(
        by, "appointments.close_resource", resource, count=len(done), off=sum(not one.to for one in done)
    )
    return done


def reopen(by: Actor, closed: Occupation) -> Resource:
    """Use it again. What was called off does not come back by itself."""
    must_be_staff(by)
    if not closed.source.startswith(CLOSED):
        raise Refusal("appointments.resource_taken", resource=closed.resource)
    resource = closed.resource
    audit.note(by, "appointments.reopen_resource", resource)
    by.session.delete(closed)
    return resource


# ---- steps ----------------------------------------------------------------------------------------------------------


def _check_name(by: Actor, kind: str, name: str, but: int | None) -> None:
    same = select(Resource.id).where(Resource.kind == kind, Resource.name == name, Resource.id != (but or 0))
    if by.session.scalar(same) is not None:
        raise Refusal("appointments.resource_exists", name=name)


def _furnish(by: Actor, visit: Appointment, kinds: Sequence[str]) -> bool:
    """What is missing for a promised visit; a room or a person that it has already stays."""
    seats.lock(by.session, visit)
    usable = by.session.scalars(may_use(visit.slot.service_id)).all()
    hold_resources(by.session, usable)
    by_kind = [[one for one in usable if one.kind == kind] for kind in kinds]
    found = [replacement(by.session, some, visit.slot.starts, visit.slot.ends) for some in by_kind]
    chosen = [one for one in found if one is not None]
    if len(chosen) == len(kinds):
        seats.furnish(by.session, visit, chosen)
    return len(chosen) == len(kinds)


def _instead(by: Actor, visit: Appointment, resource: Resource) -> Resource | None:
    usable = by.session.scalars(may_use(visit.slot.service_id)).all()
    others = [one for one in usable if one.kind == resource.kind and one.id != resource.id]
    return replacement(by.session, others, visit.slot.starts, visit.slot.ends)


def _move_or_call_off(by: Actor, visit: Appointment, resource: Resource, reason: str) -> Hit:
    usable = by.session.scalars(may_use(visit.slot.service_id)).all()
    hold_resources(by.session, usable)
    other = _instead(by, visit, resource)
    if other is None:
        call_off(by, visit, reason)
        return Hit(visit, None)
    mine = Occupation.source == visit.source, Occupation.resource_id == resource.id
    for row in by.session.scalars(select(Occupation).where(*mine)):
        row.resource = other
    by.session.flush()
    changed(visit)
    messages.remind_again(by.session, visit)
    audit.note(by, "appointments.change_room", visit, before=resource.id, resource=other.id)
    messages.tell(by.session, visit, "appointments.room_changed", what=other.kind, now=other.name)
    return Hit(visit, other)


def _move_offers(by: Actor, resource: Resource, starts: datetime, ends: datetime) -> None:
    """What is kept for somebody who waits moves like a visit; where nothing else is free they wait on, and are told."""
    prefix = wait_source(0).removesuffix("0")
    for row in within(by.session, resource, starts, ends):
        if not row.source.startswith(prefix):
            continue
        wait = by.session.get_one(SlotWait, int(row.source.removeprefix(prefix)))
        slot = wait.offered_slot
        if slot is None:
            continue
        usable = by.session.scalars(may_use(slot.service_id)).all()
        others = [one for one in usable if one.kind == resource.kind and one.id != resource.id]
        other = replacement(by.session, others, row.starts, row.ends)
        if other is not None:
            row.resource = other
        elif turn(by.session, wait, ("offered",), "waiting", reason="closed"):
            offering.tell(by, wait, "offer_gone", starts=slot.starts.isoformat())
            offering.give_up(by, wait, slot)
    by.session.flush()


def _end_holds(by: Actor, resource: Resource, starts: datetime, ends: datetime) -> None:
    """Who is still filling in hears at the end that the time is gone."""
    sources = {one.source for one in within(by.session, resource, starts, ends)}
    holds: list[AnyHold] = [*by.session.scalars(select(SeatHold)), *by.session.scalars(select(DeskHold))]
    for held in holds:
        if held.source in sources:
            seats.drop(by.session, held)
