"""Whether wishes are treated alike: how many of each group were said, shown, fulfilled, refused, and how long they
waited. A group that is so small that one might know who it is shows no number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from models.base import minutes_between
from models.identity import Person
from models.lately import counted_lately
from models.places import Place
from models.wishes import Claim, Wish

LEAST = 5
KEPT_FOR = 600  # seconds
YEAR, A_DAY = timedelta(days=365), 24 * 60  # minutes


class Told(NamedTuple):
    """One wish as far as it is counted; `waited` in days."""

    category: str
    for_other: bool
    for_whom: str
    state: str
    estate: str
    was_public: bool
    waited: float | None


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    said: int
    public: int
    fulfilled: int
    refused: int
    days: float | None


def shown(number: int) -> str:
    """A count for eyes: small ones are not told apart."""
    return f"<{LEAST}" if 0 < number < LEAST else str(number)


Tables = dict[str, list["Group"]]


def tables_of_a_year(session: Session, by: Mapping[str, Callable[[Told], str]], *, public: bool) -> Tables:
    """The wishes of a year in groups, by each of these; of a large town as they were within the last minutes."""
    key = "wishes", clock.today(), public, tuple(by)

    def count() -> Tables:
        rows = [one for one in wishes_of_a_year(session) if one.was_public or not public]
        return {name: groups(rows, of) for name, of in by.items()}

    return counted_lately(session, key, count, _size, KEPT_FOR)


def _size(tables: Tables) -> int:
    return max((sum(one.said for one in its) for its in tables.values()), default=0)


def wishes_of_a_year(session: Session) -> list[Told]:
    first = select(Claim.wish_id, func.min(Claim.claimed_at).label("at")).group_by(Claim.wish_id).subquery()
    columns = (
        Wish.category,
        Wish.for_other,
        Wish.for_whom,
        Wish.state,
        Person.place_id,
        Wish.published_at.is_not(None),
        minutes_between(Wish.published_at, first.c.at),
    )
    asked = select(*columns).outerjoin(Person, Person.id == Wish.wisher_id)
    asked = asked.outerjoin(first, first.c.wish_id == Wish.id).where(Wish.said_at >= clock.now() - YEAR)
    estates = _estates(session)
    return [
        Told(
            category,
            for_other,
            whom or "没分",
            state,
            estates.get(place or 0, "没登记住处"),
            published,
            waited / A_DAY if waited is not None else None,
        )
        for category, for_other, whom, state, place, published, waited in session.execute(asked)
    ]


def _estates(session: Session) -> dict[int, str]:
    """Every place → the name of the estate that it stands in."""
    columns = Place.id, Place.parent_id, Place.kind, Place.name
    places = {one.id: one for one in session.execute(select(*columns))}
    names = {}
    for number, place in places.items():
        above: Any = place
        while above is not None and above.kind != "estate":
            above = places.get(above.parent_id or 0)
        if above is not None:
            names[number] = above.name
    return names


def groups(rows: Iterable[Told], by: Callable[[Told], str]) -> list[Group]:
    """The largest first."""
    found: dict[str, list[Told]] = {}
    for one in rows:
        found.setdefault(by(one), []).append(one)
    return sorted((_group(name, its) for name, its in found.items()), key=lambda one: -one.said)


def _group(name: str, rows: list[Told]) -> Group:
    waits = [one.waited for one in rows if one.waited is not None]
    return Group(
        name=name,
        said=len(rows),
        public=sum(one.was_public for one in rows),
        fulfilled=sum(one.state in ("confirmed", "thanked") for one in rows),
        refused=sum(one.state == "refused" for one in rows),
        days=median(waits) if len(waits) >= LEAST else None,
    )
