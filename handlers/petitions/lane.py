"""Both databases of one action. The confidential lane commits inside the unit of the main one, and last: all that may
be refused is decided before. What a crash in between leaves behind is mended by the next repeat or by tending.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.database import lane_beside
from models.identity import Actor, Identity, Person
from models.linking import records_of
from models.petitions import Petition, PetitionStep
from models.petitions_lists import hold, whose
from models.refusal import Refusal

T = TypeVar("T")


def writing(by: Actor, unit: Callable[[Session], T]) -> T:
    return lane_beside(by.session).writing(unit)


@contextmanager
def looking(by: Actor) -> Iterator[Session]:
    """What was read may be told after the look is over."""
    with lane_beside(by.session).reading() as session:
        yield session
        session.expunge_all()


def changing(by: Actor, number: int, change: Callable[[Petition, Session], T]) -> T:
    """Change one petition under lock. Refuses with petitions.no_such."""

    def unit(session: Session) -> T:
        petition = hold(session, number)
        if petition is None:
            raise Refusal("petitions.no_such")
        return change(petition, session)

    return writing(by, unit)


def hashes_of(by: Actor, person: Person) -> list[str]:
    """Under which hashes this person may have asked: one for each of their WeChat identities."""
    records = [record.id for record in records_of(by.session, person)]
    found = by.session.scalars(select(Identity).where(Identity.person_id.in_(records)))
    return [whose(identity) for identity in found]


def note(by: Actor, action: str, petition_id: int, **facts: object) -> None:
    """The common trail says what the staff did to which number; of a resident it says nothing, not even that it was
    them: who petitions is nobody's business who reads the trail."""
    quiet = by if by.staff is not None else Actor(by.session, channel=by.channel)
    audit.note(quiet, action, None, petition=petition_id, **facts)


def step(
    petition: Petition,
    what: str,
    *,
    by: Actor | None = None,
    words: str | None = None,
    inside: str | None = None,
    tells: bool = False,
) -> None:
    staff = by.staff.id if by is not None and by.staff is not None else None
    row = PetitionStep(what=what, staff_id=staff, words=words, note=inside, tells=tells)
    petition.steps.append(row)
