"""Invented neighbours who wait for a full time, and some who gave one back and said why."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import cancelling, waiting
from models.appointments import Appointment, Contact
from models.identity import Actor, Person
from models.plans import Service
from models.refusal import Refusal
from models.slots import Slot
from models.waiting import Wished

WAIT_AT, EACH = 3, 2
WHY = ("busy", "ill", "done", "busy")


def seed_waits(session: Session, neighbours: Sequence[Person], services: Sequence[Service]) -> None:
    """Two for the first full time of some services; then a few who are booked give a place back."""
    for place, service in enumerate(services[:WAIT_AT]):
        slot = session.scalar(_full(service).limit(1))
        if slot is None:
            continue
        for number in range(EACH):
            _wait(session, neighbours, (place * 3 + number + 8) % len(neighbours), slot)
    coming = select(Appointment).join(Appointment.slot).where(Appointment.state == "confirmed")
    late = coming.where(Slot.service_id == services[-1].id).order_by(Slot.starts.desc())
    for row, code in zip(session.scalars(late.limit(len(WHY))).all(), WHY, strict=False):
        with contextlib.suppress(Refusal):
            cancelling.cancel(Actor(session, row.person, channel="job"), row, code)


def _full(service: Service) -> Select[Slot]:
    found = select(Slot).where(Slot.service_id == service.id, Slot.taken >= Slot.capacity)
    return found.where(Slot.starts > clock.now()).order_by(Slot.starts.desc())


def _wait(session: Session, neighbours: Sequence[Person], number: int, slot: Slot) -> None:
    by = Actor(session, neighbours[number], channel="job")
    contact = Contact(phone=f"139000011{number:02d}", address=f"东府佳苑{number % 6 + 1}号楼1单元")
    with contextlib.suppress(Refusal):
        waiting.wait(by, slot.service, Wished.at(slot), contact=contact)
