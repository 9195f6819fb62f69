"""Finding a petition for who asked: their own, or by number and the last digits of a phone, or a code."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock
from handlers.petitions import lane
from models.base import count_rows
from models.identity import Actor
from models.petitions import Petition, PetitionLook
from models.petitions_lists import asked_by, whose, with_number
from models.refusal import Refusal

MOST_WRONG_LOOKS, LOOKS_PER = 5, timedelta(minutes=15)
MOST_SHOWN = 20


def mine(by: Actor) -> list[Petition]:
    """The latest first, without what hangs on them."""
    with lane.looking(by) as session:
        return list(session.scalars(asked_by(lane.hashes_of(by, by.me)).limit(MOST_SHOWN)))


def own(by: Actor, session: Session, number: int) -> Petition | None:
    """Their own petition with this id; somebody else's is not there."""
    return session.scalar(asked_by(lane.hashes_of(by, by.me)).where(Petition.id == number))


def look_up(by: Actor, receipt: str, tail: str) -> Petition | None:
    """The petition with this number, for who also knows the last four digits of its phone, or its code.

    None when there is none: that is no Refusal, since the wrong try is counted. After five of them in a quarter of an
    hour refuses with petitions.too_many_looks.
    """
    if by.identity is None:
        return None
    who = whose(by.identity)

    def unit(session: Session) -> Petition | None:
        session.execute(delete(PetitionLook).where(PetitionLook.at < clock.now() - LOOKS_PER))
        if count_rows(session, select(PetitionLook).where(PetitionLook.who == who)) >= MOST_WRONG_LOOKS:
            raise Refusal("petitions.too_many_looks")
        found = with_number(session, receipt, tail)
        if found is None:
            session.add(PetitionLook(who=who))
        return found

    return lane.writing(by, unit)
