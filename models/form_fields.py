"""The fields of a form as data: what is asked, under which condition, and how it is told again. How an answer in words
is read is models/form_reading.py.

Kinds and the words of a yes are those of the sign-up forms of activities (models/activities_rules.py); the form of an
office knows more of them. An identity number is never asked in chat or on a page: whoever sits at the desk puts it on
the paper, and it is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, get_args

from models.activities_rules import NO, YES
from models.refusal import Refusal

Kind = Literal[
    "choice",
    "several",
    "yes_no",
    "text",
    "name",
    "phone",
    "date",
    "number",
    "money",
    "address",
    "relation",
    "id_number",
    "by_hand",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
AT_THE_DESK = ("id_number", "by_hand")
CHOSEN = ("choice", "yes_no", "relation")
RELATIONS = ("本人", "配偶", "子女", "父母", "孙子孙女", "兄弟姐妹", "其他亲属", "邻居或朋友")
BETWEEN = "、"
LATER = "到窗口填"  # who cannot type leaves a field in words to the desk
IN_WORDS = ("text", "name", "address")
MOST_FIELDS, MOST_OPTIONS = 40, 9
LONGEST_LABEL, LONGEST_HELP, LONGEST_TEXT, LONGEST_NAME = 12, 60, 60, 40
Knows = Literal["", "name", "phone", "address"]
When = Literal["any", "past", "future"]

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `only_if` names another field and the answers with which this one is asked. `knows` is what we may
    have on file already, to be confirmed instead of typed. `least` and `most` bound numbers, `longest` words, `when`
    days; `unit` stands behind a number."""

    key: str
    label: str
    kind: Kind
    help: str
    example: str = ""
    needed: bool = True
    options: tuple[str, ...] = ()
    only_if: tuple[str, tuple[str, ...]] | None = None
    knows: Knows = ""
    least: int = 0
    most: int = 9999
    longest: int = LONGEST_TEXT
    when: When = "any"
    unit: str = ""

    @property
    def at_the_desk(self) -> bool:
        """Filled in on the paper itself, by the staff or with a pen."""
        return self.kind in AT_THE_DESK

    @property
    def is_chosen(self) -> bool:
        return self.kind in CHOSEN

    @property
    def offered(self) -> tuple[str, ...]:
        """The answers of which one (or several) is taken; none for a field in free words."""
        usual = {"yes_no": (YES, NO), "relation": RELATIONS}
        return self.options or usual.get(self.kind, ())

    def is_asked(self, answers: Answers) -> bool:
        if self.only_if is None:
            return True
        other, values = self.only_if
        return any(one in values for one in answers.get(other, "").split(BETWEEN))

    def told(self, value: str) -> str:
        """As a person reads it: 1945年3月7日, 1500元."""
        if not value or value == LATER:
            return value
        if self.kind == "date":
            day = date.fromisoformat(value)
            return f"{day.year}年{day.month}月{day.day}日"
        if self.kind == "money":
            return f"{value}{self.unit or '元'}"
        return f"{value}{self.unit}" if self.kind == "number" else value


def fields_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(_field(row) for row in rows)


def _field(row: Mapping[str, Any]) -> Field:
    tied = row.get("only_if")
    only_if = (tied[0], tuple(tied[1])) if tied else None
    return Field(**{**row, "options": tuple(row.get("options", ())), "only_if": only_if})


def rows_of(fields: Sequence[Field]) -> list[dict[str, Any]]:
    """As they are kept; raises Refusal forms.bad_form when the form cannot be filled in."""
    for position, one in enumerate(fields):
        before = {other.key: other for other in fields[:position]}
        if not _is_decent(one, before):
            raise Refusal("forms.bad_form", label=one.label)
    if not 0 < len(fields) <= MOST_FIELDS or len({one.key for one in fields}) < len(fields):
        raise Refusal("forms.bad_form", label="")
    return [asdict(one) for one in fields]


def _is_decent(one: Field, before: Mapping[str, Field]) -> bool:
    """A condition looks back to what was chosen before, never forward."""
    if one.only_if is not None:
        other = before.get(one.only_if[0])
        if other is None or not set(one.only_if[1]) <= set(other.offered):
            return False
    needs_options = one.kind in ("choice", "several")
    return (
        one.kind in KINDS
        and 0 < len(one.label) <= LONGEST_LABEL
        and 0 < len(one.help) <= LONGEST_HELP
        and (not needs_options or 2 <= len(one.options) <= MOST_OPTIONS)
        and one.least <= one.most
    )


def asked(fields: Sequence[Field], answers: Answers) -> list[Field]:
    """What is asked in chat or on a page, as far as the answers so far tell."""
    return [one for one in fields if not one.at_the_desk and one.is_asked(answers)]


def on_paper(fields: Sequence[Field], answers: Answers) -> list[Field]:
    return [one for one in fields if one.is_asked(answers)]


def missing(fields: Sequence[Field], answers: Answers) -> list[Field]:
    """What is asked and not answered; one that may be left empty is answered with ""."""
    return [
        one
        for one in asked(fields, answers)
        if one.key not in answers or (one.needed and not answers[one.key])
    ]


def in_use(fields: Sequence[Field], answers: Answers) -> dict[str, str]:
    """The answers of questions that are still asked: what was said on a way that was left is not printed."""
    kept: dict[str, str] = {}
    for one in fields:
        if one.key in answers and not one.at_the_desk and one.is_asked(kept):
            kept[one.key] = answers[one.key]
    return kept


def still_reads(field: Field, value: str) -> bool:
    """Whether an answer that was given under another version may stand: what was chosen must still be offered."""
    return not field.offered or not value or set(value.split(BETWEEN)) <= set(field.offered)
