"""What a conversation may keep of an answer for days: values, not words ("明天" read tomorrow is another day)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from models.base import Base
from models.rows import get, known


class DialogueFault(Exception):
    """A dialogue broke a rule of replay: our fault, never shown as the resident's."""


class Gone(Exception):
    """A kept answer is no longer possible (its row vanished, or its sentence changed)."""


def keep(value: Any) -> Any:
    """A value as JSON that can be kept for days: text, number, bool, date, time, instant, enum member or row."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, Enum):
        return {"enum": value.value}
    if isinstance(value, str):
        return value
    if isinstance(value, Base):
        return {"row": [value.__tablename__, _primary_key(value)]}
    for name, kind in (("datetime", datetime), ("date", date), ("time", time)):
        if isinstance(value, kind):
            return {name: value.isoformat()}
    raise DialogueFault(
        f"an answer must be text, a number, a day, a time or a row, not {type(value).__name__}"
    )


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def recall(session: Session, stored: Any) -> Any:
    """The value that was kept; Gone when its row is no longer there."""
    if not isinstance(stored, dict):
        return stored
    ((kind, value),) = stored.items()
    if kind == "row":
        row = get(session, _table(value[0]), value[1])
        if row is None:
            raise Gone
        return row
    if kind == "enum":
        return value
    return PARSERS[kind](value)


def _primary_key(row: Base) -> Any:
    identity = inspect(row).identity
    if identity is None:
        raise DialogueFault(f"a {row.__tablename__} that is not yet stored cannot be kept")
    return identity[0]


_known: dict[str, type[Base]] = {}


def _table(name: str) -> type[Base]:
    if name not in _known:
        _known.update({mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers})
    return _known[name]


def recall_or_none(session: Session, stored: Any) -> Any:
    try:
        return recall(session, stored)
    except Gone:
        return None


def recall_all(session: Session, stored: Sequence[Any]) -> list[Any]:
    """Of each the value, or None when it is gone; rows of one table come in one query."""
    wanted: dict[str, list[Any]] = {}
    for one in stored:
        if isinstance(one, dict) and "row" in one:
            name, key = one["row"]
            wanted.setdefault(name, []).append(key)
    brought = [_rows(session, _table(name), keys) for name, keys in wanted.items()]
    found = [recall_or_none(session, one) for one in stored]
    del brought  # until here it kept the rows in the session
    return found


def _rows(session: Session, table: type[Base], keys: list[Any]) -> list[Any]:
    """Asked for are only those that this turn has not read yet."""
    mapper = table.__mapper__
    found = [known(session, mapper, key) for key in keys]
    wanted = [key for key, row in zip(keys, found, strict=True) if row is None]
    asked = select(table).where(mapper.primary_key[0].in_(wanted))
    return [*found, *session.scalars(asked)] if wanted else found
