"""The features together: which word, code, event or digit belongs to whom. Two features may never claim the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from importlib import import_module
from typing import Any, TypeAlias, TypeVar

from app.dialogue import Answer, Dialogue, EventAnswer, Heed, Listener, Offer
from app.feature import Feature
from app.understanding.spelling import Spelling
from app.words import Words, day_words, moment_words
from models import know_all
from models.base import Base
from models.identity import Actor
from models.refusal import Refusal

T = TypeVar("T")
# Who is asked in turn when no chat word fits. What nobody else reads goes to the desk, if somebody waits there.
# An emergency at home ("urgent") is heard before all others, danger to life before that (Chat.guard).
# Who is cheated or angry ("upset") is heard before the thing that they name; "confirmed" is what somebody of the office
# has put their name to; something "broken" comes after all that is known by name.
TYPED_STAGES = ("urgent", "programmes", "digits", "upset", "confirmed", "guides", "search", "broken")
# Asked when what may be meant (Chat.guesses) is too far off to ask back about.
EVERYDAY_STAGE = ("everyday",)
WAITING_STAGE = ("desk",)
# Before small talk answers it: "好的" may be somebody's receipt for what they were sent.
RECEIPT_STAGE = ("receipts",)


MOST_GUESSES = 3
Near: TypeAlias = tuple[str, Offer, float]


class TwoClaims(Exception):
    """Two features claim one chat word, code prefix, event or kind of message."""


def normal(text: str) -> str:
    """What was typed, without what fingers and keyboards add: full-width forms, spaces around, a final full stop."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return plain.rstrip("。.!！~～ ,，、") or plain


class House:
    """All features by what they offer. `find(word)` is exact; `near(text)` only ever asks back."""

    def __init__(self, features: Iterable[Feature], words: Words) -> None:
        self.features = tuple(features)
        self.words = words
        self.chats = chats = [feature.chat for feature in self.features if feature.chat]
        self.dialogues: dict[str, Dialogue] = _merge(chat.dialogues for chat in chats)
        self.answers: dict[str, Answer] = _merge(chat.answers for chat in chats)
        self.always: dict[str, Answer] = _merge(chat.always_words for chat in chats)
        self.events: dict[str, EventAnswer] = _merge(chat.events for chat in chats)
        self.scans: dict[str, EventAnswer] = _merge(chat.scans for chat in chats)
        self.kinds: dict[str, EventAnswer] = _merge(chat.kinds for chat in chats)
        self.private = frozenset(chat.feature for chat in chats if chat.private)
        self.pushed: dict[tuple[str, str], Callable[[Any], str]] = _merge(chat.pushed for chat in chats)
        self.guards = [chat.guard for chat in chats if chat.guard]
        self.take_overs = [chat.take_over for chat in chats if chat.take_over]
        self.asides = [(chat.feature, chat.aside) for chat in chats if chat.aside]
        self._listeners = _lists(chat.listeners for chat in chats)
        self._heeds = _lists(chat.heeds for chat in chats)
        self._exact: dict[str, tuple[str, bool]] = _merge(self._claims())
        self.has_word = lru_cache(maxsize=1024)(self._has_word)
        self._options = {key.partition(".option_")[2]: key for key in words.all_keys() if ".option_" in key}

    def find(self, text: str) -> tuple[str, bool] | None:
        """(target, helper mode) of an exact chat word."""
        return self._exact.get(text)

    def _has_word(self, word: str) -> bool:
        """Whether typing exactly this reaches something."""
        return word in self.always or self.find(normal(word)) is not None

    def chat_words(self) -> dict[str, str]:
        """Every exact word and what it reaches."""
        return {word: target for word, (target, _) in self._exact.items()}

    def listeners(self, stages: Sequence[str]) -> Iterator[Listener]:
        for stage in stages:
            yield from self._listeners.get(stage, ())

    def heeding(self, key: str) -> Iterator[Heed]:
        """Who wants to be told that these words were said."""
        return iter(self._heeds.get(key, ()))

    def near(self, text: str) -> list[tuple[str, Offer]]:
        """Up to three (word, offer) that the resident may have meant, each leading somewhere else."""
        return [(words, offer) for words, offer, _ in self.near_words(text)][:MOST_GUESSES]

    def near_words(self, text: str) -> list[Near]:
        """Chat words that may be meant, the nearest first."""
        found: dict[str, Near] = {}
        small_talk = set().union(*(chat.never_guessed for chat in self.chats))
        for guess in self._spelling.near(text, limit=2 * MOST_GUESSES):
            if guess.key in small_talk:
                continue
            target, _ = self._exact.get(guess.key, (None, False))
            if target is None and guess.key in self.always:
                target = self.always[guess.key].name
            if target is not None:
                found.setdefault(target, (guess.key, Offer(target), guess.score))
        return list(found.values())

    def note_miss(self, actor: Actor, text: str) -> None:
        """Tell who wants to know that nobody has understood these words."""
        for chat in self.chats:
            if chat.miss is not None:
                chat.miss(actor, text)

    def guessed(self, actor: Actor, text: str) -> list[Near]:
        """What features think may be meant, the nearest first."""
        found = [near for chat in self.chats if chat.guess for near in chat.guess(actor, text)]
        return sorted(found, key=lambda near: -near[2])

    def exact_phrase(self, text: str) -> tuple[str, bool] | None:
        """An exact chat word behind polite or longer phrasings ("我想预约一下")."""
        key = self._spelling.exact(text)
        if key in self.always:
            return self.always[key].name, False
        return self._exact.get(key) if key else None

    @cached_property
    def _spelling(self) -> Spelling:
        entries: dict[str, list[str]] = {word: [word] for word in (*self._exact, *self.always)}
        for chat in self.chats:
            for word, phrasings in chat.phrasings.items():
                entries.setdefault(word, [word]).extend(phrasings)
        return Spelling(entries)

    def _claims(self) -> Iterator[dict[str, tuple[str, bool]]]:
        for chat in self.chats:
            for answer in chat.answers.values():
                yield {normal(word): (answer.name, False) for word in answer.words}
            for dialogue in chat.dialogues.values():
                yield {normal(word): (dialogue.name, False) for word in dialogue.words}
                yield {normal(word): (dialogue.name, True) for word in dialogue.helper}

    # ---- words --------------------------------------------------------------------------------------------------

    def say_in(self, feature: str, key: str, facts: Mapping[str, Any]) -> str:
        """Words of a key; without a dot it belongs to `feature`."""
        return self.words.say(key if "." in key else f"{feature}.{key}", **facts)

    def refusal_words(self, why: Refusal) -> str:
        return self.words.say(why.code, instead=why.instead, **why.facts)

    def label(self, value: Any, feature: str, shown_as: str | None = None) -> str:
        """How an option or a fact is read out: rows by their [option_<table>] words."""
        if shown_as is not None:
            return self.say_in(feature, shown_as, {"it": value})
        if isinstance(value, Base):
            return self.words.say(self._options[value.__tablename__], it=value)
        if isinstance(value, datetime):
            return moment_words(value)
        if isinstance(value, date):
            return day_words(value)
        if isinstance(value, time):
            return f"{value:%H:%M}"
        return "" if value is None else str(value)


def load_features(names: Iterable[str]) -> list[Feature]:
    """The Feature of each handlers/<name>/__init__.py, in order."""
    know_all()
    return [import_module(f"handlers.{name}").feature for name in names]


def _lists(parts: Iterable[Mapping[str, T]]) -> dict[str, list[T]]:
    """What all features have under each key, in their order."""
    found: dict[str, list[T]] = {}
    for part in parts:
        for key, one in part.items():
            found.setdefault(key, []).append(one)
    return found


def _merge(parts: Iterable[Mapping[Any, Any]]) -> dict[Any, Any]:
    merged: dict[Any, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key in merged and merged[key] != value:
                raise TwoClaims(f"{key!r} is claimed twice")
            merged[key] = value
    return merged
