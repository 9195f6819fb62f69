"""Grids and places: what is added, renamed, put into another order, and which grid looks after which building."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app import audit
from models.households import Household, live_households
from models.identity import Actor
from models.places import BELOW, Grid, Place, inside, places_of_grid
from models.refusal import Refusal
from models.sight import need_staff

LONGEST_NAME = 40


def add_grid(by: Actor, name: str, worker: str, worker_phone: str | None) -> Grid:
    need_staff(by)
    grid = Grid(name=_free_name(by, name), worker=_name(worker), worker_phone=_phone(worker_phone))
    by.session.add(grid)
    audit.note(by, "people.add_grid", grid)
    return grid


def change_grid(by: Actor, grid: Grid, name: str, worker: str, worker_phone: str | None) -> None:
    """Another worker, another number: what residents are told when they ask for their grid worker."""
    need_staff(by)
    if name.strip() != grid.name:
        grid.name = _free_name(by, name)
    grid.worker, grid.worker_phone = _name(worker), _phone(worker_phone)
    audit.note(by, "people.change_grid", grid)


def assign_buildings(by: Actor, grid: Grid, buildings: Collection[Place]) -> int:
    """Exactly these buildings belong to the grid. A building with households never falls out of every grid."""
    need_staff(by)
    if any(place.kind != "building" for place in buildings):
        raise Refusal("people.grid_needs_buildings")
    wanted = {place.id for place in buildings}
    own = by.session.scalars(select(Place).where(Place.grid_id == grid.id).with_for_update()).all()
    dropped = [place for place in own if place.id not in wanted]
    if any(_lived_in(by, place) for place in dropped):
        raise Refusal("people.grid_would_lose_homes")
    taken = [place for place in buildings if place.grid_id != grid.id]
    for place in dropped:
        place.own_grid = None
    for place in taken:
        place.own_grid = grid
    audit.note(by, "people.assign_buildings", grid, added=len(taken), dropped=len(dropped))
    return len(taken) + len(dropped)


def end_grid(by: Actor, grid: Grid) -> None:
    """A grid without buildings and workers can go."""
    need_staff(by)
    if by.session.scalar(places_of_grid(grid.id).limit(1)) is not None:
        raise Refusal("people.grid_has_buildings")
    audit.note(by, "people.end_grid", grid)
    by.session.delete(grid)


# ---- places ----------------------------------------------------------------------------------------------------


def add_place(by: Actor, parent: Place, name: str) -> Place:
    """An estate in a committee, a building in an estate, a unit in a building; last of its neighbours."""
    need_staff(by)
    kind = BELOW.get(parent.kind)
    if kind is None:
        raise Refusal("people.nothing_below")
    neighbours = by.session.scalars(inside(parent)).all()
    place = Place(kind=kind, name=_free_place(neighbours, name), parent=parent)
    place.position = max((one.position for one in neighbours), default=0) + 1
    by.session.add(place)
    audit.note(by, "people.add_place", place)
    return place


def rename_place(by: Actor, place: Place, name: str) -> None:
    need_staff(by)
    place.name = _free_place([one for one in _neighbours(by, place) if one.id != place.id], name)
    audit.note(by, "people.rename_place", place)


def move_place(by: Actor, place: Place, steps: int) -> None:
    """Up (−1) or down (+1) among its neighbours, in which residents are offered them."""
    need_staff(by)
    line = _neighbours(by, place)
    here = line.index(place)
    there = min(max(here + steps, 0), len(line) - 1)
    line.insert(there, line.pop(here))
    for position, one in enumerate(line, 1):
        one.position = position
    audit.note(by, "people.move_place", place)


def _neighbours(by: Actor, place: Place) -> list[Place]:
    beside = Place.kind == place.kind, Place.parent_id == place.parent_id
    return list(by.session.scalars(select(Place).where(*beside).order_by(Place.position, Place.id)))


# ---- rules of the fields ---------------------------------------------------------------------------------------


def _lived_in(by: Actor, building: Place) -> bool:
    below = select(Place.id).where((Place.id == building.id) | (Place.parent_id == building.id))
    return by.session.scalar(live_households().where(Household.place_id.in_(below)).limit(1)) is not None


def _free_name(by: Actor, name: str) -> str:
    bare = _name(name)
    if by.session.scalar(select(Grid).where(Grid.name == bare)) is not None:
        raise Refusal("people.name_taken")
    return bare


def _free_place(neighbours: Collection[Place], name: str) -> str:
    bare = "".join(_name(name).split())
    if any(one.name == bare for one in neighbours):
        raise Refusal("people.name_taken")
    return bare


def _name(words: str) -> str:
    bare = words.strip()
    if not 1 <= len(bare) <= LONGEST_NAME:
        raise Refusal("people.name_needed")
    return bare


def _phone(words: str | None) -> str | None:
    bare = (words or "").strip()
    if bare and not (5 <= len(bare) <= 20 and all(sign in "0123456789-+ " for sign in bare)):
        raise Refusal("people.bad_phone")
    return bare or None
