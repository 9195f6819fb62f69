"""The driver of a dialogue: run it from the start, feed it the answers it has, stop at the first one it lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.database import writes_so_far
from app.dialogue import (
    Answered,
    Confirm,
    Dialogue,
    DialogueFault,
    Gone,
    Label,
    Narrowed,
    NotUnderstood,
    Question,
    Say,
    Tell,
    keep,
)
from app.understanding.numbers import choice_number
from models.base import Base
from models.identity import Actor
from models.refusal import Refusal

MOST_ANSWERS = 60


@dataclass(slots=True)
class Step:
    key: str
    stored: Any
    question: Question[Any]
    value: Any = None


@dataclass(slots=True)
class Asked:
    """The talk waits for `question`. `left` are kept answers that this run did not read (they stay: an older worker
    must not destroy a newer worker's answers)."""

    question: Question[Any]
    key: str
    path: list[Step]
    left: list[list[Any]]
    before: list[Say] = field(default_factory=list)
    notice: str | None = None
    refusal: Refusal | None = None
    narrowed: list[Any] | None = None
    unread: bool = False
    holds: bool = False


@dataclass(slots=True)
class Ended:
    say: Say
    path: list[Step]


@dataclass(slots=True)
class Refused(Exception):
    """A rule said no after `path` was answered; the whole run is undone and asked again by the conversation."""

    why: Refusal
    path: list[Step]
    left: list[list[Any]]

    def question_at_fault(self) -> str | None:
        """The latest question that names this refusal, or whose answer is among its facts."""
        named = [keep(fact) for fact in self.why.facts.values() if isinstance(fact, Base)]
        for step in reversed(self.path):
            if self.why.code in step.question.again or (
                isinstance(step.stored, dict) and step.stored in named
            ):
                return step.key
        return None

    def answers_without(self, key: str) -> list[list[Any]]:
        kept = [[step.key, step.stored] for step in self.path] + self.left
        return [answer for answer in kept if answer[0] != key]


class Replay:
    """One run of one talk. `talk` is the dict kept in Conversation.talks; `text` what was just said, if anything."""

    def __init__(
        self,
        actor: Actor,
        dialogue: Dialogue,
        talk: dict[str, Any],
        text: str | None,
        label: Label,
        words: Callable[..., str],
    ) -> None:
        self.actor, self.dialogue, self.talk, self.text = actor, dialogue, talk, text
        self.label, self.words = label, words
        self.kept: dict[str, Any] = dict(map(tuple, talk["answers"]))
        self.path: list[Step] = []
        self.before: list[Say] = []
        self.seen: Counter[str] = Counter()
        self.just_read = False
        self.keeps_words = True  # what was typed may wait for a later question

    def run(self, start: Callable[[], Any]) -> Asked | Ended:
        """`start` makes the coroutine (helper mode asks who is helped first)."""
        coroutine = start()
        steps = coroutine.__await__()
        try:
            outcome = self._drive(steps)
        finally:
            steps.close()
        if isinstance(outcome, Asked):
            outcome.holds = self._hold()
        return outcome

    def _hold(self) -> bool:
        """What the answers hold while a later question is open. Here and not between the questions: a run that ends is
        not held up, and one that is refused is asked again as by any rule."""
        held = [(step.question.holding, step.value) for step in self.path if step.question.holding]
        for hold, value in held:
            try:
                hold(value)
            except Refusal as why:
                raise Refused(why, self.path, self._left()) from why
        return bool(held)

    def _drive(self, steps: Any) -> Asked | Ended:
        value: Any = None
        while True:
            written = writes_so_far(self.actor.session)
            try:
                question = steps.send(value)
            except StopIteration as end:
                return Ended(end.value, self.path)
            except Refusal as why:
                raise Refused(why, self.path, self._left()) from why
            self._check(question, written)
            if isinstance(question, Answered):
                value = question.key in self.kept
                continue
            if isinstance(question, Tell):
                self.before.append(Say(question.key, **question.facts))
                value = None
                continue
            outcome = self._answer(question)
            if isinstance(outcome, Asked):
                return outcome
            value = outcome[0]

    def _check(self, question: Any, written: int) -> None:
        if not isinstance(question, Question):
            raise DialogueFault(f"{self.dialogue.name} awaited {question!r}, which is no question")
        if writes_so_far(self.actor.session) != written:
            raise DialogueFault(
                f"{self.dialogue.name} writes before it asks {question.key}: act after the last question"
            )
        if len(self.path) >= MOST_ANSWERS:
            raise DialogueFault(f"{self.dialogue.name} has no end")

    def _answer(self, question: Question[Any]) -> Asked | tuple[Any]:
        """The question's value in a tuple, or where the talk stops."""
        self.seen[question.kept_as] += 1
        count = self.seen[question.kept_as]
        key = question.kept_as if count == 1 else f"{question.kept_as}#{count}"
        try:
            found, stored = self._find(question, key)
            if not found:
                return self._asked(question, key)
            value = self._value(question, stored)
        except Gone:
            self._hold_words(key)
            return self._asked(question, key, notice=self._why_gone(question, key))
        except NotUnderstood:
            return self._asked(question, key, unread=True)
        except Narrowed as several:
            return self._asked(question, key, narrowed=several.options)
        except Refusal as why:
            return self._asked(question, key, refusal=why)
        self.path.append(Step(key, stored, question, value))
        self.before.clear()
        return (value,)

    def _find(self, question: Question[Any], key: str) -> tuple[bool, Any]:
        if key in self.kept:
            return True, self.kept.pop(key)
        if self.text is not None and key == self.talk["asked"]:
            words, self.text = self.text, None
            self.just_read = True
            self._tell_later(question, words)
            return True, question.read(self.actor.session, words, self.talk["shown"], self.label)
        held = self.talk.get("held")
        if held and held[0] == key:
            self.talk["held"] = None
            return True, question.read(self.actor.session, held[1], held[2], self.label)
        return self._hear(question)

    def _tell_later(self, question: Question[Any], words: str) -> None:
        """A sentence that answers one question may hold the answer to a later one: "理发,明天下午三点"."""
        if self.keeps_words and not question.hears and choice_number(words) is None:
            self.talk["told"] = words

    def _hear(self, question: Question[Any]) -> tuple[bool, Any]:
        told = self.talk.get("told")
        if not told or not question.hears:
            return False, None
        self.talk["told"] = None
        try:
            return True, question.read(self.actor.session, told, [], self.label)
        except NotUnderstood:
            return False, None

    def _value(self, question: Question[Any], stored: Any) -> Any:
        if isinstance(question, Confirm):
            if stored != question.fingerprint(self.words, self.label):
                raise Gone
            return True
        return question.value(self.actor.session, stored)

    def _hold_words(self, key: str) -> None:
        """What was typed for a later question waits while an earlier answer, which vanished, is asked again."""
        if (
            self.keeps_words
            and self.text is not None
            and self.talk["asked"] not in (None, key)
            and not self.talk.get("confirming")
        ):
            self.talk["held"] = [self.talk["asked"], self.text, self.talk["shown"]]

    def _why_gone(self, question: Question[Any], key: str) -> str | None:
        """An answer that no longer fits because an earlier one was just changed is asked again without a word."""
        if isinstance(question, Confirm):
            return "facts_changed" if self.just_read else None
        return None if self.just_read and key != self.talk["asked"] else "gone"

    def _asked(self, question: Question[Any], key: str, **how: Any) -> Asked:
        return Asked(question, key, self.path, self._left(), list(self.before), **how)

    def _left(self) -> list[list[Any]]:
        return [[key, stored] for key, stored in self.kept.items()]
