"""Somebody's last word about a purpose: asked at every step of a booking, and of most people in vain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.base import connection_of
from models.identity import Person
from models.people import Consent
from models.prepared import Prepared

LAST_WORD = Prepared(
    select(Consent.withdrawn_at)
    .where(Consent.person_id == bindparam("person"), Consent.purpose == bindparam("purpose"))
    .order_by(Consent.withdrawn_at.is_not(None))  # a living one first
    .limit(1)
)


def has_withdrawn(session: Session, person: Person, purpose: str) -> bool:
    """Whether they once agreed and do not any more."""
    found = _last_word(session, person, purpose)
    return found is not None and found[0] is not None


def has_agreed(session: Session, person: Person, purpose: str) -> bool:
    """Whether a consent lives, to whichever version of its words."""
    return _last_word(session, person, purpose) == [None]


def _last_word(session: Session, person: Person, purpose: str) -> list[Any] | None:
    session.flush()
    return LAST_WORD.first(connection_of(session), {"person": person.id, "purpose": purpose})
