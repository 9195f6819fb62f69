"""What one turn says: sentences in order, the digits that the answer offers, and the card that WeChat can carry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app import clock
from app.dialogue import Offer, Say, keep
from app.house import House
from models.arrivals import Standing

CARD = 300
SLACK = 60
MOST_DIGITS = 9
BEHIND_DIGIT = re.compile(r"(?<![一-鿿0-9])([一-鿿]{1,8}),?回复 ?([1-9])(?![0-9])")
OFFERS_LAST_SECONDS = 24 * 3600
# WeChat cuts a passive text reply at 2048 bytes (reference/wechat.md §6); 360 characters are at most 1440.


class Speech:
    """Collects the parts of one answer. Offers are kept in the conversation row until a newer answer has digits."""

    def __init__(self, house: House, row: Standing) -> None:
        self.house, self.row = house, row
        self.parts: list[str] = []
        self.last = ""
        self.offers: Mapping[int, Offer] = {}

    def add(self, *parts: str) -> None:
        self.parts.extend(part for part in parts if part)

    def words(self, key: str, **facts: Any) -> str:
        return self.house.words.say(key, **facts)

    def tell(self, key: str, **facts: Any) -> None:
        self.add(self.words(key, **facts))

    def tell_last(self, key: str, **facts: Any) -> None:
        """Words that stand below everything else, also where the rest of a long answer waits for "更多"."""
        self.last = self.words(key, **facts)

    def say(self, say: Say, feature: str = "_base") -> None:
        number = self._digits_of_words(say)
        facts = say.facts if say.words is None else {**say.facts, "number": number}
        said = self.house.say_in(feature, say.key, facts)
        self.add(said)
        if offers := say.offers | {digit: Offer.of_word(word) for word, digit in number.items()}:
            self.offer(offers, by_words=words_of_digits(said))

    def _digits_of_words(self, say: Say) -> dict[str, int]:
        """Free digits for the chat words on offer; a word that this house does not have is left out."""
        known = [word for word in say.words or () if self.house.has_word(word)]
        free = [digit for digit in range(1, MOST_DIGITS + 1) if digit not in say.offers]
        return dict(zip(known, free, strict=False))

    def list_offers(self, rows: list[tuple[str, Offer]]) -> None:
        """Number these and put them on the table."""
        self.add("\n".join(f"{number} {words}" for number, (words, _) in enumerate(rows, 1)))
        self.offer({number: offer for number, (_, offer) in enumerate(rows, 1)})

    def offer(self, offers: Mapping[int, Offer], by_words: Mapping[str, int] | None = None) -> None:
        digits = {str(number): [offer.target, kept_facts(offer.given)] for number, offer in offers.items()}
        until = clock.now().timestamp() + OFFERS_LAST_SECONDS
        self.row.offers = {"until": until, "digits": digits, "words": dict(by_words or {})}
        self.offers = offers

    def offered(self, number: int | None) -> Offer | None:
        """What this digit of an earlier answer stands for, while it stands."""
        kept = self.row.offers
        if not kept or number is None or clock.now().timestamp() > kept["until"]:
            return None
        found = kept["digits"].get(str(number))
        return Offer(found[0], found[1]) if found else None

    def digit_said(self, text: str) -> int | None:
        """The digit behind whose words an earlier answer put `text`: "取消" where it said 取消回复 6."""
        digit: int | None = (self.row.offers or {}).get("words", {}).get(text)
        return digit

    def close(self) -> str:
        """The text to send; what does not fit on one card waits for "更多"."""
        text, rest = cut("\n".join(self.parts), CARD - len(self.last))
        if rest:
            self.row.rest = rest
            text = f"{text}\n{self.words('_base.more_text')}"
        return f"{text}\n{self.last}" if self.last else text


def words_of_digits(said: str) -> dict[str, int]:
    """{"改约": 5, "取消": 6} of "改约回复 5,取消回复 6"; a leading 要 or 想 may be said or left out."""
    found = {words: int(digit) for words, digit in BEHIND_DIGIT.findall(said)}
    return {words.lstrip("要想"): digit for words, digit in found.items()} | found


def cut(text: str, limit: int = CARD) -> tuple[str, str]:
    """The first card of a long answer, cut at a line or sentence, and the rest."""
    if len(text) <= limit + SLACK:
        return text, ""
    border = max(text.rfind("\n", limit // 2, limit), text.rfind("。", limit // 2, limit) + 1)
    at = border if border > 0 else limit
    return text[:at].rstrip(), text[at:].strip()


def kept_facts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON; what was kept before stays as it is."""
    return {name: value if isinstance(value, dict) else keep(value) for name, value in given.items()}
