"""How a form looks on paper, as data beside its fields: a plain list, a table of two columns with room for a
photograph, or a letter whose sentences hold the answers. The staff choose; two of them look.

In a letter a field is named by its label: 我叫【姓名】,住在【住址】。
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.form_fields import Field
from models.refusal import Refusal

LAYOUTS = {"list": "一行一项", "grid": "表格两栏", "letter": "一封信(申请书)"}
LONGEST_LETTER, MOST_LINES = 1200, 30
PLACE = re.compile(r"【([^【】]{1,12})】")
WIDE = ("text", "address", "several")  # take a whole row of the table


@dataclass(frozen=True, slots=True)
class Paper:
    """`photo`: an empty box for a photograph; `letter`: its paragraphs, one a line."""

    layout: str = "list"
    photo: bool = False
    letter: str = ""

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.letter.splitlines() if line.strip()]


def paper_of(content: Mapping[str, Any]) -> Paper:
    return Paper(**content.get("paper", {}))


def check_paper(paper: Paper, fields: Sequence[Field]) -> None:
    """Refuses with forms.bad_paper; with forms.letter_names when a letter names what is no field, forms.letter_lacks
    when a field that must be told has no place in it: nothing that was answered may be missing on the paper."""
    if paper.layout not in LAYOUTS or len(paper.letter) > LONGEST_LETTER or len(paper.lines) > MOST_LINES:
        raise Refusal("forms.bad_paper")
    if paper.layout != "letter":
        return
    told = [one for one in fields if one.kind != "by_hand"]
    named = set(PLACE.findall(paper.letter))
    unknown = sorted(named - {one.label for one in told})
    if unknown:
        raise Refusal("forms.letter_names", label=unknown[0])
    lacking = next((one.label for one in told if one.label not in named), None)
    if lacking is not None:
        raise Refusal("forms.letter_lacks", label=lacking)


def paragraphs(paper: Paper, values: Mapping[str, str]) -> list[list[tuple[str, bool]]]:
    """The letter in pieces (words, whether they are an answer). `values` by label; a sentence about nothing that was
    asked is left out."""
    found = []
    for line in paper.lines:
        labels = PLACE.findall(line)
        if labels and not any(label in values for label in labels):
            continue
        pieces = PLACE.split(line)  # words and labels in turns
        told = [(values.get(one, "") if odd % 2 else one, bool(odd % 2)) for odd, one in enumerate(pieces)]
        found.append([(words, is_set) for words, is_set in told if words or is_set])
    return found
