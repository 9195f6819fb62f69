"""Conversations as ordinary functions: a dialogue awaits questions, and is run again each turn with the answers so far.

An answer is found by its question's key, not by its place, so a deploy may add, drop or move questions under people who
are in the middle, and one answer can be changed without asking the rest again. Nothing here is asyncio: `await` only
makes a forgotten question a type error. The driver is app/replay.py, the house words are app/conversation.py.

Rules for those who write dialogues (tests/house holds them): between questions only reads; no try, with, clock or
random; the actions come after the last question; a key means one thing for ever in its dialogue.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from app.kept import DialogueFault, Gone, keep, recall, recall_all, recall_or_none
from app.questions import (
    NO,
    YES,
    Answered,
    Ask,
    Choose,
    Confirm,
    Label,
    Narrowed,
    NotUnderstood,
    Question,
    Tell,
)
from models.identity import Actor

__all__ = [
    "NO",
    "YES",
    "Answer",
    "Answered",
    "Ask",
    "Chat",
    "Choose",
    "Confirm",
    "Dialogue",
    "DialogueFault",
    "EventAnswer",
    "Go",
    "Gone",
    "Guard",
    "Label",
    "Listener",
    "Narrowed",
    "NotUnderstood",
    "Offer",
    "Question",
    "Quiet",
    "Reply",
    "Say",
    "Tell",
    "Unkept",
    "keep",
    "recall",
    "recall_all",
    "recall_or_none",
]


BY_WORD = "word:"


@dataclass(frozen=True, slots=True)
class Offer:
    """A digit on the table after an answer: run this dialogue or plain answer with these (kept) facts. The target
    "word:预约" follows a chat word, whoever owns it when the digit is typed."""

    target: str
    given: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_word(cls, word: str) -> Offer:
        return cls(f"{BY_WORD}{word}")


class Say:
    """An answer: the words of `key` with `facts`, and the digits it offers ({5: rebook.offer(appointment=a)}).

    A key without a dot belongs to the feature that speaks. `words` are chat words of any feature: those that this
    house has get the next free digits, and the template is told which (`number`, a dict of word to digit). `undo`: what
    撤销 does within ten minutes, when a plain answer has done something.
    """

    def __init__(
        self,
        key: str,
        *,
        offers: Mapping[int, Offer] | None = None,
        words: Sequence[str] | None = None,
        undo: Offer | None = None,
        **facts: Any,
    ) -> None:
        self.key, self.offers, self.words, self.facts = key, dict(offers or {}), words, facts
        self.undo = undo


class Unkept(Say):
    """An end of a dialogue that leaves nothing behind in the conversation, and so cannot be undone."""


class Quiet:
    """No answer, on purpose: a person of the staff is talking with this resident."""


@dataclass(frozen=True, slots=True)
class Go:
    """Instead of an answer: begin this dialogue at once, `told` a sentence that may answer some of its questions."""

    offer: Offer
    told: str | None = None
    helping: bool = False


Reply: TypeAlias = Say | Quiet | Go | None
Keeps = Callable[[Actor, Mapping[str, Any], Mapping[str, Any]], None]
Begins = Callable[[Actor, Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class Answer:
    """A plain question's answer: one function, no dialogue."""

    name: str
    words: tuple[str, ...]
    run: Callable[..., Reply]

    def __call__(self, *args: Any, **facts: Any) -> Reply:
        return self.run(*args, **facts)

    def offer(self, **given: Any) -> Offer:
        return Offer(self.name, given)


@dataclass
class Dialogue:
    """A talk that asks. `helper` words start it on behalf of somebody else; `may` refuses, before the first question
    (also of helper mode), whom the action would refuse in the end; `undoing` takes it back for 10 minutes; what its
    questions hold while it waits is given up by `letting_go`.

    One that `keeps` its answers elsewhere too (a form that is filled in over days) is told them at the end of each
    turn, in the same unit: `keeps(actor, given, answers)`, answers by the key under which they are kept. It begins with
    what `begins_with(actor, given)` knows already, and may be put aside at any question with the words `put_aside`."""

    name: str
    words: tuple[str, ...]
    run: Callable[..., Awaitable[Say]]
    helper: tuple[str, ...] = ()
    title: str = ""
    may: Callable[[Actor], None] | None = None
    undoing: Callable[..., Say] | None = None
    letting_go: Callable[[Actor], object] | None = None
    keeping: Keeps | None = None
    beginning: Begins | None = None
    put_aside: str = ""

    def keeps(self, *, put_aside: str) -> Callable[[Keeps], Keeps]:
        def register(function: Keeps) -> Keeps:
            self.keeping, self.put_aside = function, put_aside
            return function

        return register

    def begins_with(self, function: Begins) -> Begins:
        self.beginning = function
        return function

    def lets_go(self, function: Callable[[Actor], object]) -> Callable[[Actor], object]:
        self.letting_go = function
        return function

    def undo(self, function: Callable[..., Say]) -> Callable[..., Say]:
        self.undoing = function
        return function

    def offer(self, **given: Any) -> Offer:
        return Offer(self.name, given)


# ---- what one feature says and hears ------------------------------------------------------------------------------

Listener = Callable[[Actor, str], Reply]


@dataclass(frozen=True, slots=True)
class Guard:
    """Keeps confidential words out of the common inbox: `recognise(text)` names the kind (a key of the feature's
    words) or None; `receive(database, key, app, openid, kind, text)` stores them, once per key."""

    feature: str
    recognise: Callable[[str], str | None]
    receive: Callable[..., None]


EventAnswer = Callable[..., Reply]
Heed = Callable[[Actor, Mapping[str, Any]], None]
Guesses = Callable[[Actor, str], Sequence[tuple[str, Offer, float]]]


class Chat:
    """The chat side of one feature: its words, events, codes and kinds of message, registered beside the function.

    `says`/`dialogue`: exact chat words. `always`: words that work in any state (人工). `offered`: an answer without
    words, reached by an offer. `listens(stage)`: asked in the stage's turn when nothing else matched.
    `scanned(prefix)`: a place or session code "prefix:rest". `event(kind)`: subscribe, unsubscribe, ….
    `receives(kind)`: image, voice, …. `guard`: looks at the words before anything is stored. `takes_over`: a talk
    with staff that is open. `hears_said(key)`: is told with its facts that any feature has answered with these words.
    `adds`: one short line beside an answer, where nothing is being asked; told the keys of what was said.
    `guesses`: what may have been meant, as (words, offer, how near from 0 to 100), asked back beside near chat words.
    `hears_miss`: is told of words that nobody has understood. `private`: the common inbox keeps neither whose these
    talks are nor, for longer than a repeat may come, what was answered; a spoken answer is not read back.
    `answers_with(kind, question)`: a place or a voice that is sent where this question stands open is its answer, as
    the words that the function makes of it.
    """

    def __init__(self, feature: str) -> None:
        self.feature = feature
        self.answers: dict[str, Answer] = {}
        self.dialogues: dict[str, Dialogue] = {}
        self.always_words: dict[str, Answer] = {}
        self.listeners: dict[str, Listener] = {}
        self.scans: dict[str, EventAnswer] = {}
        self.events: dict[str, EventAnswer] = {}
        self.kinds: dict[str, EventAnswer] = {}
        self.pushed: dict[tuple[str, str], Callable[[Any], str]] = {}
        self.take_over: EventAnswer | None = None
        self.heeds: dict[str, Heed] = {}
        self.aside: EventAnswer | None = None
        self.guess: Guesses | None = None
        self.miss: Callable[[Actor, str], None] | None = None
        self.private = False
        self.guard: Guard | None = None
        self.phrasings: dict[str, Sequence[str]] = {}
        self.never_guessed: set[str] = set()  # small talk: answered when said, never asked "did you mean"

    def dialogue(
        self,
        *words: str,
        title: str = "",
        helper: tuple[str, ...] = (),
        may: Callable[[Actor], None] | None = None,
    ) -> Callable[[Callable[..., Awaitable[Say]]], Dialogue]:
        def register(run: Callable[..., Awaitable[Say]]) -> Dialogue:
            called = title or (words[0] if words else run.__name__)
            made = Dialogue(self._name(run), words, run, helper, called, may)
            self.dialogues[made.name] = made
            return made

        return register

    def says(self, *words: str) -> Callable[[Callable[..., Reply]], Answer]:
        def register(run: Callable[..., Reply]) -> Answer:
            made = Answer(self._name(run), words, run)
            self.answers[made.name] = made
            return made

        return register

    offered = says

    def always(self, *words: str) -> Callable[[Callable[..., Reply]], Answer]:
        def register(run: Callable[..., Reply]) -> Answer:
            made = self.says()(run)
            self.always_words |= dict.fromkeys(words, made)
            return made

        return register

    def listens(self, stage: str) -> Callable[[Listener], Listener]:
        return lambda run: self.listeners.setdefault(stage, run)

    def scanned(self, prefix: str) -> Callable[[EventAnswer], EventAnswer]:
        return lambda run: self.scans.setdefault(prefix, run)

    def event(self, *kinds: str) -> Callable[[EventAnswer], EventAnswer]:
        return _enter(self.events, [kind.lower() for kind in kinds])

    def receives(self, *kinds: str) -> Callable[[EventAnswer], EventAnswer]:
        return _enter(self.kinds, kinds)

    def answers_with(
        self, kind: str, question: str
    ) -> Callable[[Callable[[Any], str]], Callable[[Any], str]]:
        return lambda run: self.pushed.setdefault((kind, f"{self.feature}.{question}"), run)

    def takes_over(self, run: EventAnswer) -> EventAnswer:
        self.take_over = run
        return run

    def hears_said(self, key: str) -> Callable[[Heed], Heed]:
        return lambda run: self.heeds.setdefault(key, run)

    def adds(self, run: EventAnswer) -> EventAnswer:
        self.aside = run
        return run

    def guesses(self, run: Guesses) -> Guesses:
        self.guess = run
        return run

    def hears_miss(self, run: Callable[[Actor, str], None]) -> Callable[[Actor, str], None]:
        self.miss = run
        return run

    def also_said(self, word: str, *phrasings: str) -> None:
        """More ways of saying an exact chat word; a near miss of any of them asks back."""
        self.phrasings[word] = phrasings

    def _name(self, run: Callable[..., Any]) -> str:
        return f"{self.feature}.{run.__name__}"


def _enter(table: dict[str, EventAnswer], kinds: Sequence[str]) -> Callable[[EventAnswer], EventAnswer]:
    def register(run: EventAnswer) -> EventAnswer:
        table.update(dict.fromkeys(kinds, run))
        return run

    return register
