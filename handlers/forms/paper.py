"""The form on paper: what the template templates/forms/form.typ is filled with. Big letters, answers in their boxes,
empty boxes for what is written by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from app import clock
from app.print import paper
from handlers.forms.standing import HELPED
from models.form_fields import LATER, Field, on_paper
from models.form_papers import WIDE, Paper, paper_of, paragraphs
from models.forms import FormDraft, FormVersion

NOT_IN_OUR_LETTERS = re.compile(r"[^\u0000-\uffff]")
GAP = "＿＿"
MARKS = {"sample": "样表,请以窗口的正式表为准", "confirmed": "", "off": ""}


def facts_of(draft: FormDraft, by_hand: Mapping[str, str]) -> dict[str, Any]:
    answers, fields = draft.answered, on_paper(draft.fields, draft.answered)
    content = draft.made_from.content
    rows = [_row(one, answers, by_hand) for one in fields if one.kind != "by_hand"]
    return {
        "title": draft.form.title,
        "purpose": content["purpose"],
        "office": content["office"],
        "source": content["source"],
        "mark": MARKS[draft.form.state],
        "number": draft.number or "还没交",
        "date": _day(clock.local(draft.handed_in_at or draft.touched_at).date()),
        "printed": _day(clock.today()),
        "version": draft.version,
        "rows": rows,
        **_laid_out(paper_of(content), rows),
        "gaps": any(GAP in row["value"] for row in rows),
        "signatures": [one.label for one in fields if one.kind == "by_hand"],
        "filled_by": _helper(draft),
    }


def _laid_out(paper: Paper, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The layout, and the letter with the answers in it."""
    values = {one["label"]: one["value"] for one in rows}
    letter = [
        [{"words": words, "set": is_set} for words, is_set in line] for line in paragraphs(paper, values)
    ]
    return {"layout": paper.layout, "photo": paper.photo, "letter": letter}


def _row(field: Field, answers: Mapping[str, str], by_hand: Mapping[str, str]) -> dict[str, Any]:
    """An empty box has a word under it that says who fills it in."""
    if field.kind == "id_number":
        return _box(field, by_hand.get(field.key, ""), "看证填写")
    value = answers.get(field.key, "")
    if value == LATER:
        return _box(field, "", "窗口填写")
    return _box(field, _with_gaps(field.told(value)), "" if value or not field.needed else "还没填")


def _box(field: Field, value: str, hint: str) -> dict[str, Any]:
    return {"label": field.label, "value": value, "hint": hint, "wide": field.kind in WIDE}


def _day(day: date) -> str:
    """Papers lie for years: the year is always said."""
    return f"{day.year}年{day.month}月{day.day}日"


def _with_gaps(words: str) -> str:
    """A sign that our letters do not have is a gap to be written in by hand, never a box that looks like a fault."""
    return NOT_IN_OUR_LETTERS.sub(GAP, words)


def _helper(draft: FormDraft) -> str:
    name, _, tie = (draft.answers.get(key, "") for key in HELPED)
    return f"由{tie}代填,本人是{name}" if draft.helped and name else ""


def blank(version: FormVersion) -> dict[str, Any]:
    """With nothing filled in, as it is held against the sheet of the office."""
    form = version.form
    draft = FormDraft(form=form, version=version.number, state="open", helped=False, touched_at=clock.now())
    rows = [_empty(one) for one in version.fields if one.kind != "by_hand"]
    shown = facts_of(draft, {}) | {"number": "空表", "date": "", "rows": rows}
    return shown | _laid_out(paper_of(version.content), rows)


def _empty(field: Field) -> dict[str, Any]:
    return _box(field, "", (field.offered and " / ".join(field.offered)) or field.help)


def printed(facts: Mapping[str, Any]) -> bytes:
    return paper("forms/form", facts)
