"""What the staff keep of places and of emergency lines."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app import audit, clock
from handlers.circle.providing import staff_only
from models.circle import EmergencyLine
from models.circle_places import Landmark
from models.identity import Actor
from models.places import Place
from models.refusal import Refusal


def mark_place(
    by: Actor, name: str, also_called: Sequence[str], lat: float, lng: float, estate: Place | None = None
) -> Landmark:
    """A place that residents name; the same name again moves it. Refuses with circle.estate_marked."""
    staff_only(by)
    row = by.session.scalar(select(Landmark).where(Landmark.name == name))
    if estate is not None:
        taken = select(Landmark).where(Landmark.place_id == estate.id, Landmark.name != name)
        if by.session.scalar(taken) is not None:
            raise Refusal("circle.estate_marked", place=estate.name)
    if row is None:
        row = Landmark(name=name)
        by.session.add(row)
    row.also_called, row.lat, row.lng, row.place = list(also_called), lat, lng, estate
    audit.note(by, "circle.mark_place", row)
    return row


def drop_place(by: Actor, row: Landmark) -> None:
    staff_only(by)
    audit.note(by, "circle.drop_place", row)
    by.session.delete(row)


def change_line(by: Actor, row: EmergencyLine, *, phone: str | None, **facts: str) -> EmergencyLine:
    """The words as somebody of the office has read and confirmed them today."""
    staff_only(by)
    for name, value in facts.items():
        setattr(row, name, value)
    row.phone, row.confirmed_on = phone, clock.today()
    audit.note(by, "circle.change_line", row)
    return row
