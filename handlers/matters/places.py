"""Which place of ours somebody means: "东府佳苑3号楼门口" is a building, and so a grid and its worker."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from app.understanding.numbers import plain
from models.people import Place, estates, inside


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
