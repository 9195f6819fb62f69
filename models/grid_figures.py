"""How many buildings, households and residents each grid has: the list of grids asks for a page of them at once.

Whose grid a place is in is read first and given on as a list. As parts of one statement, one in another, PostgreSQL
walked through all of them again for each resident where its statistics were of a time when the tables were empty:
fifty residents took three seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from app import clock
from models.households import STALE_AFTER, Household, HouseholdMember, live_households
from models.identity import Person
from models.people import residents
from models.places import Grid, Place


@dataclass(frozen=True, slots=True)
class GridFigures:
    """`stale` households have not been checked for half a year."""

    buildings: int
    households: int
    stale: int
    residents: int


def figures_of(session: Session, grids: Iterable[Grid]) -> dict[int, GridFigures]:
    """By the grid's id; five statements for however many grids."""
    own = select(Place.id, Place.grid_id).where(Place.grid_id.in_([grid.id for grid in grids]))
    grid_of = {building: grid for building, grid in session.execute(own) if grid is not None}
    many = Counter(grid_of.values())
    inside = select(Place.id, Place.parent_id).where(Place.parent_id.in_(grid_of))
    grid_of |= {unit: grid_of[building] for unit, building in session.execute(inside) if building}
    households, stale, people = Counter[int](), Counter[int](), Counter[int]()
    for place, some, old in session.execute(_households(grid_of)):
        households[grid_of[place]] += some
        stale[grid_of[place]] += old
    for counted in (_at_home(grid_of), _who_say_so(grid_of)):
        for place, some in session.execute(counted):
            people[grid_of[place]] += some
    return {g.id: GridFigures(many[g.id], households[g.id], stale[g.id], people[g.id]) for g in grids}


def _households(places: Collection[int]) -> Select[*tuple[Any, ...]]:
    old = func.count().filter(Household.checked_at < clock.now() - STALE_AFTER)
    here = live_households().where(Household.place_id.in_(places))
    return here.with_only_columns(Household.place_id, func.count(), old).group_by(Household.place_id)


def _at_home(places: Collection[int]) -> Select[*tuple[Any, ...]]:
    """Residents by the place of their household."""
    stays = residents().join(HouseholdMember, HouseholdMember.person_id == Person.id).join(Household)
    here = stays.where(HouseholdMember.until.is_(None), Household.place_id.in_(places))
    return here.with_only_columns(Household.place_id, func.count()).group_by(Household.place_id)


def _who_say_so(places: Collection[int]) -> Select[*tuple[Any, ...]]:
    """Residents in no household by the place where they say that they live."""
    stay = aliased(HouseholdMember)
    housed = select(stay.id).where(stay.person_id == Person.id, stay.until.is_(None)).exists()
    here = residents().where(Person.place_id.in_(places), ~housed)
    return here.with_only_columns(Person.place_id, func.count()).group_by(Person.place_id)
