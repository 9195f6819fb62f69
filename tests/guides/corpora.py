"""Ways of asking that no card has. They were written after the cards by the same hand, from the titles alone, and the
look-up was not changed for single lines: the first half served for choosing weights, the second half decides."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from app.understanding.asking import Asking
from handlers.guides.finding import NOT_OURS, candidates, is_sure, worth_asking
from handlers.guides.loading import not_ours, shipped_cards, shipped_synonyms

FOLDER = Path(__file__).parent / "corpus"


def asked(name: str) -> list[tuple[str, str]]:
    """(key of the card that is meant, words)."""
    lines = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [(key, words) for key, _, words in (line.partition("\t") for line in lines)]


def not_asked() -> list[str]:
    return (FOLDER / "negatives.txt").read_text(encoding="utf-8").splitlines()


@cache
def shipped_asking() -> Asking:
    matters = {card["key"]: [card["title"], *card["asks"]] for card in shipped_cards()}
    return Asking({**matters, NOT_OURS: not_ours()}, shipped_synonyms())


def share_in_first(rows: list[tuple[str, str]], most: int) -> float:
    """How many would see their card, told at once or among the first `most` that are asked back about."""
    return sum(key in seen(words, most) for key, words in rows) / len(rows)


@cache
def seen(words: str, most: int) -> tuple[str, ...]:
    return tuple(guess.key for guess in worth_asking(candidates(shipped_asking(), words)))[:most]


@cache
def told_at_once(words: str) -> str | None:
    found = candidates(shipped_asking(), words)
    return found[0].key if is_sure(found) else None
