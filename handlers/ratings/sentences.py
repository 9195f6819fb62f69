"""Words of a rating: one line, numbers covered, and nobody of the staff named: what is rated is the service. And words
of a suggestion that everybody may read: checked that they show nobody."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.understanding.lines import line_for_others, one_line
from app.understanding.personal import personal_data
from app.understanding.phone import mask_phones
from models.matters import Matter
from models.places import Grid
from models.refusal import Refusal
from models.staff import StaffMember

LONGEST, LONGEST_ANSWER = 200, 300
LONGEST_PUBLIC = 300
VOICE = "(发来一段语音,请听)"  # what stands where a voice was sent
SOMEBODY, A_NEIGHBOUR = "工作人员", "一位邻居"
LINK = re.compile(r"https?:|www\.|\w\.(?:com|cn|net|top|vip)\b", re.IGNORECASE)


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


# ---- for everybody ---------------------------------------------------------------------------------------------------


def public_in(session: Session, words: str, matter: Matter, offices: Collection[str] = ()) -> str:
    """Refuses with ratings.public_length, and ratings.shows_somebody what shows who said it or somebody else.
    `offices` are numbers that may stand there."""
    line = line_for_others(words)
    if not 4 <= len(line) <= LONGEST_PUBLIC:
        raise Refusal("ratings.public_length", most=LONGEST_PUBLIC)
    found = shown_in(session, line, matter, offices)
    if found:
        raise Refusal("ratings.shows_somebody", found="、".join(found))
    return line


def shown_in(session: Session, words: str, matter: Matter, offices: Collection[str] = ()) -> list[str]:
    """What in these words is somebody's: covered numbers and addresses, names that we know, links."""
    found = [one.covered for one in personal_data(words, offices)]
    line = words.replace(" ", "")
    found += [name for name in (*_said_by(matter), *_ours(session)) if name in line]
    return [*found, "网址"] if LINK.search(words) else found


def draft_of(session: Session, matter: Matter, words: str | None) -> str:
    """A first draft for the staff: what is somebody's is covered; a person reads it."""
    line = mask_phones(one_line((words or "").replace(VOICE, "")))
    for one in reversed(personal_data(line)):
        line = f"{line[: one.start]}…{line[one.end :]}"
    for name in _said_by(matter):
        line = line.replace(name, A_NEIGHBOUR)
    for name in _ours(session):
        line = line.replace(name, SOMEBODY)
    return line[:LONGEST_PUBLIC]


def _said_by(matter: Matter) -> list[str]:
    return [matter.person.name] if matter.person is not None and matter.person.name else []
