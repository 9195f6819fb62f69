"""Which place of ours somebody means: "东府佳苑3号楼门口" is a building, and so a grid and its worker."""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.understanding.numbers import plain
from models.matter_rules import MatterPlace, matter_places, nearest
from models.matters import Matter
from models.places import Grid, Place, estates, inside


def place_in_words(session: Session, words: str) -> Place | None:
    """The building or estate that is named; None for the river bank and for all that we do not know."""
    line = plain(words).replace(" ", "")
    named = [estate for estate in session.scalars(estates()) if estate.name in line]
    if len(named) != 1:
        return None
    buildings = session.scalars(inside(named[0]).where(Place.kind == "building"))
    return next((one for one in buildings if re.search(rf"(?<!\d){re.escape(one.name)}", line)), named[0])


def building_of(place: Place | None) -> Place | None:
    """Where somebody lives, without their unit: that much a matter needs to know."""
    if place is None:
        return None
    return next((one for one in place.line if one.kind == "building"), place)


def estate_of(place: Place) -> str:
    """As coarse as everybody may know it."""
    return next((one.name for one in place.line if one.kind == "estate"), place.full_name)


class Whereabouts(NamedTuple):
    """What is known of where it is: a place of ours, the grid, what was said, the position."""

    place: Place | None
    grid: Grid | None
    words: str | None
    spot: tuple[float, float] | None


def whereabouts(
    session: Session, place: Place | None, words: str | None, spot: tuple[float, float] | None
) -> Whereabouts:
    """What was picked goes before what was typed, and that before what the phone says."""
    mark = nearest(session.scalars(matter_places()), *spot) if spot else None
    found = building_of(place) or place_in_words(session, words or "") or (mark[0].place if mark else None)
    grid = found.grid if found else None
    if mark is None:
        return Whereabouts(found, grid, words, spot)
    named = words or (mark[0].name if mark[0].place is None else None)
    return Whereabouts(found, grid or mark[0].grid, named, spot)


# ---- a place on the map --------------------------------------------------------------------------------------------

_SPOT = re.compile(r"^位置(-?\d{1,2}\.\d{1,6}),(-?\d{1,3}\.\d{1,6})$")


def spot_words(lat: float, lng: float) -> str:
    """A position as an answer in words: what a phone sent where a place was asked."""
    return f"位置{lat:.6f},{lng:.6f}"


def spot_in(words: str) -> tuple[float, float] | None:
    found = _SPOT.match(words)
    return (float(found[1]), float(found[2])) if found else None


def told_spot(session: Session, spot: tuple[float, float]) -> str:
    """What we make of a position, no surer than it is: a phone is off by tens of metres."""
    mark = nearest(session.scalars(matter_places()), *spot)
    if mark is None:
        return ""
    return f"{mark[0].name}附近,约{max(10, round(mark[1], -1))}米"


def told_place(session: Session, matter: Matter) -> str:
    """Where it is, for others: a building, an estate, a landmark; never the words of who said it."""
    if matter.place is not None:
        return matter.place.full_name
    named = select(MatterPlace.name).where(MatterPlace.name == matter.place_words)
    return session.scalar(named) or "" if matter.place_words else ""
