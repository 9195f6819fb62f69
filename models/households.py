"""Households: the people behind one door. A household elsewhere is another household, so who lived where stays readable
in the memberships; the grid is never written down here, it follows from the building.

Every change keeps what it touched before and after, and can be undone for 30 days as long as nothing else has touched
the same rows since.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.audit import AuditLine
from models.base import Base, Instant, RowKey, RowSealed, Sealed, SealedJSON, index_where
from models.identity import Person
from models.people import residents
from models.places import Place, grid_of_each_place, places_of_grid
from models.unindexed import unindexed

HEAD = "head"
TIES = (HEAD, "spouse", "child", "parent", "grandchild", "sibling", "relative", "tenant", "lodger")
UNDO_WITHIN = timedelta(days=30)
STALE_AFTER = timedelta(days=180)
LONGEST_DOOR = 12
State = dict[str, dict[str, dict[str, Any]]]


class Household(RowKey, Base):
    """`door` is the number on it ("301"), sealed; `door_index` finds the household of a door. `why` is how it ended:
    merged, moved, split (it never ends so), dissolved or empty; `into_id` is where its last people went."""

    __tablename__ = "household"
    __table_args__ = (
        index_where("ix_household_checked_at", "ended_at IS NULL", "checked_at"),
        Index(
            "uq_household_door",
            "door_index",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    _door: Mapped[bytes] = mapped_column("door", LargeBinary)
    door_index: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    checked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    why: Mapped[str | None] = mapped_column(String(12))
    into_id: Mapped[int | None] = mapped_column(ForeignKey("household.id", ondelete="SET NULL"))

    door = RowSealed[str]("household.door")
    place: Mapped[Place] = relationship()

    @property
    def address(self) -> str:
        return f"{self.place.full_name}{self.door}"

    @property
    def is_stale(self) -> bool:
        """Nobody has been asked for half a year whether this is still so."""
        return self.checked_at < clock.now() - STALE_AFTER


class HouseholdMember(Base):
    """One person's stay in a household. `temporary_until` is the last day of somebody who is only staying."""

    __tablename__ = "household_member"
    __table_args__ = (
        index_where("ix_household_member_temporary_until", "temporary_until IS NOT NULL", "temporary_until"),
        Index(
            "uq_household_member_person",
            "person_id",
            unique=True,
            postgresql_where=text("until IS NULL"),
            sqlite_where=text("until IS NULL"),
        ),
        Index(
            "uq_household_member_head",
            "household_id",
            unique=True,
            postgresql_where=text("until IS NULL AND tie = 'head'"),
            sqlite_where=text("until IS NULL AND tie = 'head'"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    tie: Mapped[str] = mapped_column(String(12))
    temporary_until: Mapped[date | None] = mapped_column(Date)
    since: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    until: Mapped[datetime | None] = mapped_column(Instant)
    why: Mapped[str | None] = mapped_column(String(12))

    household: Mapped[Household] = relationship()
    person: Mapped[Person] = relationship()


class HouseholdChange(Base):
    """What was done to one household (and the other one that it touched), why, and how it was before and after."""

    __tablename__ = "household_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    household_id: Mapped[int | None] = mapped_column(
        ForeignKey("household.id", ondelete="SET NULL"), index=True
    )
    other_id: Mapped[int | None] = mapped_column(ForeignKey("household.id", ondelete="SET NULL"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    reason: Mapped[str | None] = mapped_column(Sealed("household_change.reason"))
    before: Mapped[State | None] = mapped_column(SealedJSON("household_change.before"))
    after: Mapped[State | None] = mapped_column(SealedJSON("household_change.after"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def can_be_undone(self) -> bool:
        """As far as can be said without looking at what came later."""
        return self.undone_at is None and self.before is not None and self.at > clock.now() - UNDO_WITHIN


# ---- doors -----------------------------------------------------------------------------------------------------


def door_in(words: str) -> str | None:
    """ "３０１室" as 301; None when it is no number on a door."""
    door = re.sub(r"\s|室$|号$|户$", "", words.translate(_NARROW)).upper()
    return door if re.fullmatch(rf"[0-9A-Z一-鿿\-]{{1,{LONGEST_DOOR}}}", door) else None


_NARROW = {ord(wide): chr(ord(wide) - 0xFEE0) for wide in map(chr, range(0xFF01, 0xFF5F))}


def door_index(place: Place, door: str) -> str:
    return privacy.keyring().blind("household.door", f"{place.id}:{door}")


# ---- who lives where -------------------------------------------------------------------------------------------


def live_households() -> Select[Household]:
    return select(Household).where(Household.ended_at.is_(None))


def household_at(session: Session, place: Place, door: str) -> Household | None:
    return session.scalar(live_households().where(Household.door_index == door_index(place, door)))


def members_of(*households: Household) -> Select[HouseholdMember]:
    """Who lives there now, the head first."""
    theirs = HouseholdMember.household_id.in_([one.id for one in households])
    here = theirs, HouseholdMember.until.is_(None)
    return select(HouseholdMember).where(*here).order_by(HouseholdMember.tie != HEAD, HouseholdMember.id)


def past_members_of(household: Household) -> Select[HouseholdMember]:
    gone = HouseholdMember.household_id == household.id, HouseholdMember.until.is_not(None)
    return select(HouseholdMember).where(*gone).order_by(HouseholdMember.until.desc(), HouseholdMember.id)


def stay_of(session: Session, person: Person) -> HouseholdMember | None:
    """Where this person lives now, if they live in a household."""
    here = HouseholdMember.person_id == person.id, HouseholdMember.until.is_(None)
    return session.scalar(select(HouseholdMember).where(*here))


def stays_of(person: Person) -> Select[HouseholdMember]:
    """All their stays, the latest first."""
    mine = HouseholdMember.person_id == person.id
    return select(HouseholdMember).where(mine).order_by(HouseholdMember.id.desc())


def homeless_in(place: Place) -> Select[Person]:
    """Residents who say that they live here (or deeper in) and are in no household yet."""
    housed = exists().where(HouseholdMember.person_id == Person.id, HouseholdMember.until.is_(None))
    below = select(Place.id).where(or_(Place.id == place.id, Place.parent_id == place.id))
    return residents().where(Person.place_id.in_(below), ~housed).order_by(unindexed(Person.id))


def overdue_stays(today: date) -> Select[HouseholdMember]:
    """Those who were only staying, and whose last day is over."""
    over = HouseholdMember.until.is_(None), HouseholdMember.temporary_until < today
    return select(HouseholdMember).where(*over).order_by(HouseholdMember.id)


def changes_of(household: Household) -> Select[HouseholdChange]:
    touched = or_(HouseholdChange.household_id == household.id, HouseholdChange.other_id == household.id)
    return select(HouseholdChange).where(touched).order_by(HouseholdChange.id.desc())


def old_changes() -> Select[HouseholdChange]:
    """Those that can no longer be undone and still say how it was."""
    kept = HouseholdChange.before.is_not(None), HouseholdChange.at <= clock.now() - UNDO_WITHIN
    return select(HouseholdChange).where(*kept).order_by(HouseholdChange.id)


def households_in_grid(grid_id: int) -> Select[Household]:
    return live_households().where(Household.place_id.in_(places_of_grid(grid_id)))


def household_views_of(person: Person) -> Select[AuditLine]:
    """Audit lines of staff who opened a household in which this person lives or lived."""
    homes = select(cast(HouseholdMember.household_id, String)).where(HouseholdMember.person_id == person.id)
    about = AuditLine.object_kind == "household", AuditLine.object_id.in_(homes)
    return (
        select(AuditLine)
        .where(*about, AuditLine.action == "people.view_household")
        .order_by(AuditLine.id.desc())
    )


# ---- how it was ------------------------------------------------------------------------------------------------

HOUSEHOLD_FIELDS = ("place_id", "ended_at", "why", "into_id")
MEMBER_FIELDS = ("household_id", "person_id", "tie", "temporary_until", "since", "until", "why")


def state_of(session: Session, households: Collection[int], persons: Collection[Person] = ()) -> State:
    """Everything that a change of these households may touch, as JSON: them, all stays in them, and where those who
    live there now (and `persons`) say that they live."""
    session.flush()
    homes = session.scalars(
        select(Household).where(Household.id.in_(households)).order_by(Household.id)
    ).all()
    stays = session.scalars(
        select(HouseholdMember)
        .where(HouseholdMember.household_id.in_(households))
        .order_by(HouseholdMember.id)
    ).all()
    known = {stay.person for stay in stays if stay.until is None} | set(persons)
    return {
        "household": {str(home.id): _facts(home, HOUSEHOLD_FIELDS) for home in homes},
        "household_member": {str(stay.id): _facts(stay, MEMBER_FIELDS) for stay in stays},
        "person": {str(one.id): {"place_id": one.place_id} for one in sorted(known, key=lambda p: p.id)},
    }


def would_collide(session: Session, before: State, after: State) -> bool:
    """Whether somebody lives elsewhere by now, or behind the same door, of whom `before` says that they live here."""
    for key, facts in before["household"].items():
        home = session.get_one(Household, int(key))
        there = household_at(session, home.place, home.door)
        if facts["ended_at"] is None and there is not None and there.id != home.id:
            return True
    for facts in before["household_member"].values():
        stay = stay_of(session, session.get_one(Person, facts["person_id"]))
        if facts["until"] is None and stay is not None and str(stay.id) not in after["household_member"]:
            return True
    return False


def _facts(row: Base, fields: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in fields}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def restore(session: Session, before: State, after: State) -> None:
    """Make it as it was: rows that the change made go, fields get their old values back. Live heads come last, since no
    household may have two heads, and nobody two homes, even for one statement."""
    _set_back(session, Household, before["household"].items())
    _drop_new(session, HouseholdMember, before["household_member"], after["household_member"])
    stays = before["household_member"].items()
    _set_back(session, HouseholdMember, [one for one in stays if not _is_live_head(one[1])])
    _set_back(session, HouseholdMember, [one for one in stays if _is_live_head(one[1])])
    _set_back(session, Person, before["person"].items())
    _drop_new(session, Household, before["household"], after["household"])


def _is_live_head(facts: Mapping[str, Any]) -> bool:
    return facts["tie"] == HEAD and facts["until"] is None


def _set_back(session: Session, table: type[Base], rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    for key, facts in rows:
        row = session.get_one(table, int(key))
        for name, value in facts.items():
            setattr(row, name, _value(name, value))
    session.flush()


def _drop_new(session: Session, table: type[Base], before: Collection[str], after: Collection[str]) -> None:
    for key in sorted(set(after) - set(before)):
        session.delete(session.get_one(table, int(key)))
    session.flush()


def _value(name: str, stored: Any) -> Any:
    if stored is None or name not in ("since", "until", "ended_at", "temporary_until"):
        return stored
    return date.fromisoformat(stored) if name == "temporary_until" else datetime.fromisoformat(stored)


# ---- what must hold --------------------------------------------------------------------------------------------


def broken_households(session: Session) -> list[str]:
    """A household stands in exactly one grid, has people, and one head of them; nobody lives where nobody lives."""
    here = HouseholdMember.household_id == Household.id
    heads = and_(here, HouseholdMember.until.is_(None), HouseholdMember.tie == HEAD)
    counted = select(Household.id).outerjoin(HouseholdMember, heads).where(Household.ended_at.is_(None))
    odd = counted.group_by(Household.id).having(func.count(HouseholdMember.id) != 1).order_by(Household.id)
    grids = grid_of_each_place()
    nowhere = select(Household.id).join(grids, grids.c.id == Household.place_id)
    nowhere = nowhere.where(Household.ended_at.is_(None), grids.c.grid_id.is_(None)).order_by(Household.id)
    wrong = [f"household {number} stands in no grid" for number in session.scalars(nowhere)]
    wrong += [f"household {number} has not one head" for number in session.scalars(odd)]
    ended = HouseholdMember.until.is_(None), Household.ended_at.is_not(None)
    stuck = select(HouseholdMember.id).join(Household, HouseholdMember.household_id == Household.id)
    stays = session.scalars(stuck.where(*ended))
    return wrong + [f"stay {number} is in a household that ended" for number in stays]
