"""Programmes are configuration: other features read them here, and an installation gets its twenty rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from handlers.programmes.rows import ROWS
from models.identity import Actor
from models.programmes import Programme, all_programmes, programme_in_words, programme_with_code, programmes
from models.refusal import Refusal

__all__ = [
    "all_programmes",
    "describe",
    "install_rows",
    "programme_in_words",
    "programme_with_code",
    "programmes",
]

CHANGEABLE = frozenset({"name", "aliases", "sentence", "menu_place", "words", "later", "contact", "position"})


def install_rows(session: Session) -> None:
    """The rows that are missing; what the staff have changed stays as they left it."""
    known = set(session.scalars(select(Programme.code)))
    session.add_all(Programme(**row) for row in ROWS if row["code"] not in known)
    session.flush()


def describe(by: Actor, programme: Programme, **changes: Any) -> Programme:
    """Staff change how a programme is presented; never whether it may be listed."""
    if by.staff is None:
        raise Refusal("programmes.staff_only")
    if not changes.keys() <= CHANGEABLE:
        raise Refusal("programmes.not_changeable")
    for name, value in changes.items():
        setattr(programme, name, value)
    audit.note(by, "programmes.describe", programme, fields=sorted(changes))
    return programme
