"""The form on paper: what the template templates/forms/form.typ is filled with. Big letters, answers in their boxes,
empty boxes for what is written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import clock
from app.print import paper
from app.words import day_words
from handlers.forms.standing import HELPED
from models.form_fields import LATER, Field, on_paper
from models.forms import FormDraft

MARKS = {"sample": "样表,请以窗口的正式表为准", "confirmed": "", "off": ""}


def facts_of(draft: FormDraft, by_hand: Mapping[str, str]) -> dict[str, Any]:
    answers, fields = draft.answered, on_paper(draft.fields, draft.answered)
    content = draft.made_from.content
    return {
        "title": draft.form.title,
        "purpose": content["purpose"],
        "office": content["office"],
        "source": content["source"],
        "mark": MARKS[draft.form.state],
        "number": draft.number or "还没交",
        "date": day_words(draft.handed_in_at or draft.touched_at),
        "printed": day_words(clock.today()),
        "version": draft.version,
        "rows": [_row(one, answers, by_hand) for one in fields if one.kind != "by_hand"],
        "signatures": [one.label for one in fields if one.kind == "by_hand"],
        "filled_by": _helper(draft),
    }


def _row(field: Field, answers: Mapping[str, str], by_hand: Mapping[str, str]) -> dict[str, str]:
    """An empty box has a word under it that says who fills it in."""
    if field.kind == "id_number":
        return {"label": field.label, "value": by_hand.get(field.key, ""), "hint": "看证填写"}
    value = answers.get(field.key, "")
    if value == LATER:
        return {"label": field.label, "value": "", "hint": "窗口填写"}
    return {
        "label": field.label,
        "value": field.told(value),
        "hint": "" if value or not field.needed else "还没填",
    }


def _helper(draft: FormDraft) -> str:
    name, _, tie = (draft.answers.get(key, "") for key in HELPED)
    return f"由{tie}代填,本人是{name}" if draft.helped and name else ""


def printed(facts: Mapping[str, Any]) -> bytes:
    return paper("forms/form", facts)
