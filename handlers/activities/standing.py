"""How somebody stands in the sessions ahead of them: joined, next in the line, or with a seat kept for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.activities import ActivitySession, Enrolment, places_of
from models.activities_line import place_in_line
from models.activities_party import companions_of, head_of, party_of
from models.identity import Actor


@dataclass(frozen=True, slots=True)
class Standing:
    """`place` is the place in the line (0 when it is no matter of waiting), `size` how many come together."""

    session: ActivitySession
    state: str
    place: int
    until: datetime | None
    size: int
    is_head: bool
    head_name: str = ""


def my_places(by: Actor, most: int) -> list[Standing]:
    """The nearest first; also what one's child was signed up for."""
    rows = by.session.scalars(places_of(by.me).limit(most)).all()
    return [standing(by, row) for row in rows]


def standing(by: Actor, row: Enrolment) -> Standing:
    head = head_of(by.session, row)
    place = place_in_line(by.session, head) if row.state == "waiting" else 0
    comers = [one for one in party_of(by.session, head) if one.comes]
    size = len(comers) + len(companions_of(by.session, head))
    return Standing(
        row.session,
        row.state,
        place,
        head.offered_until,
        size,
        head.id == row.id,
        head.person.name or "家里人",
    )
