"""Words of a rating: one line, numbers covered, and nobody of the staff named: what is rated is the service."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.understanding.lines import one_line
from app.understanding.phone import mask_phones
from models.people import Grid
from models.refusal import Refusal
from models.staff import StaffMember

LONGEST, LONGEST_ANSWER = 200, 300
SOMEBODY = "工作人员"


def words_in(session: Session, words: str) -> str | None:
    """What was said, None when nothing was; refuses with ratings.too_long."""
    line = mask_phones(one_line(words))
    if len(line) > LONGEST:
        raise Refusal("ratings.too_long", most=LONGEST)
    for name in _ours(session):
        line = line.replace(name, SOMEBODY)
    return line or None


def answer_in(words: str) -> str:
    line = " ".join(words.split())
    if not 2 <= len(line) <= LONGEST_ANSWER:
        raise Refusal("ratings.answer_length", most=LONGEST_ANSWER)
    return line


def _ours(session: Session) -> list[str]:
    """The longest names first: 王秀兰 before 王秀."""
    found = {*session.scalars(select(StaffMember.name)), *session.scalars(select(Grid.worker))}
    return sorted((name for name in found if len(name) > 1), key=len, reverse=True)
