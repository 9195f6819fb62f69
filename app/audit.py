"""The audit line that every write leaves beside its rows, in the same transaction."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import inspect

from models.audit import AuditLine, write_line
from models.base import Base
from models.identity import Actor


def note(by: Actor, action: str, about: Base | None = None, /, **facts: Any) -> None:
    """Write one line: `action` is "feature.verb"; `facts` are ids, codes and counts (never names, phones or texts)."""
    by.session.flush()
    write_line(by.session, **_line(by, action, about, facts))


def note_each(by: Actor, action: str, rows: Iterable[tuple[Base, Mapping[str, Any]]], /) -> None:
    """A line for each of many rows that were written at once, with its own facts: they are written at once too."""
    by.session.flush()
    by.session.add_all([AuditLine(**_line(by, action, about, facts)) for about, facts in rows])


def _line(by: Actor, action: str, about: Base | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    kind, key = _object(about)
    return {
        "actor": _actor(by),
        "channel": by.channel,
        "action": action,
        "object_kind": kind,
        "object_id": key,
        "facts": dict(facts),
    }


def _actor(by: Actor) -> str:
    if by.staff is not None:
        return f"staff:{by.staff.id}"
    if by.person is not None:
        return f"person:{by.person.id}"
    return "house"


def _object(about: Base | None) -> tuple[str | None, str | None]:
    if about is None:
        return None, None
    identity = inspect(about).identity
    return about.__tablename__, None if identity is None else str(identity[0])
