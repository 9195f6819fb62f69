"""Places and grids by their names: found from what somebody typed, and read out with what they lie in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, literal, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from models.places import Grid, Place
from models.refusal import Refusal


def with_line(place: Any) -> Any:
    """An option for a statement: what lies above this place (to the committee) comes along, for `full_name`."""
    return joinedload(place).joinedload(Place.parent).joinedload(Place.parent).joinedload(Place.parent)


def place_called(session: Session, words: str) -> Place | None:
    """The one place with this full name ("东府佳苑3号楼2单元")."""
    bare = "".join(words.split())
    found = [place for place in session.scalars(places_named_in(bare)) if place.full_name == bare]
    return found[0] if len(found) == 1 else None


def estate_called(session: Session, words: str | None) -> Place | None:
    """The estate of this name; none when nothing was typed, refused when it is no estate."""
    if not (words or "").strip():
        return None
    found = place_called(session, words or "")
    if found is None or found.kind != "estate":
        raise Refusal("people.no_such_place")
    return found


def grid_called(session: Session, words: str | None) -> Grid | None:
    """The grid of this name; none when nothing was typed, refused when no grid is called so."""
    name = (words or "").strip()
    if not name:
        return None
    found = session.scalar(select(Grid).where(Grid.name == name))
    if found is None:
        raise Refusal("people.no_such_grid", name=name)
    return found


def places_named_in(words: str) -> Select[Place]:
    """Those whose own name is in the words, and the names of what they lie in: few, where all take half a second."""
    said, committee, part = literal(words), aliased(Place), aliased(Place)
    committees_too = or_(
        Place.parent_id.is_(None),
        Place.parent_id.in_(select(committee.id).where(committee.kind == "committee")),
    )
    first = select(Place.id, said.label("said")).where(committees_too, said.contains(Place.name))
    named = first.cte("named", recursive=True)
    # The words come along, because of a filter that knows only its own table SQLite first reads all of it (for a bloom
    # filter), as soon as it has statistics.
    inside_it = select(part.id, named.c.said).join(named, part.parent_id == named.c.id)
    inside_it = inside_it.where(named.c.said.contains(part.name))
    return select(Place).where(Place.id.in_(select(named.union(inside_it).c.id)))
