"""Which buildings and grids a page of the console offers: all of them in a neighbourhood, in a district those of the
estate that somebody has asked for. A list of a thousand boxes is read by nobody, and written slowly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from models.places import Grid, Place, estates
from models.places_named import with_line
from models.unindexed import unindexed

MOST_ESTATES = 30
MOST_NAMES = 150  # of grids, five for an estate


@dataclass(frozen=True)
class Offer:
    """Estates with their buildings. `others` are (id, name) of all estates to ask for, when not all are here."""

    estates: list[tuple[Place, list[Place]]]
    others: Sequence[Any] = field(default_factory=list)

    @property
    def grids(self) -> set[int]:
        """Those that look after what is offered."""
        return {one.grid_id for _, buildings in self.estates for one in buildings if one.grid_id}


def offered(session: Session, asked: Collection[int] = ()) -> Offer:
    """`asked`: estates and buildings that must be there, because somebody looks at them or they are ticked."""
    names = session.execute(estates().with_only_columns(Place.id, Place.name)).all()
    if len(names) <= MOST_ESTATES:
        return Offer(_with_buildings(session, [one.id for one in names]))
    above = select(Place.parent_id).where(Place.id.in_(asked), unindexed(Place.kind) == "building")
    return Offer(_with_buildings(session, {*asked, *session.scalars(above)}), names)


def _with_buildings(session: Session, ids: Collection[int | None]) -> list[tuple[Place, list[Place]]]:
    found: dict[int | None, list[Place]] = {}
    buildings = select(Place).where(unindexed(Place.kind) == "building", Place.parent_id.in_(ids))
    for one in session.scalars(buildings.order_by(Place.position, Place.id)):
        found.setdefault(one.parent_id, []).append(one)
    return [(one, found.get(one.id, [])) for one in session.scalars(estates().where(Place.id.in_(ids)))]


def grids_offered(session: Session, offer: Offer, asked: Collection[int] = ()) -> Sequence[Grid]:
    """All, or in a district those of the buildings that are offered, and those that are ticked."""
    shown = select(Grid).order_by(Grid.name)
    if offer.others:
        shown = shown.where(Grid.id.in_({*offer.grids, *asked}))
    return session.scalars(shown).all()


def grid_names(session: Session) -> Sequence[str]:
    """What the browser offers while somebody types a grid: all of a neighbourhood. In a district it offers none, and
    they are found by the whole name (`grid_called`)."""
    return _few(
        session.scalars(select(Grid.name).order_by(Grid.name).limit(MOST_NAMES + 1)).all(), MOST_NAMES
    )


def estate_names(session: Session) -> Sequence[str]:
    """The same for estates (`place_called`)."""
    named = estates().with_only_columns(Place.name).limit(MOST_ESTATES + 1)
    return _few(session.scalars(named).all(), MOST_ESTATES)


def _few(names: Sequence[str], most: int) -> Sequence[str]:
    return names if len(names) <= most else ()


def buildings_of_grid(
    session: Session, grid: int | None, offer: Offer, asked: Collection[int]
) -> list[Place]:
    """What a grid may be given: what is offered, and what it has."""
    ids = {one.id for _, buildings in offer.estates for one in buildings} | set(asked)
    mine = Place.grid_id == grid if grid else Place.id.in_(())
    found = select(Place).where(unindexed(Place.kind) == "building", or_(Place.id.in_(ids), mine))
    whole = with_line(Place.parent), joinedload(Place.own_grid)
    return list(session.scalars(found.options(*whole).order_by(Place.id)))
