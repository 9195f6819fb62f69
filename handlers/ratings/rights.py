"""What we keep of a person's ratings: what waits to be rated, and words for which they wanted an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import audit
from app.words import day_words
from handlers.ratings.publishing import blank
from models.diary import Suggestion, SuggestionEcho, left_behind
from models.identity import Actor, Person
from models.rating_honours import HonourPart, HonourReckoning, part_of, reckonings_of
from models.ratings import FACES, Rating, RatingToken, open_tokens
from models.unindexed import unindexed


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """Ratings without a name cannot be found, by us neither."""
    mine = select(Rating).where(Rating.person_id == person.id).order_by(unindexed(Rating.week).desc())
    echoed = select(Suggestion).join(SuggestionEcho, SuggestionEcho.suggestion_id == Suggestion.id)
    agreed = session.scalars(echoed.where(SuggestionEcho.person_id == person.id).order_by(Suggestion.id))
    return {
        "可以评价的": [f"{day_words(one.at)} {one.title}" for one in session.scalars(open_tokens(person))],
        "留了名的评价": [_told(one) for one in session.scalars(mine)],
        "幸福使者": [_reckoned(one) for one in session.scalars(reckonings_of(person))],
        "参加幸福使者": ["参加了"] if part_of(session, person) else [],
        "说过也这样想的建议": [row.words or "已经撤下" for row in agreed],
    }


def _told(row: Rating) -> dict[str, str]:
    told = {"办的事": row.title, "评价": FACES[row.face], "说的话": row.words, "回话": row.answer}
    return {heading: value for heading, value in told.items() if value}


def _reckoned(row: HonourReckoning) -> dict[str, str]:
    told = {
        "哪一季": row.quarter.name,
        "结果": "够了线" if row.reached else "还不够线",
        "认领的心愿": f"到期{row.figures['promises']}个,按时{row.figures['promises_kept']}个",
        "提的异议": row.appeal,
        "怎么定的": row.decision,
    }
    return {heading: value for heading, value in told.items() if value}


def forget(by: Actor, person: Person) -> None:
    """The face stays and is counted; words with a name go, and what waited."""
    for row in by.session.scalars(select(Rating).where(Rating.person_id == person.id)).all():
        row.person = row.words = row.answer = None
    by.session.execute(delete(RatingToken).where(RatingToken.person_id == person.id))
    by.session.execute(delete(SuggestionEcho).where(SuggestionEcho.person_id == person.id))
    for table in (HonourPart, HonourReckoning):
        by.session.execute(delete(table).where(table.person_id == person.id))
    for told in by.session.scalars(left_behind()).all():
        blank(told)
    audit.note(by, "ratings.forget", person)


def merge(by: Actor, kept: Person, gone: Person) -> list[int]:
    """Tokens and words move. Of 我也这样想 the ones that both said stay with `gone`; what moved is for `part`.
    Each takes part in 幸福使者 for themselves: what was agreed to and reckoned stays where it was."""
    both = select(SuggestionEcho.suggestion_id).where(SuggestionEcho.person_id == kept.id)
    theirs = SuggestionEcho.person_id == gone.id, SuggestionEcho.suggestion_id.not_in(both)
    moved = list(by.session.scalars(select(SuggestionEcho.suggestion_id).where(*theirs)))
    _give(by, moved, gone, kept)
    for table in (Rating, RatingToken):
        by.session.execute(update(table).where(table.person_id == gone.id).values(person_id=kept.id))
    by.session.expire_all()
    return moved


def part(by: Actor, kept: Person, gone: Person, moved: Sequence[int] | None) -> None:
    _give(by, moved or (), kept, gone)
    audit.note(by, "ratings.part", gone, echoes=len(moved or ()))


def _give(by: Actor, numbers: Sequence[int], giver: Person, taker: Person) -> None:
    theirs = SuggestionEcho.person_id == giver.id, SuggestionEcho.suggestion_id.in_(numbers)
    by.session.execute(update(SuggestionEcho).where(*theirs).values(person_id=taker.id))
