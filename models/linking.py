"""How two records of one person become one, and can be parted again for 30 days.

Every feature moves its own rows; what changed hands is seen from outside, by comparing every reference to the two
persons before and after, so that only features in which something may double need a function for parting.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Select, String, func, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.base import Base, Instant, Sealed
from models.identity import Identity, Person

CODE_LIVES = timedelta(minutes=5)
MOST_WRONG_CODES = 5
PART_WITHIN = timedelta(days=30)
Moved = dict[str, list[list[Any]]]


class LinkCode(Base):
    """Six digits shown in one channel and typed in the other. Only a keyed hash of them is kept. `kind` is "link" (we
    are one person) or "proxy" (you may act for me): a code of one kind is worth nothing as the other."""

    __tablename__ = "link_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    code_index: Mapped[str] = mapped_column(String(64), index=True)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(10), default="link")


class WrongCode(Base):
    """A code that was typed and fitted nobody: five in five minutes and this person must wait."""

    __tablename__ = "wrong_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class Merging(Base):
    """Two records became one. `moved` lists the rows that changed hands ({"appointment.person_id": [[7]]}) and, under
    a feature's name, what that feature must remember of what doubled; `filled` the fields that `kept` took over: so
    both can be parted again for 30 days."""

    __tablename__ = "merging"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    how: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Sealed("merging.reason"))
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    filled: Mapped[list[str]] = mapped_column(JSON, default=list)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    parted_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)

    kept: Mapped[Person] = relationship(foreign_keys=[kept_id])
    gone: Mapped[Person] = relationship(foreign_keys=[gone_id])


# ---- one person, two records -----------------------------------------------------------------------------------


def code_index(code: str) -> str:
    return privacy.keyring().blind("link_code", code)


def wrong_codes_of(session: Session, person: Person) -> int:
    """How many codes this person has mistyped in the last five minutes."""
    lately = WrongCode.person_id == person.id, WrongCode.at > clock.now() - CODE_LIVES
    return session.scalar(select(func.count()).select_from(WrongCode).where(*lately)) or 0


def partable(person: Person) -> Select[Merging]:
    """Joinings that this person may still take back."""
    still_open = Merging.parted_at.is_(None), Merging.at > clock.now() - PART_WITHIN
    return select(Merging).where(Merging.kept_id == person.id, *still_open).order_by(Merging.id)


def settling() -> Select[Merging]:
    """Joinings older than 30 days whose second record still holds its own name and phone."""
    return select(Merging).where(
        Merging.parted_at.is_(None),
        Merging.settled_at.is_(None),
        Merging.at <= clock.now() - PART_WITHIN,
    )


def records_of(session: Session, person: Person) -> list[Person]:
    """This person's record, and all that became one with it, also through another."""
    found, latest = [person], [person.id]
    while latest:
        joined = session.scalars(
            select(Person).where(Person.merged_into_id.in_(latest)).order_by(Person.id)
        ).all()
        latest = [record.id for record in joined]
        found += joined
    return found


# ---- what changed hands ----------------------------------------------------------------------------------------


def rows_of(session: Session, person: Person) -> Moved:
    """The primary keys of all rows that name this person, by "table.column"."""
    return {str(column): _keys(session, column, person) for column in _references()}


def _keys(session: Session, column: Column[Any], person: Person) -> list[list[Any]]:
    key = column.table.primary_key
    return [list(found) for found in session.execute(select(*key).where(column == person.id).order_by(*key))]


def moved_between(before: Moved, after: Moved) -> Moved:
    """What one person had before and another has after."""
    common = {name: [key for key in keys if key in after[name]] for name, keys in before.items()}
    return {name: keys for name, keys in common.items() if keys}


def give_back(session: Session, moved: Moved, *, kept: Person, gone: Person) -> None:
    """Hand the moved rows back to `gone`, those that `kept` still has."""
    session.flush()
    for column in _references():
        if keys := moved.get(str(column)):
            mine = tuple_(*column.table.primary_key).in_([tuple(key) for key in keys])
            statement = update(column.table).where(column == kept.id, mine)
            session.execute(statement.values({column.name: gone.id}))
    session.expire_all()


def _references() -> Iterator[Column[Any]]:
    """Every column that points at a person, but those that say which person a row is about by being its key."""
    for table in Base.metadata.sorted_tables:
        if table.name not in (Person.__tablename__, Merging.__tablename__):
            for column in table.columns:
                if not column.primary_key and any(
                    key.column.table.name == "person" for key in column.foreign_keys
                ):
                    yield column


def broken_joinings(session: Session) -> list[str]:
    """Identities that still prove a record which has become one with another."""
    lost = select(Identity.id).join(Person).where(Person.merged_into_id.is_not(None)).order_by(Identity.id)
    return [f"identity {number} proves a record that was joined away" for number in session.scalars(lost)]
