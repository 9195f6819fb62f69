"""What an activity asks of those who join, as data that staff write: groups with seats of their own, questions of the
form, papers that must be on file. Here it is read and checked, so that every channel asks the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from models.refusal import Refusal

MOST_GROUPS, MOST_QUESTIONS, MOST_OPTIONS = 8, 8, 8
LONGEST_ANSWER = 60
LARGEST_NUMBER = 10_000

Kind = Literal["text", "choice", "yes_no", "number"]
KINDS: tuple[Kind, ...] = ("text", "choice", "yes_no", "number")
YES, NO = "是", "否"

# Papers that may be asked for: what staff and residents call them.
PAPERS = {
    "clearance": "无犯罪记录证明",
    "health": "健康证明",
    "insurance": "保险号",
    "training": "培训证明",
    "guardian": "监护人同意",
}


@dataclass(frozen=True, slots=True)
class Group:
    """`minors`: for children, whom a guardian signs up. `helps`: those who help the others (tutors, guides)."""

    key: str
    name: str
    seats: int
    minors: bool = False
    helps: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        """As a page offers it."""
        return self.key, self.name


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the form. `purpose` is what the answer is for, `shown` whether leaders see it on their lists."""

    key: str
    ask: str
    kind: Kind = "text"
    options: tuple[str, ...] = ()
    needed: bool = True
    purpose: str = ""
    shown: bool = True

    def read(self, words: str) -> str:
        """The answer as it is kept; raises ValueError when these words are none."""
        bare = " ".join(words.split())
        if not bare and not self.needed:
            return ""
        if self.kind == "number":
            number = int(bare)
            if not 0 <= number <= LARGEST_NUMBER:
                raise ValueError(bare)
            return str(number)
        allowed = (YES, NO) if self.kind == "yes_no" else self.options
        if self.kind != "text" and bare not in allowed:
            raise ValueError(bare)
        if not 0 < len(bare) <= LONGEST_ANSWER:
            raise ValueError(bare)
        return bare

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The answers as a page offers them."""
        return [(one, one) for one in self.offered]

    @property
    def offered(self) -> tuple[str, ...]:
        return (YES, NO) if self.kind == "yes_no" else self.options


@dataclass(frozen=True, slots=True)
class Need:
    """A paper of this kind, for those of one group or for everybody."""

    kind: str
    group: str | None = None


def groups_of(rows: Sequence[Mapping[str, Any]]) -> list[Group]:
    return [Group(**row) for row in rows]


def questions_of(rows: Sequence[Mapping[str, Any]]) -> list[Question]:
    return [Question(**{**row, "options": tuple(row.get("options", ()))}) for row in rows]


def needs_of(rows: Sequence[Mapping[str, Any]]) -> list[Need]:
    return [Need(**row) for row in rows]


def checked_groups(groups: Sequence[Group], most_seats: int) -> list[dict[str, Any]]:
    """As they are kept; raises Refusal activities.bad_groups."""
    keys = {one.key for one in groups}
    decent = all(
        one.name.strip() and len(one.name) <= 10 and len(one.key) <= 12 and one.seats >= 1 for one in groups
    )
    if len(groups) > MOST_GROUPS or len(keys) < len(groups) or not decent:
        raise Refusal("activities.bad_groups")
    if sum(one.seats for one in groups) > most_seats:
        raise Refusal("activities.bad_capacity")
    return [asdict(one) for one in groups]


def checked_questions(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """As they are kept; raises Refusal activities.bad_form. What is asked says what it is for (trust L02)."""
    decent = all(
        one.kind in KINDS
        and 0 < len(one.ask.strip()) <= 40
        and one.purpose.strip()
        and (one.kind != "choice" or 2 <= len(one.options) <= MOST_OPTIONS)
        for one in questions
    )
    keys = {one.key for one in questions}
    if len(questions) > MOST_QUESTIONS or len(keys) < len(questions) or not decent:
        raise Refusal("activities.bad_form")
    return [{**asdict(one), "options": list(one.options)} for one in questions]


def checked_needs(needs: Sequence[Need], groups: Sequence[Group]) -> list[dict[str, Any]]:
    known = {None, *(one.key for one in groups)}
    if any(one.kind not in PAPERS or one.group not in known for one in needs):
        raise Refusal("activities.bad_needs")
    return [asdict(one) for one in needs]


def checked_answers(questions: Sequence[Question], given: Mapping[str, str]) -> dict[str, str]:
    """What was answered, question by question; raises Refusal activities.answer_missing or .answer_wrong."""
    kept = {}
    for one in questions:
        words = given.get(one.key, "")
        if not words.strip() and one.needed:
            raise Refusal("activities.answer_missing", ask=one.ask, question=one.key)
        try:
            answer = one.read(words)
        except ValueError:
            raise Refusal("activities.answer_wrong", ask=one.ask, question=one.key) from None
        if answer:
            kept[one.key] = answer
    return kept
