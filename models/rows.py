"""Whole rows of the hot path: a prepared statement instead of a load by the ORM, handed on as what features expect.

A row is loaded with the rows that its class always brings along (`lazy="joined"`, to one), so nobody need know how it
came. One that the session has already stays as it is there, as with any load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.orm import Mapper, Session, aliased, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.interfaces import MANYTOONE

from models.base import Base, connection_of
from models.prepared import Prepared

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class _Part:
    """One table of a statement: under which names its columns are kept, where among all columns they stand, and of
    which earlier part it is what."""

    mapper: Mapper[Any]
    names: tuple[str, ...]
    begins: int
    key: int
    of: int | None = None
    called: str = ""


class Rows(Generic[Row]):
    """`Rows(lambda: select(Slot).where(Slot.id == bindparam("slot"))).first(session, slot=5)`. `make` is called when it
    is asked for the first time: then all tables are known. What it compares with is said by name."""

    def __init__(self, make: Callable[[], Select[Row]]) -> None:
        self._make = make

    def first(self, session: Session, **facts: Any) -> Row | None:
        session.flush()
        asked, parts = self._made
        values = asked.first(connection_of(session), facts)
        return None if values is None else self._kept(session, parts, values)

    def all(self, session: Session, **facts: Any) -> list[Row]:
        session.flush()
        asked, parts = self._made
        return [self._kept(session, parts, values) for values in asked.all(connection_of(session), facts)]

    @cached_property
    def _made(self) -> tuple[Prepared, list[_Part]]:
        made, parts = self._make(), list[_Part]()
        return Prepared(_with(made, table_of(made), parts)), parts

    def again(self, session: Session, row: Row, **facts: Any) -> bool:
        """Read a row anew into the one that the session has; False when it is gone."""
        session.flush()
        asked, parts = self._made
        values = asked.first(connection_of(session), facts)
        if values is not None:
            for name, value in zip(parts[0].names, values, strict=False):
                set_committed_value(row, name, value)
            for part in parts[1:]:
                if part.of == 0:
                    vars(row).pop(part.called, None)
            self._kept(session, parts, values)
        return values is not None

    def _kept(self, session: Session, parts: Sequence[_Part], values: Sequence[Any]) -> Row:
        found: list[Any] = []
        for part in parts:
            owner = None if part.of is None else found[part.of]
            is_there = values[part.key] is not None and (part.of is None or owner is not None)
            row = _as_loaded(session, part, values) if is_there else None
            if owner is not None and part.called not in owner.__dict__:
                set_committed_value(owner, part.called, row)
            found.append(row)
        first: Row = found[0]
        return first


def _with(
    statement: Select[Any],
    table: Any,
    parts: list[_Part],
    *,
    of: int | None = None,
    called: str = "",
    outer: bool = False,
) -> Select[Any]:
    """The columns of this table, and behind them those of the tables that it brings along."""
    mapper: Mapper[Any] = inspect(table).mapper
    names = names_of(mapper)
    key = names.index(mapper.get_property_by_column(mapper.primary_key[0]).key)
    begins = sum(len(part.names) for part in parts)
    parts.append(_Part(mapper, names, begins, begins + key, of, called))
    columns = [getattr(table, name) for name in names]
    statement = statement.add_columns(*columns) if of is not None else statement.with_only_columns(*columns)
    number = len(parts) - 1
    for tie in mapper.relationships:
        if tie.lazy == "joined" and tie.direction is MANYTOONE:
            other, loose = aliased(tie.mapper.class_), outer or not tie.innerjoin
            statement = statement.join(getattr(table, tie.key).of_type(other), isouter=loose)
            statement = _with(statement, other, parts, of=number, called=tie.key, outer=loose)
    return statement


def _as_loaded(session: Session, part: _Part, values: Sequence[Any]) -> Any:
    had = known(session, part.mapper, values[part.key])
    if had is not None:
        return had
    row = as_loaded(part.mapper.class_(), zip(part.names, values[part.begins :], strict=False))
    session.add(row)
    return row


def known(session: Session, mapper: Mapper[Row], key: Any) -> Row | None:
    """The row with this key that the session has read already."""
    had: Row | None = session.identity_map.get(mapper.identity_key_from_primary_key((key,)))
    return had


def names_of(mapper: Mapper[Any]) -> tuple[str, ...]:
    """Under which a row keeps its columns, in the order of the table."""
    return tuple(mapper.get_property_by_column(column).key for column in mapper.local_table.columns)


def as_loaded(row: Row, values: Iterable[tuple[str, Any]]) -> Row:
    """As if a session had loaded it: what changes from here on is written by the session that it is added to."""
    row.__dict__.update(values)
    make_transient_to_detached(row)
    return row


class Shelf(Generic[Row]):
    """A list that is read page by page, and of which one row is found by its key. `SHELF.of(today=…)` is the list as it
    is for these facts."""

    def __init__(self, make: Callable[[], Select[Row]]) -> None:
        self.page = Rows(lambda: make().limit(bindparam("size")).offset(bindparam("start")))
        self.one = Rows(lambda: keyed(make()))
        self._make = make

    def of(self, **facts: Any) -> Listed[Row]:
        return Listed(self, facts)

    @cached_property
    def table(self) -> type[Base]:
        return table_of(self._make())


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """What stands on a shelf, for a question that offers it."""

    shelf: Shelf[Row]
    facts: Mapping[str, Any]

    def page(self, session: Session, start: int, size: int) -> list[Row]:
        return self.shelf.page.all(session, start=start, size=size, **self.facts)

    def one(self, session: Session, key: Any) -> Row | None:
        return self.shelf.one.first(session, key=key, **self.facts)


def table_of(statement: Select[Any]) -> type[Base]:
    """Of which class a statement finds rows."""
    table: type[Base] = statement.column_descriptions[0]["entity"]
    return table


def keyed(statement: Select[Row]) -> Select[Row]:
    """Of what a statement finds the one whose `key` is said."""
    (key,) = table_of(statement).__mapper__.primary_key
    return statement.where(key == bindparam("key", type_=key.type))


@cache
def _by_key(table: type[Row]) -> Rows[Row]:
    return Rows(lambda: keyed(select(table)))


def get(session: Session, table: type[Row], key: Any, *, fresh: bool = False) -> Row | None:
    """As `session.get`, for tables with a key of one column; `fresh` as it stands in the database now."""
    had = known(session, table.__mapper__, key)
    if had is None:
        return _by_key(table).first(session, key=key)
    if fresh:
        return had if _by_key(table).again(session, had, key=key) else None
    return session.get(table, key)


def refresh(session: Session, row: Base) -> None:
    """As `session.refresh`: how it stands now, behind a lock."""
    session.flush()
    key = inspect(row).identity
    if key is None or not _by_key(type(row)).again(session, row, key=key[0]):
        session.refresh(row)  # says that it is gone
