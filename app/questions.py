"""The questions that a dialogue awaits: one of several, free words, a yes to a sentence, words in front of the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Sequence
from typing import Any, Generic, Self, TypeAlias, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.kept import Gone, keep, recall, recall_all
from app.understanding.numbers import choice_number
from models.rows import Listed, keyed, table_of

T = TypeVar("T")
PAGE = 5
MOST_FITTING = 50  # so many rows that fit the words are kept to be paged through
YES = frozenset({"1", "是", "是的", "对", "对的", "好", "好的", "行", "可以", "确定", "嗯", "没错"})
NO = frozenset({"2", "不", "不是", "不对", "改", "改一下", "要改", "错了", "写错了", "换个时间", "改时间"})


class NotUnderstood(Exception):
    """The words do not answer this question."""


class Narrowed(Exception):
    """The words fit several options: ask again with just these (kept values)."""

    def __init__(self, options: Sequence[Any]) -> None:
        super().__init__()
        self.options = list(options)


def same_place(text: str) -> bool:
    """Whether it is to be where it was the last time. Raises ValueError for anything else."""
    if text in YES | {"一样", "还是"}:
        return True
    if text in NO | {"换", "换地方"}:
        return False
    raise ValueError(text)


def means_yes(text: str) -> bool:
    """A yes in any of its forms: 1, 一, 第一个, 对的."""
    return text.rstrip("。.!！") in YES or choice_number(text) == 1


class Question(Generic[T]):
    """Asked with the words of its key. `again` names refusals that come back to this question. One that `hears` finds
    its answer also in words said earlier ("明天下午三点理发") and is corrected by words said at the last yes.

    `holding` is done with the answer whenever a turn ends with a later question still open, in that turn's unit: a seat
    is kept for whoever still tells their name. It is done again each turn, so it must make the second time the same as
    the first; its refusal is one of the rule's. The dialogue says in `lets_go` what ends it, and it needs an end of its
    own, for a phone that falls silent.
    """

    hears = False
    part, named, explains = "", "", ""
    told: Callable[[Any], str] | None = None
    holding: Callable[[Any], object] | None = None

    def __init__(self, key: str, *, again: Sequence[str] = (), **facts: Any) -> None:
        self.key, self.again, self.facts = key, again, facts

    def about(self, part: str, named: str, told: Callable[[Any], str], explains: str = "") -> Self:
        """One of many questions that share their words (the fields of a form): its answer is kept under `part`, by
        which it is found wherever it stands; where answers are listed it is called `named` and the answer is read out
        by `told`. `explains` are the words said, with the question's facts, to who asks what it means."""
        self.part, self.named, self.told, self.explains = part, named, told, explains
        return self

    @property
    def kept_as(self) -> str:
        return f"{self.key}@{self.part}" if self.part else self.key

    def __await__(self) -> Generator[Question[Any], Any, T]:
        answer: T = yield self
        return answer

    def prepare(self, session: Session) -> None:
        """Called before the question is put, not when its answer is known: to find out what only its words need."""

    def offer(self, session: Session, page: int) -> tuple[list[Any], bool]:
        """The options to show on this page, and whether there are more; none for a question without options."""
        return [], False

    def read(self, session: Session, text: str, shown: list[Any], label: Label) -> Any:
        """What to keep of an answer in words. Raises NotUnderstood, Narrowed or a Refusal."""
        raise NotUnderstood

    def value(self, session: Session, stored: Any) -> T:
        """The answer that was kept, checked again. First run and replay both get it from here."""
        answer: T = recall(session, stored)
        return answer


Label = Callable[[Any], str]
Options: TypeAlias = Select[Any] | Listed[Any] | Sequence[T] | Callable[[], Any]


class Choose(Question[T]):
    """One of several, by digit or by its words. `options`: a Select or what stands on a Shelf (paged, re-checked by one
    indexed query), a sequence, or a function that gives any of them. `by_words(text)` may narrow them by what was typed
    ("周三下午"); it returns the narrowed options or None."""

    def __init__(
        self,
        key: str,
        options: Options[T],
        *,
        by_words: Callable[[str], Any] | None = None,
        shown_as: str | None = None,
        per_page: int = PAGE,
        again: Sequence[str] = (),
        **facts: Any,
    ) -> None:
        super().__init__(key, again=again, **facts)
        self._options, self.by_words, self.shown_as, self.per_page = options, by_words, shown_as, per_page

    @property
    def options(self) -> Any:
        return self._options() if callable(self._options) else self._options

    def offer(self, session: Session, page: int) -> tuple[list[Any], bool]:
        found = _page(session, self.options, page, self.per_page, extra=1)
        return found[: self.per_page], len(found) > self.per_page

    def value(self, session: Session, stored: Any) -> T:
        options = self.options
        found = (
            _row_of(session, options, stored)
            if isinstance(options, (Select, Listed))
            else _list_one(options, stored)
        )
        if found is None:
            raise Gone
        answer: T = found
        return answer

    def read(self, session: Session, text: str, shown: list[Any], label: Label) -> Any:
        """Digits mean what was SHOWN, never what would be listed now."""
        number = choice_number(text)
        if number is not None and 1 <= number <= len(shown):
            return shown[number - 1]
        if (stored := self._by_label(session, text, shown, label)) is not None:
            return stored
        return self._by_words(session, text)

    def _by_label(self, session: Session, text: str, shown: list[Any], label: Label) -> Any:
        labels = [(stored, label(one)) for stored, one in zip(shown, recall_all(session, shown), strict=True)]
        exact = [stored for stored, words in labels if words == text]
        partly = [stored for stored, words in labels if len(text) > 1 and text in words]
        candidates = exact or partly
        if len(candidates) > 1:
            raise Narrowed(candidates)
        return candidates[0] if candidates else None

    def _by_words(self, session: Session, text: str) -> Any:
        narrowed = self.by_words(text) if self.by_words else None
        if narrowed is None:
            raise NotUnderstood
        found = [keep(one) for one in _page(session, narrowed, 0, MOST_FITTING)]
        if not found:
            raise NotUnderstood
        if len(found) > 1:
            raise Narrowed(found)
        return found[0]


class Ask(Question[T]):
    """Free words. `parse` turns them into a value, or raises Refusal (its words are said and the question asked
    again) or ValueError (not understood). The VALUE is kept: "明天" must not move at midnight. A chat word ("最新通知")
    is nobody's name and goes where it leads, unless `any_words` may be the answer (what to search for)."""

    def __init__(
        self,
        key: str,
        parse: Callable[[str], T],
        *,
        again: Sequence[str] = (),
        any_words: bool = False,
        **facts: Any,
    ) -> None:
        super().__init__(key, again=again, **facts)
        self.parse, self.any_words = parse, any_words

    def read(self, session: Session, text: str, shown: list[Any], label: Label) -> Any:
        try:
            return keep(self.parse(text))
        except ValueError:
            raise NotUnderstood from None


class Confirm(Question[bool]):
    """A yes belongs to the sentence that was read out: what is kept is the sentence's fingerprint."""

    def fingerprint(self, words: Callable[..., str], label: Label) -> str:
        """Of the sentence as it is read out now, and of its facts: a changed window or price wants another yes."""
        facts = {name: label(fact) for name, fact in self.facts.items()}
        said = json.dumps([words(self.key, **self.facts), facts], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def read(self, session: Session, text: str, shown: list[Any], label: Label) -> Any:
        if not means_yes(text):
            raise NotUnderstood
        return shown[0]


class Tell(Question[None]):
    """Words in front of the next question; nothing is asked."""


class Answered(Question[bool]):
    """Whether the question of this key has its answer already; nothing is asked. What only decides whether or how that
    question is put (is anything free at all?) need not be found out again with each later turn of the talk."""


def _page(session: Session, options: Any, page: int, size: int, extra: int = 0) -> list[Any]:
    if isinstance(options, Listed):
        return options.page(session, size * page, size + extra)
    if isinstance(options, Select):
        return list(session.scalars(options.limit(size + extra).offset(size * page)))
    return list(options[size * page : size * (page + 1) + extra])


def _row_of(session: Session, options: Select[Any] | Listed[Any], stored: Any) -> Any:
    table = options.shelf.table if isinstance(options, Listed) else table_of(options)
    if not (isinstance(stored, dict) and "row" in stored and stored["row"][0] == table.__tablename__):
        return None
    if isinstance(options, Listed):
        return options.one(session, stored["row"][1])
    return session.scalar(keyed(options), {"key": stored["row"][1]})


def _list_one(options: Sequence[Any], stored: Any) -> Any:
    return next((value for value in options if keep(value) == stored), None)
