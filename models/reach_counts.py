"""The numbers of a report: how many, by road and state, over time, by grid and house. Small groups are not told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.broadcasts import STANDING, Broadcast, BroadcastCall, BroadcastRecipient, standing_of
from models.knocks import Building, at_home
from models.outbox import OutboxRow
from models.people import Place
from models.reach import MAY_HAVE_GOT, NOT_REACHED, TOLD, delivered

LEAST = 5  # a smaller group tells of single people
HOURS = (1, 4, 24, 72)

_read = BroadcastRecipient.read_at.is_not(None)
_told = BroadcastRecipient.door_state.in_(TOLD)
_reached = or_(_read, and_(BroadcastRecipient.door_state.is_not(None), _told), delivered())


class Counted(NamedTuple):
    """So many people of this road, who stand here, and of whom we know this."""

    road: str
    standing: str
    read: bool
    told: bool
    reached: bool
    people: int

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


def counted(session: Session, broadcast: Broadcast) -> list[Counted]:
    signs = [case((sign, 1), else_=0) for sign in (_read, _told, _reached)]
    rows = standing_of(broadcast).with_only_columns(
        BroadcastRecipient.road, STANDING, *signs, func.count(), maintain_column_froms=True
    )
    found = session.execute(rows.group_by(BroadcastRecipient.road, STANDING, *signs))
    return [
        Counted(road, standing, bool(read), bool(told), bool(reached), people)
        for road, standing, read, told, reached, people in found
    ]


def counted_by_sign(session: Session, broadcast: Broadcast) -> dict[str, int]:
    """page, word, menu → how many gave that sign."""
    mine = BroadcastRecipient.broadcast_id == broadcast.id, _read
    rows = select(BroadcastRecipient.read_how, func.count()).where(*mine)
    return {how or "": count for how, count in session.execute(rows.group_by(BroadcastRecipient.read_how))}


def read_within(session: Session, broadcast: Broadcast) -> list[tuple[int, int]]:
    """(hours, how many had given a sign by then), as far as so many hours have passed."""
    if broadcast.begun_at is None:
        return []
    begun, passed = broadcast.begun_at, clock.now() - broadcast.begun_at
    hours = [one for one in HOURS if timedelta(hours=one) <= passed]
    sums = [
        func.sum(case((BroadcastRecipient.read_at <= begun + timedelta(hours=one), 1), else_=0))
        for one in hours
    ]
    if not sums:
        return []
    row = session.execute(select(*sums).where(BroadcastRecipient.broadcast_id == broadcast.id)).one()
    return [(one, int(count or 0)) for one, count in zip(hours, row, strict=True)]


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


def by_house(session: Session, broadcast: Broadcast) -> list[Group]:
    missed = and_(~_reached, STANDING.in_(NOT_REACHED))
    sums = [func.sum(case((sign, 1), else_=0)) for sign in (_reached, _read, missed)]
    rows = at_home(standing_of(broadcast)).with_only_columns(
        Building.id, func.count(), *sums, maintain_column_froms=True
    )
    found = session.execute(rows.group_by(Building.id).order_by(Building.id))
    return [
        Group(number, total, int(reached), int(read), int(missed))
        for number, total, reached, read, missed in found
    ]


def by_grid(session: Session, houses: Iterable[Group]) -> list[Group]:
    """The houses of each grid together: the audience, perhaps a whole town, is gone through once."""
    found_in = session.execute(select(Place.id, Place.grid_id))
    grids = {place: grid for place, grid in found_in}  # noqa: C416 (a row is no pair for mypy)
    found: dict[int | None, list[Group]] = {}
    for house in houses:
        found.setdefault(grids.get(house.key or 0), []).append(house)
    together = [_added(group)._replace(key=grid) for grid, group in found.items()]
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
