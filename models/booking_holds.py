"""A seat that is kept for a while for somebody who still tells their name, their phone, their address: to us, or to the
clerk who fills it in for them.

A hold is a row with its own end: past it the row stands in nobody's way, whether or not anybody has swept it up. It is
counted apart from `slot.taken`, which is what is promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Integer,
    Select,
    String,
    bindparam,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.audit import AuditLine
from models.base import Base, Instant, connection_of, said
from models.prepared import Prepared
from models.rows import get

KEPT = timedelta(minutes=5)  # from the last answer
KEPT_AT_MOST = timedelta(minutes=15)  # from the first: then rivals have their turn
BEGUN, MOST_BEGUN, BEGUN_WITHIN = "appointments.hold", 3, timedelta(hours=2)  # of one time by one person


class Held:
    """What holds of residents and of clerks have in common. A `since` of its own limits how often the end may be put
    off."""

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    since: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    until: Mapped[datetime] = mapped_column(Instant, index=True)

    @property
    def is_live(self) -> bool:
        return self.until > clock.now()

    @property
    def whose(self) -> int:
        raise NotImplementedError

    @property
    def source(self) -> str:
        raise NotImplementedError


class SeatHold(Held, Base):
    """One for each person: who chooses another time gives the first one up."""

    __tablename__ = "seat_hold"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)

    @property
    def whose(self) -> int:
        return self.person_id

    @property
    def source(self) -> str:
        return hold_source(self.person_id)


class DeskHold(Held, Base):
    """One for each clerk: whose time it will be is not known before the form is filled in."""

    __tablename__ = "desk_hold"

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff_member.id"), primary_key=True, autoincrement=False
    )

    @property
    def whose(self) -> int:
        return self.staff_id

    @property
    def source(self) -> str:
        return desk_source(self.staff_id)


AnyHold: TypeAlias = SeatHold | DeskHold


@dataclass(frozen=True, slots=True)
class Own:
    """What does not stand in one's own way: the hold of this person, the place of this visit that they move, the hold
    of the clerk who books for them."""

    person: int | None = None
    appointment: int | None = None
    staff: int | None = None

    @property
    def sources(self) -> list[str]:
        return [source(number) for number, source in self._named() if number is not None]

    def facts(self) -> dict[str, Any]:
        """For statements that are asked by name: nobody has the number 0."""
        whose = {"own_person": self.person or 0, "own_staff": self.staff or 0}
        sources = (source(number or 0) for number, source in self._named())
        return {"now": clock.now(), **whose, **dict(zip(OWN_SOURCES, sources, strict=True))}

    def _named(self) -> Iterator[tuple[int | None, Callable[[int], str]]]:
        return zip((self.person, self.appointment, self.staff), SOURCES, strict=True)


NOBODY = Own()
OWN_SOURCES = ("own_hold", "own_visit", "own_desk")


def hold_source(person: int) -> str:
    """Whose a room is while a seat is held."""
    return f"hold:{person}"


def desk_source(staff: int) -> str:
    """Whose a room is while a clerk holds a seat."""
    return f"desk_hold:{staff}"


def visit_source(appointment: int) -> str:
    """Whose a room is for a visit."""
    return f"appointment:{appointment}"


SOURCES = (hold_source, visit_source, desk_source)


def sources_of(own: Own | None) -> Sequence[Any]:
    """Whose rooms do not stand in one's own way; without `own` as above."""
    return [bindparam(name, type_=String()) for name in OWN_SOURCES] if own is None else own.sources


def held_by_others(slot: ColumnElement[int], own: Own | None = NOBODY) -> ColumnElement[int]:
    """In SQL: how many seats of this time (its id) are held just now, one's own not counted. Without `own` for a
    statement that is prepared, and told `own.facts()` when it is asked."""
    by_residents, by_clerks = (
        one.with_only_columns(func.count()).scalar_subquery() for one in holds_of_others(slot, own)
    )
    return by_residents + by_clerks


def holds_of_others(
    slot: ColumnElement[int] | int, own: Own | None = NOBODY
) -> tuple[Select[SeatHold], Select[DeskHold]]:
    facts = None if own is None else own.facts()
    now = said(facts, "now", Instant())
    residents = select(SeatHold).where(SeatHold.slot_id == slot, SeatHold.until > now)
    clerks = select(DeskHold).where(DeskHold.slot_id == slot, DeskHold.until > now)
    return (
        residents.where(SeatHold.person_id != said(facts, "own_person", Integer())),
        clerks.where(DeskHold.staff_id != said(facts, "own_staff", Integer())),
    )


HELD = Prepared(select(held_by_others(bindparam("slot", type_=Integer), None)))


def count_held(session: Session, slot: int, own: Own = NOBODY) -> int:
    """How many seats of this time others hold just now."""
    session.flush()
    found = HELD.first(connection_of(session), {"slot": slot, **own.facts()})
    return int(found[0]) if found else 0


def hold_of(session: Session, person: int) -> SeatHold | None:
    """The hold of a person, run out or not, as it stands in the database."""
    return get(session, SeatHold, person, fresh=True)


def desk_hold_of(session: Session, staff: int) -> DeskHold | None:
    """The hold of a clerk, run out or not, as it stands in the database."""
    return get(session, DeskHold, staff, fresh=True)


def keep_hold(session: Session, held: AnyHold) -> None:
    """Write it down; the session need not watch it."""
    session.flush()
    kept = {column.name: getattr(held, column.name) for column in held.__table__.columns}
    KEEP[type(held)].run(connection_of(session), kept)


def drop_hold(session: Session, held: AnyHold) -> None:
    session.flush()
    DROP[type(held)].run(connection_of(session), {"whose": held.whose})
    session.expunge(held)


KEEP: dict[type[AnyHold], Prepared] = {
    table: Prepared(
        insert(table).values({column.name: bindparam(column.name) for column in table.__table__.columns})
    )
    for table in (SeatHold, DeskHold)
}
DROP: dict[type[AnyHold], Prepared] = {
    table: Prepared(delete(table).where(key == bindparam("whose", type_=Integer)))
    for table, key in ((SeatHold, SeatHold.person_id), (DeskHold, DeskHold.staff_id))
}
OFTEN = Prepared(
    select(func.count())
    .select_from(AuditLine)
    .where(AuditLine.actor == bindparam("who"), AuditLine.at > bindparam("since", type_=Instant()))
    .where(AuditLine.action == BEGUN)
    .where(AuditLine.facts["slot"].as_integer() == bindparam("slot", type_=Integer))
)


def held_too_often(session: Session, person: int, slot: int) -> bool:
    """Whether this person has begun to hold this very time again and again of late, and booked nothing: holds that
    follow each other would keep it from everybody."""
    session.flush()
    facts = {"who": f"person:{person}", "since": clock.now() - BEGUN_WITHIN, "slot": slot}
    found = OFTEN.first(connection_of(session), facts)
    return found is not None and int(found[0]) >= MOST_BEGUN


def run_out(before: datetime) -> tuple[Select[SeatHold], Select[DeskHold]]:
    return select(SeatHold).where(SeatHold.until <= before), select(DeskHold).where(DeskHold.until <= before)
