"""Whoever stands in a sheet with a number on their door comes to live in the household behind it."""

from __future__ import annotations

import re

from handlers.people import actions as people
from handlers.registers.checking import Line
from models.households import HEAD, door_in, household_at
from models.identity import Actor, Person
from models.places import Place

# What offices write → the tie; the first that fits. Whoever comes to a household that has a head is never one.
TIES = (
    (r"户主|本人", HEAD),
    (r"妻|夫|配偶|爱人|老伴|^媳妇$", "spouse"),
    (r"孙", "grandchild"),
    (r"子|女|儿|媳|婿", "child"),
    (r"父|母|爸|妈|公|婆", "parent"),
    (r"兄|弟|姐|妹|哥", "sibling"),
    (r"租", "tenant"),
    (r"寄住|借住", "lodger"),
)


def tie_in(words: str) -> str:
    """ "relative" when nothing or something else is said."""
    return next((tie for said, tie in TIES if re.search(said, words)), "relative")


def heads_first(lines: list[Line]) -> list[Line]:
    """So that whom the sheet calls 户主 is the head, wherever in the sheet they stand."""
    return sorted(lines, key=lambda line: tie_in(line.tie) != HEAD)


def move_in(by: Actor, line: Line, person: Person, place: Place | None) -> None:
    """Where the place can have doors and belongs to a grid; elsewhere only the place is known."""
    number = door_in(line.door) if line.door else None
    if number is None or place is None or place.kind not in ("building", "unit") or place.grid is None:
        return
    home = household_at(by.session, place, number)
    if home is None:
        people.make_household(by, place, number, person)
        return
    tie = tie_in(line.tie)
    people.add_member(by, home, person, "relative" if tie == HEAD else tie)
