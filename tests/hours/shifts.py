"""Shifts for tests of hours: somebody was there from nine to eleven, and what their record says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.volunteers import actions as volunteers
from models.activities import ActivitySession
from models.hours import ServiceHours
from models.identity import Person
from models.volunteers import Way
from tests.activities.plans import house, wall
from tests.neighbours import Phone, Town


def scan(town: Town, phone: Phone, number: int, way: Way, at: str) -> str:
    """The leader's queue says that this neighbour came or went at this wall-clock time."""

    def unit(session: Session) -> str:
        held = session.get_one(ActivitySession, number)
        person = phone.actor(session).me
        nonce = f"{way}:{at}:{person.id}"
        return volunteers.tick(house(session), held, person, way, nonce=nonce, occurred_at=wall(at)).kind

    return town.writing(unit)


def was_there(
    town: Town, phone: Phone, number: int, came: str = "2026-11-23 09:00", left: str = "2026-11-23 11:00"
) -> None:
    """Seen in and out by the leader; the clock must stand later."""
    scan(town, phone, number, "in", came)
    scan(town, phone, number, "out", left)


def records(town: Town, phone: Phone | None = None) -> list[dict[str, Any]]:
    """What the records say, void ones too, the oldest first."""
    with town.reading() as session:
        rows = select(ServiceHours).order_by(ServiceHours.id)
        if phone is not None:
            rows = rows.join(Person, Person.id == ServiceHours.person_id).where(
                Person.id == phone.person(session).id
            )
        names = ("id", "state", "minutes", "counted", "seen", "flags", "revision", "held_back")
        return [{name: getattr(row, name) for name in names} for row in session.scalars(rows)]


def the_record(town: Town, phone: Phone) -> dict[str, Any]:
    (one,) = records(town, phone)
    return one
