"""Whom a broadcast did not reach, and who is told at the door: by grid, house and door.

On the list stands whoever has no WeChat (paper), whose message failed, expired or may be lost (unknown), and, where the
staff say so for an urgent one, who has given no sign some hours after it was sent. Who is told together lives together:
one knock is for everybody behind that door.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, union_all, update
from sqlalchemy.orm import Session, aliased

from app import clock
from models.broadcasts import STANDING, Broadcast, BroadcastCall, BroadcastRecipient, standing_of
from models.households import Household, HouseholdMember
from models.identity import Person
from models.notices import Notice
from models.outbox import OutboxRow
from models.places import Grid, Place
from models.reach import BEGUN, CAME, NOT_REACHED, TOLD, delivered, was_corrected
from models.sight import seen_by
from models.staff import StaffMember
from models.unindexed import unindexed

STATES = (*TOLD, "nobody", "moved")
AGAIN = "nobody"  # they are tried again
LIVES = timedelta(days=30)

# By other names than in models/sight, whose conditions ask for households too.
Home, Building = aliased(Place), aliased(Place)
Stay, House = aliased(HouseholdMember), aliased(Household)
_left = func.coalesce(OutboxRow.settled_at, BroadcastCall.settled_at, BroadcastCall.first_sent_at)


# ---- which broadcasts ------------------------------------------------------------------------------------------------


def is_worth_telling(broadcast: Broadcast, corrected: bool) -> bool:
    """Nobody knocks for what is over, wrong, or was stopped."""
    return broadcast.state in BEGUN and broadcast.notice.is_current and not corrected


def worth_telling() -> Select[Broadcast]:
    """The latest first."""
    today = clock.today()
    holds = or_(Notice.valid_until.is_(None), Notice.valid_until >= today)
    return (
        select(Broadcast)
        .join(Notice, Notice.id == Broadcast.notice_id)
        .where(Broadcast.state.in_(BEGUN), Broadcast.begun_at > clock.now() - LIVES)
        .where(Notice.state == "published", Notice.valid_from <= today, holds, ~was_corrected())
        .order_by(Broadcast.urgent.desc(), Broadcast.begun_at.desc())
    )


# ---- who stands on the list ------------------------------------------------------------------------------------------


def _needs(broadcast: Broadcast) -> ColumnElement[bool]:
    return or_(STANDING.in_(NOT_REACHED), _silent(broadcast))


def _among(broadcast: Broadcast) -> Any:
    """Among these are all who need it, or were ticked: a few, where the audience is a town. Where somebody stands is
    told by three tables; here each is asked by an index of its own for those who did not get it."""
    row = aliased(BroadcastRecipient)
    mine = select(row.id).where(row.broadcast_id == broadcast.id)
    unheld = row.outbox_id.is_(None), row.settled_as.is_(None)
    also_mine = select(row.id).where(unindexed(row.broadcast_id) == broadcast.id)
    letters = also_mine.join(OutboxRow, OutboxRow.id == row.outbox_id)
    calls = also_mine.join(BroadcastCall, BroadcastCall.id == row.call_id)
    return union_all(
        mine.where(row.state == "paper"),
        mine.where(row.settled_as.in_(NOT_REACHED)),
        mine.where(row.door_state.is_not(None)),
        mine.where(*unheld, row.state == "outbox"),
        mine.where(*unheld, row.state == "call", row.call_id.is_(None)),
        letters.where(OutboxRow.bundle == broadcast.bundle, OutboxRow.state.in_(NOT_REACHED)),
        calls.where(BroadcastCall.broadcast_id == broadcast.id, BroadcastCall.state.in_(NOT_REACHED)),
    )


def _silent(broadcast: Broadcast) -> ColumnElement[bool]:
    """Sent, so many hours ago that they should have said so."""
    if broadcast.knock_after is None:
        return false()
    since = clock.now() - timedelta(hours=broadcast.knock_after)
    return and_(STANDING.in_(CAME), ~delivered(), _left <= since)


def is_told() -> ColumnElement[bool]:
    return or_(BroadcastRecipient.door_state.in_(TOLD), BroadcastRecipient.read_at.is_not(None))


def is_moved() -> ColumnElement[bool]:
    return and_(BroadcastRecipient.door_state == "moved", BroadcastRecipient.read_at.is_(None))


def is_open() -> ColumnElement[bool]:
    """Still to be told: nobody has, nobody was there, and they have not read it themselves."""
    again = or_(BroadcastRecipient.door_state.is_(None), BroadcastRecipient.door_state == AGAIN)
    return and_(again, BroadcastRecipient.read_at.is_(None))


def listed(broadcast: Broadcast, staff: StaffMember) -> Select[Any]:
    """(BroadcastRecipient, standing, Place of the home, Household) of everybody who must be or was told, that this
    member of staff may see, in the order of a walk: house by house, door by door."""
    return _listed(broadcast).where(seen_by(staff))


def _listed(broadcast: Broadcast) -> Select[Any]:
    ticked = BroadcastRecipient.door_state.is_not(None)
    rows: Select[Any] = at_home(standing_of(broadcast).add_columns(Home, House))
    if broadcast.knock_after is None:
        # Found first and by itself: PostgreSQL would rather go through the whole audience to see who is among them.
        among = _among(broadcast).cte("among").prefix_with("MATERIALIZED", dialect="postgresql")
        rows = rows.where(BroadcastRecipient.id.in_(select(among.c.id)))
    person = Person.erased_at.is_(None), unindexed(Person.merged_into_id).is_(None)
    return (
        rows.where(or_(_needs(broadcast), ticked), *person)
        .order_by(Building.id.is_(None), Building.parent_id, Building.position, Building.id)
        .order_by(Home.position, Home.id, House.id, BroadcastRecipient.id)
    )


def waiting(session: Session, since: datetime | None) -> int:
    """How many people, of whatever grid, are still to be told; or of what was sent after `since`."""
    sent = worth_telling() if since is None else worth_telling().where(Broadcast.begun_at > since)
    lists = (_listed(row).where(is_open()).order_by(None) for row in session.scalars(sent))
    counts = (one.with_only_columns(func.count(), maintain_column_froms=True) for one in lists)
    return sum(session.scalar(one) or 0 for one in counts)


def at_home(rows: Any, *, erased: bool = False) -> Any:
    """Recipients together with the person, the household and the places where they live; on demand those too who are
    nobody any more."""
    stays = Stay.person_id == Person.id, Stay.until.is_(None)
    return (
        rows.join(Person, Person.id == BroadcastRecipient.person_id, isouter=erased)
        .outerjoin(Stay, and_(*stays))
        .outerjoin(House, House.id == Stay.household_id)
        .outerjoin(Home, Home.id == func.coalesce(House.place_id, Person.place_id))
        .outerjoin(Building, Building.id == _building_id())
    )


def _building_id() -> Any:
    return case((Home.kind == "unit", Home.parent_id), else_=Home.id)


def in_grid(number: int) -> ColumnElement[bool]:
    """For rows of `listed`; 0 is those who live in none that we know of."""
    return Building.grid_id == number if number else Building.grid_id.is_(None)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many people of a list were told, found not at home, have moved, and are still to be told."""

    total: int
    told: int
    nobody: int
    moved: int

    @property
    def left(self) -> int:
        return self.total - self.told - self.moved


def progress_by_grid(session: Session, broadcast: Broadcast, staff: StaffMember) -> dict[int, Progress]:
    """Grid id (0: none) → how far it is."""
    told, row = is_told(), BroadcastRecipient
    sums = (
        func.count(),
        func.sum(case((told, 1), else_=0)),
        func.sum(case((and_(~told, row.door_state == AGAIN), 1), else_=0)),
        func.sum(case((and_(~told, row.door_state == "moved"), 1), else_=0)),
    )
    rows = (
        listed(broadcast, staff)
        .order_by(None)
        .with_only_columns(Building.grid_id, *sums, maintain_column_froms=True)
    )
    found = session.execute(rows.group_by(Building.grid_id))
    return {grid or 0: Progress(total, told, nobody, moved) for grid, total, told, nobody, moved in found}


def together(progress: Sequence[Progress]) -> Progress:
    parts = ([one.total, one.told, one.nobody, one.moved] for one in progress)
    return (
        Progress(*(sum(column) for column in zip(*parts, strict=True))) if progress else Progress(0, 0, 0, 0)
    )


def grids_named(session: Session, ids: Iterable[int]) -> dict[int, str]:
    named = select(Grid.id, Grid.name).where(Grid.id.in_([*ids]))
    return {number: name for number, name in session.execute(named)}  # noqa: C416 (a row is no pair for mypy)


# ---- a knock ---------------------------------------------------------------------------------------------------------


def behind_same_door(session: Session, row: BroadcastRecipient, staff: StaffMember) -> list[int]:
    """The ids of the rows on the list that one knock is for: the household's, or this one's alone."""
    household = session.scalar(
        select(HouseholdMember.household_id).where(
            HouseholdMember.person_id == row.person_id, HouseholdMember.until.is_(None)
        )
    )
    which = House.id == household if household else BroadcastRecipient.id == row.id
    mine = listed(row.broadcast, staff).where(which).order_by(None)
    return list(session.scalars(mine.with_only_columns(BroadcastRecipient.id)))


def tick(session: Session, rows: Sequence[int], state: str, by: StaffMember) -> int:
    """By one counted UPDATE: who was told already is not told by somebody else as well; how many were ticked."""
    return _mark(session, rows, is_open(), door_state=state, door_by_id=by.id, door_at=clock.now())


def untick(session: Session, rows: Sequence[int], state: str) -> int:
    """Only what stands as whoever takes it back has seen it."""
    seen = BroadcastRecipient.door_state == state
    return _mark(session, rows, seen, door_state=None, door_by_id=None, door_at=None)


def _mark(session: Session, rows: Sequence[int], which: ColumnElement[bool], **values: Any) -> int:
    marked = (
        update(BroadcastRecipient)
        .where(BroadcastRecipient.id.in_(rows), which)
        .values(**values)
        .returning(BroadcastRecipient.id)
        .execution_options(synchronize_session=False)
    )
    found = session.execute(marked).all()
    session.expire_all()
    return len(found)
