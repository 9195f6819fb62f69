"""The cards that come with the software: read from templates/guides, laid down once as samples.

Every installation gets them, live ones too: an empty guide answers nobody, and writing two hundred cards is a year's
work. They say that they are samples until somebody of the office has looked at them, and after half a year without
that they tell nothing but whom to call. What the staff have changed or retired stays as they left it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import clock
from app.words import TEMPLATES
from handlers.guides.wording import changing_words
from models.guides import LONGEST_REVIEW, GuideCard, GuidePhrasing, GuideSynonym, GuideVersion, content_of

FOLDER = TEMPLATES / "guides"


@cache
def shipped_cards() -> tuple[dict[str, Any], ...]:
    """Every card with its key, its parts and its ways of asking; what a whole file shares stands at its head."""
    return tuple(_cards())


def _cards() -> Iterator[dict[str, Any]]:
    for path in sorted((FOLDER / "cards").glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        usual = {name: value for name, value in told.items() if name != "card"}
        for card in told["card"]:
            yield usual | card | {"asks": card["asks"].split()}


def shipped_synonyms() -> dict[str, str]:
    return tomllib.loads((FOLDER / "synonyms.toml").read_text(encoding="utf-8"))


@cache
def not_ours() -> tuple[str, ...]:
    """What people say that is no question about a matter."""
    lines = (FOLDER / "not_ours.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def install(session: Session) -> None:
    """Lay down what is not there yet."""
    known = set(session.scalars(select(GuideCard.key).where(GuideCard.key.is_not(None))))
    new = [card for card in shipped_cards() if card["key"] not in known]
    if not new:
        return
    is_first = session.scalar(select(GuideCard.id).limit(1)) is None
    with changing_words(session):
        _lay_down(session, new)
        if is_first:
            session.execute(
                insert(GuideSynonym), [{"word": w, "meant": m} for w, m in shipped_synonyms().items()]
            )


def _lay_down(session: Session, cards: list[dict[str, Any]]) -> None:
    until = clock.today() + LONGEST_REVIEW
    rows = [content_of(card) | {"key": card["key"], "state": "sample", "review_by": until} for card in cards]
    session.execute(insert(GuideCard), rows)
    keys = [card["key"] for card in cards]
    found = select(GuideCard.key, GuideCard.id).where(GuideCard.key.in_(keys))
    number = {row.key: row.id for row in session.execute(found)}
    session.execute(
        insert(GuideVersion),
        [{"card_id": number[card["key"]], "number": 1, "content": content_of(card)} for card in cards],
    )
    taken = set(session.scalars(select(GuidePhrasing.words)))
    ways = {words: number[card["key"]] for card in cards for words in card["asks"] if words not in taken}
    session.execute(insert(GuidePhrasing), [{"words": w, "card_id": card} for w, card in ways.items()])
