"""What people write about matters, made fit to keep; and what must not be kept here at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.understanding.numbers import plain
from app.understanding.phone import mask_id_numbers
from models.places import Grid
from models.refusal import Refusal
from models.staff import StaffMember

SHORTEST, LONGEST = 4, 500
SHORTEST_WORDS, LONGEST_WORDS = 2, 300
LONGEST_PLACE = 40
_BLANKS = re.compile(r"[ \t\u3000]+")

# Petitions and reports of wrongdoing have a road of their own, which leads past whoever may be meant.
_PETITION = re.compile(
    r"信访|上访|告御状|贪污|受贿|行贿|索贿|贿赂|吃拿卡要|收红包|收黑钱|以权谋私|滥用职权|挪用(?:公款|资金)|徇私|截留|虚报冒领"
    r"|(?:举报|控告|告发|检举|告)[^,。;,;]{0,8}(?:书记|主任|干部|领导|网格员|干事|工作人员|民警|警察|城管|局长|乡长|镇长|街道办)"
    r"|(?:书记|主任|干部|领导|网格员|干事|工作人员|民警|警察|城管)[^,。;,;]{0,12}(?:收钱|收礼|要钱|打人|打了|报复|包庇|欺负)"
)


def matter_in(session: Session, kind: str, words: str) -> str:
    """What is the matter; refuses with matters.too_short, .too_long, .not_here (an accusation goes elsewhere)."""
    said = between(words, SHORTEST, LONGEST)
    if is_for_others(session, kind, said):
        raise Refusal("matters.not_here")
    return said


def words_in(words: str) -> str:
    """A word to the resident, a note, a reason."""
    return between(words, SHORTEST_WORDS, LONGEST_WORDS)


def place_in(words: str) -> str | None:
    """Where it is, in one line; None when nothing was said."""
    line = " ".join(bare(words).split())
    if len(line) > LONGEST_PLACE:
        raise Refusal("matters.place_too_long", most=LONGEST_PLACE)
    return line or None


def is_for_others(session: Session, kind: str, said: str) -> bool:
    """Whether it accuses somebody of the staff: by its words, or a complaint that names one of them."""
    line = plain(said).replace(" ", "")
    return bool(_PETITION.search(line)) or (kind == "投诉" and any(name in line for name in _ours(session)))


def _ours(session: Session) -> Iterable[str]:
    yield from session.scalars(select(StaffMember.name))
    yield from session.scalars(select(Grid.worker))


def bare(words: str) -> str:
    """Without invisible signs, identity numbers covered; lines stay lines."""
    kept = "".join(
        c if c == "\n" or c.isspace() or unicodedata.category(c)[0] != "C" else ""
        for c in words.replace("\r\n", "\n")
    )
    lines = [_BLANKS.sub(" ", line).strip() for line in kept.splitlines()]
    return mask_id_numbers("\n".join(line for line in lines if line))[0]


def between(words: str, least: int, most: int) -> str:
    said = bare(words)
    if len(said) < least:
        raise Refusal("matters.too_short", least=least)
    if len(said) > most:
        raise Refusal("matters.too_long", most=most)
    return said
