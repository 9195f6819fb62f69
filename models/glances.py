"""What every message asks about a person, and mostly in vain: whether they have rows of some kind.

Asked by itself it is a trip to the database for each message. So the statement with which a push arrives
(models/arrivals.py) carries these questions along, and what it found is believed until its unit of work writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam
from sqlalchemy.orm import Session

from models.base import connection_of, is_there, writes_of
from models.identity import Person
from models.prepared import Prepared

SEEN = "seen at a glance"


class Glance:
    """`Glance(lambda person: select(DeskTalk.id).where(DeskTalk.person_id == person))`: has this person any?"""

    def __init__(self, rows: Callable[[ColumnElement[int]], Select[Any]]) -> None:
        self.along = rows(Person.__table__.c.id).exists()
        self._alone = Prepared(rows(bindparam("person", type_=Integer())).limit(1))

    def finds(self, session: Session, person: Person) -> bool:
        session.flush()
        seen: _Seen | None = session.info.get(SEEN)
        if seen is not None and (seen.person_id, seen.writes) == (
            person.id,
            writes_of(connection_of(session)),
        ):
            return seen.found[self]
        return is_there(session, self._alone, {"person": person.id})


@dataclass(frozen=True, slots=True)
class _Seen:
    person_id: int
    writes: int
    found: dict[Glance, bool]


def note_seen(session: Session, person: Person, glances: Sequence[Glance], found: Sequence[bool]) -> None:
    """What was found along with something else, in the order of the glances."""
    writes = writes_of(connection_of(session))
    session.info[SEEN] = _Seen(person.id, writes, dict(zip(glances, found, strict=True)))
