"""From a resident's words to cards: the index of this process, and how sure is sure enough.

The index is built from the database when its words have changed (models.guides.edition), and is the same for everybody
who has these words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.understanding.asking import Asking
from app.understanding.spelling import Guess
from handlers.guides.loading import not_ours
from models.guides import ANSWERING, GuideCard, edition, ways_of_asking

MOST = 3
SURE, MARGIN = 58.0, 10.0
ASKS_BACK = 33.0
NOT_OURS, SURELY_NOT_OURS = "", 70.0
EDITIONS_KEPT = 3
LOOKED = "guides looked for"

_indexes: dict[str, Asking] = {}


class Scored(Protocol):
    @property
    def score(self) -> float: ...


Like = TypeVar("Like", bound=Scored)


@dataclass(frozen=True, slots=True)
class Hit:
    """A card that may be meant, by which of its ways of asking, and how near (0 to 100)."""

    card: GuideCard
    phrase: str
    score: float


def index_of(session: Session, digest: str) -> Asking:
    """The index of the words that this edition has."""
    found = _indexes.get(digest)
    if found is None:
        matters, synonyms = ways_of_asking(session)
        found = Asking({**matters, NOT_OURS: not_ours()}, synonyms)
        for old in list(_indexes)[: 1 - EDITIONS_KEPT]:
            _indexes.pop(old, None)
        _indexes[digest] = found
    return found


def warm_up(session: Session) -> None:
    index_of(session, edition(session))


def near(session: Session, text: str, most: int = MOST) -> list[Hit]:
    """Cards that may be meant, the best first. Several listeners ask the same in one turn; it is looked for once."""
    digest = edition(session)
    if not digest:
        return []
    looked: dict[tuple[str, str, int], list[Hit]] = session.info.setdefault(LOOKED, {})
    asked = digest, text, most
    if asked not in looked:
        looked[asked] = _near(session, *asked)
    return looked[asked]


def _near(session: Session, digest: str, text: str, most: int) -> list[Hit]:
    guesses = candidates(index_of(session, digest), text, most)
    cards = _cards(session, [int(guess.key) for guess in guesses])
    found = [(cards.get(int(one.key)), one) for one in guesses]
    return [Hit(card, one.phrase, one.score) for card, one in found if card is not None]


def candidates(index: Asking, text: str, most: int = MOST) -> list[Guess]:
    """Of small talk and bare numbers nothing."""
    guesses = [] if text.isdigit() else index.near(text, most + 1)
    if guesses and guesses[0].key == NOT_OURS and guesses[0].score >= SURELY_NOT_OURS:
        return []
    return [guess for guess in guesses if guess.key != NOT_OURS][:most]


def _cards(session: Session, numbers: Sequence[int]) -> dict[int, GuideCard]:
    if not numbers:
        return {}
    rows = session.scalars(select(GuideCard).where(GuideCard.id.in_(numbers), GuideCard.state.in_(ANSWERING)))
    return {card.id: card for card in rows}


def is_sure(found: Sequence[Scored]) -> bool:
    """Whether the first may be told without asking back."""
    if not found or found[0].score < SURE:
        return False
    return found[0].score == 100 or len(found) < 2 or found[0].score - found[1].score >= MARGIN


def worth_asking(found: Sequence[Like]) -> list[Like]:
    return [one for one in found if one.score >= ASKS_BACK]
