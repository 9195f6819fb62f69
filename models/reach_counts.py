"""The numbers of a report: how many, by road and state, over time, by grid and house. Small groups are not told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.broadcasts import STANDING, Broadcast, BroadcastCall, BroadcastRecipient, standing_of
from models.identity import Person
from models.knocks import Building, at_home
from models.outbox import OutboxRow
from models.reach import MAY_HAVE_GOT, NOT_REACHED, TOLD, delivered

LEAST = 5  # a smaller group tells of single people
HOURS = (1, 4, 24, 72)

_read = BroadcastRecipient.read_at.is_not(None)
_told = BroadcastRecipient.door_state.in_(TOLD)
_reached = or_(_read, and_(BroadcastRecipient.door_state.is_not(None), _told), delivered())


class Tally(NamedTuple):
    """So many people of this house and road, who stand here, and of whom we know this. `how` is the sign that they
    gave, `early` how many had given it within each of the HOURS that have passed."""

    house: int | None
    grid: int | None
    erased: bool
    road: str
    standing: str
    read: bool
    told: bool
    reached: bool
    how: str | None
    people: int
    early: Sequence[int]

    @property
    def kind(self) -> str:
        """Where they belong in the whole: "reached" is what we know, "perhaps" what WeChat does not tell."""
        if self.reached:
            return "reached"
        if self.standing in NOT_REACHED:
            return "missed"
        if self.standing in MAY_HAVE_GOT:
            return "perhaps"
        return "stopped" if self.standing in ("cancelled", "stopped") else "waits"


def tallied(session: Session, broadcast: Broadcast) -> list[Tally]:
    """Everything that a report counts: the audience, perhaps a whole town, is gone through once."""
    keys = [
        *(Building.id, Building.grid_id, Person.id.is_(None), BroadcastRecipient.road, STANDING),
        *(case((sign, 1), else_=0) for sign in (_read, _told, _reached)),
        BroadcastRecipient.read_how,
    ]
    early = [func.sum(case((until, 1), else_=0)) for until in _within(broadcast)]
    rows = at_home(standing_of(broadcast), erased=True)
    counted = rows.with_only_columns(*keys, func.count(), *early, maintain_column_froms=True).group_by(*keys)
    return [
        Tally(
            house,
            grid,
            bool(erased),
            road,
            standing,
            bool(read),
            bool(told),
            bool(reached),
            how,
            people,
            sums,
        )
        for house, grid, erased, road, standing, read, told, reached, how, people, *sums in session.execute(
            counted
        )
    ]


def _within(broadcast: Broadcast) -> list[ColumnElement[bool]]:
    if broadcast.begun_at is None:
        return []
    begun, passed = broadcast.begun_at, clock.now() - broadcast.begun_at
    lengths = [timedelta(hours=one) for one in HOURS]
    return [BroadcastRecipient.read_at <= begun + length for length in lengths if length <= passed]


def by_sign(tallies: Iterable[Tally]) -> dict[str, int]:
    """page, word, menu → how many gave that sign."""
    found = Counter[str]()
    for one in tallies:
        if one.read:
            found[one.how or ""] += one.people
    return found


def read_within(tallies: Iterable[Tally]) -> list[tuple[int, int]]:
    """(hours, how many had given a sign by then), as far as so many hours have passed."""
    columns = zip(*(one.early for one in tallies), strict=True)
    return [(hours, sum(column)) for hours, column in zip(HOURS, columns, strict=False)]


def failures(session: Session, broadcast: Broadcast) -> list[tuple[int | None, str | None, int]]:
    """(WeChat's code, the reason, how many) of what failed, the most frequent first."""
    code = func.coalesce(OutboxRow.errcode, BroadcastCall.errcode)
    reason = func.coalesce(OutboxRow.reason, BroadcastCall.reason)
    rows = standing_of(broadcast).where(STANDING == "failed")
    grouped = rows.with_only_columns(code, reason, func.count(), maintain_column_froms=True)
    found = session.execute(grouped.group_by(code, reason).order_by(func.count().desc()))
    return [(errcode, why, count) for errcode, why, count in found]


def calls_of(broadcast: Broadcast) -> Select[BroadcastCall]:
    mine = BroadcastCall.broadcast_id == broadcast.id
    return select(BroadcastCall).where(mine).order_by(BroadcastCall.number)


# ---- by grid and house -----------------------------------------------------------------------------------------------


class Group(NamedTuple):
    """A grid or house: how many people, of how many we know that they were reached, how many gave a sign."""

    key: int | None
    total: int
    reached: int
    read: int
    missed: int


def by_house(tallies: Iterable[Tally]) -> list[Group]:
    return _grouped(tallies, lambda one: one.house)


def by_grid(tallies: Iterable[Tally]) -> list[Group]:
    return _grouped(tallies, lambda one: one.grid)


def _grouped(tallies: Iterable[Tally], key: Callable[[Tally], int | None]) -> list[Group]:
    found: dict[int | None, list[Group]] = {}
    for one in tallies:
        if not one.erased:
            signs = (one.reached, one.read, one.kind == "missed")
            group = Group(None, one.people, *(one.people if sign else 0 for sign in signs))
            found.setdefault(key(one), []).append(group)
    together = [_added(groups)._replace(key=which) for which, groups in found.items()]
    return sorted(together, key=lambda one: (one.key is not None, one.key or 0))


def told_apart(groups: Iterable[Group]) -> tuple[list[Group], Group | None]:
    """Those that are large enough, and the small ones as one; if that one were small too, or could be worked out from
    the total, the next smallest goes along."""
    large: list[Group] = []
    small: list[Group] = []
    for group in groups:
        (large if group.total >= LEAST else small).append(group)
    while small and large and sum(one.total for one in small) < LEAST:
        smallest = min(large, key=lambda one: one.total)
        large.remove(smallest)
        small.append(smallest)
    return large, _added(small) if small else None


def _added(groups: Sequence[Group]) -> Group:
    sums = (sum(column) for column in zip(*(group[1:] for group in groups), strict=True))
    return Group(None, *sums)
