"""Where residents live: 居委会 → 小区/院 → 楼栋 → 单元; the grid follows from the building and is never asked for."""

from __future__ import annotations

from sqlalchemy import CTE, ForeignKey, Index, Select, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base

ABOVE = {"committee": None, "estate": "committee", "building": "estate", "unit": "building"}
BELOW = {"committee": "estate", "estate": "building", "building": "unit"}


class Grid(Base):
    """What one grid worker looks after. The worker is a name and a number on the door, not a record of a person."""

    __tablename__ = "grid"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    worker: Mapped[str] = mapped_column(String(40))
    worker_phone: Mapped[str | None] = mapped_column(String(20))


class Place(Base):
    """A node of the tree. `grid_id` stands on buildings; `position` orders the neighbours under one parent."""

    __tablename__ = "place"
    __table_args__ = (Index("ix_place_kind_position", "kind", "position", "id"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"), index=True)

    parent: Mapped[Place | None] = relationship(remote_side="Place.id")
    own_grid: Mapped[Grid | None] = relationship()

    @property
    def line(self) -> list[Place]:
        """From the committee down to here."""
        return [*(self.parent.line if self.parent else []), self]

    @property
    def full_name(self) -> str:
        """ "东府佳苑3号楼2单元": the committee is left out, unless it is all that is known."""
        below = [place.name for place in self.line if place.kind != "committee"]
        return "".join(below) or self.name

    @property
    def grid(self) -> Grid | None:
        """The grid of the building that this is, or is in."""
        return next((place.own_grid for place in reversed(self.line) if place.own_grid), None)


def committees() -> Select[Place]:
    return _in_order(select(Place).where(Place.kind == "committee"))


def inside(place: Place) -> Select[Place]:
    """What lies directly under a place: estates of a committee, buildings of an estate, units of a building."""
    return _in_order(select(Place).where(Place.parent_id == place.id))


def estates() -> Select[Place]:
    return _in_order(select(Place).where(Place.kind == "estate"))


def _in_order(places: Select[Place]) -> Select[Place]:
    return places.order_by(Place.position, Place.id)


def places_of_grid(grid_id: int) -> Select[int]:
    """The buildings of a grid and their units."""
    own = select(Place.id).where(Place.grid_id == grid_id)
    inside_them = select(Place.id).where(Place.parent_id.in_(own))
    # Two short lists: PostgreSQL takes an OR for half of all places, and then reads every household.
    return select(Place.id).where(Place.id.in_(own.union_all(inside_them)))


def below(session: Session, place: Place) -> list[int]:
    """This place and all that lies in it."""
    found, latest = [place.id], [place.id]
    while latest:
        latest = list(session.scalars(select(Place.id).where(Place.parent_id.in_(latest))))
        found += latest
    return found


def grid_of_each_place() -> CTE:
    """Every place (`id`) and the grid of the building that it is, or is in (`grid_id`)."""
    own = select(Place.id, Place.grid_id).where(Place.parent_id.is_(None)).cte(recursive=True)
    below = select(Place.id, func.coalesce(Place.grid_id, own.c.grid_id))
    return own.union_all(below.join(own, Place.parent_id == own.c.id))


def broken_places(session: Session) -> list[str]:
    """Places that do not stand under the kind of place that they belong to; grids on anything but buildings."""
    places = session.scalars(select(Place).order_by(Place.id))
    return [f"place {place.id} stands in the wrong place" for place in places if not _stands_right(place)]


def _stands_right(place: Place) -> bool:
    above = place.parent.kind if place.parent else None
    return above == ABOVE.get(place.kind, "") and (place.grid_id is None or place.kind == "building")
