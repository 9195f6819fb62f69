"""What we keep of a person's ratings: what waits to be rated, and words for which they wanted an answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import audit
from app.words import day_words
from models.identity import Actor, Person
from models.ratings import FACES, Rating, RatingToken, open_tokens


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """Ratings without a name cannot be found, by us neither."""
    mine = select(Rating).where(Rating.person_id == person.id).order_by(Rating.week.desc())
    return {
        "可以评价的": [f"{day_words(one.at)} {one.title}" for one in session.scalars(open_tokens(person))],
        "留了名的评价": [_told(one) for one in session.scalars(mine)],
    }


def _told(row: Rating) -> dict[str, str]:
    told = {"办的事": row.title, "评价": FACES[row.face], "说的话": row.words, "回话": row.answer}
    return {heading: value for heading, value in told.items() if value}


def forget(by: Actor, person: Person) -> None:
    """The face stays and is counted; words with a name go, and what waited."""
    for row in by.session.scalars(select(Rating).where(Rating.person_id == person.id)).all():
        row.person = row.words = row.answer = None
    by.session.execute(delete(RatingToken).where(RatingToken.person_id == person.id))
    audit.note(by, "ratings.forget", person)


def merge(by: Actor, kept: Person, gone: Person) -> None:
    for table in (Rating, RatingToken):
        by.session.execute(update(table).where(table.person_id == gone.id).values(person_id=kept.id))
    by.session.expire_all()
