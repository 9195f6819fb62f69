"""A seat that is kept for a while for somebody who still tells their name, their phone, their address.

A hold is a row with its own end: past it the row stands in nobody's way, whether or not anybody has swept it up. It is
counted apart from `slot.taken`, which is what is promised.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Select, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.audit import AuditLine
from models.base import Base, Instant

KEPT = timedelta(minutes=5)  # from the last answer
KEPT_AT_MOST = timedelta(minutes=15)  # from the first: then rivals have their turn
BEGUN, MOST_BEGUN, BEGUN_WITHIN = "appointments.hold", 3, timedelta(hours=2)  # of one time by one person


class SeatHold(Base):
    """One for each person: who chooses another time gives the first one up. A `since` of its own limits how often the
    end may be put off."""

    __tablename__ = "seat_hold"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    since: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    until: Mapped[datetime] = mapped_column(Instant, index=True)

    @property
    def is_live(self) -> bool:
        return self.until > clock.now()

    @property
    def source(self) -> str:
        return hold_source(self.person_id)


@dataclass(frozen=True, slots=True)
class Own:
    """What does not stand in one's own way: the hold of this person, the place of this visit that they move."""

    person: int | None = None
    appointment: int | None = None

    @property
    def sources(self) -> list[str]:
        holds = [] if self.person is None else [hold_source(self.person)]
        return holds if self.appointment is None else [*holds, visit_source(self.appointment)]


NOBODY = Own()


def hold_source(person: int) -> str:
    """Whose a room is while a seat is held."""
    return f"hold:{person}"


def visit_source(appointment: int) -> str:
    """Whose a room is for a visit."""
    return f"appointment:{appointment}"


def held_by_others(slot: ColumnElement[int], own: Own = NOBODY) -> ColumnElement[int]:
    """In SQL: how many seats of this time (its id) are held just now, one's own not counted."""
    return holds_of_others(slot, own).with_only_columns(func.count()).scalar_subquery()


def holds_of_others(slot: ColumnElement[int] | int, own: Own = NOBODY) -> Select[SeatHold]:
    live = and_(SeatHold.slot_id == slot, SeatHold.until > clock.now())
    found = select(SeatHold).where(live)
    return found if own.person is None else found.where(SeatHold.person_id != own.person)


def hold_of(session: Session, person: int) -> SeatHold | None:
    """The hold of a person, run out or not, as it stands in the database."""
    return session.get(SeatHold, person, populate_existing=True)


def held_too_often(session: Session, person: int, slot: int) -> bool:
    """Whether this person has begun to hold this very time again and again of late, and booked nothing: holds that
    follow each other would keep it from everybody."""
    lately = AuditLine.actor == f"person:{person}", AuditLine.at > clock.now() - BEGUN_WITHIN
    of_this = AuditLine.facts["slot"].as_integer() == slot
    begun = select(func.count()).select_from(AuditLine).where(*lately, AuditLine.action == BEGUN, of_this)
    return (session.scalar(begun) or 0) >= MOST_BEGUN


def run_out(before: datetime) -> Select[SeatHold]:
    return select(SeatHold).where(SeatHold.until <= before)
