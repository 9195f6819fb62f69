"""Filling in a form on the phone's pages: one question a page, as in chat, with the same draft behind it."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.channels.pages import (
    Pages,
    act,
    asked_page,
    card,
    errors,
    for_residents,
    looking_on,
    mine_or_404,
    not_too_often,
)
from handlers.forms import actions
from handlers.forms.known import known_of
from handlers.forms.paper import facts_of, printed
from handlers.forms.rights import STATES, looked
from handlers.forms.standing import HELPED
from handlers.people import actions as people
from models.form_fields import BETWEEN, LATER, Field
from models.form_reading import longest_of
from models.forms import Form, FormDraft, drafts_of, form_with_key, offered_forms
from models.identity import Actor
from models.refusal import Refusal

PER_PAGE = 20
MOST_PAPERS, A_WHILE = 20, 600  # papers, seconds
TYPES = {"phone": "tel", "number": "numeric", "money": "numeric", "date": "numeric"}

pages = Pages("forms_pages", __name__)


@pages.get("/forms")
@card("填表")
@for_residents
def forms() -> str:
    """What was begun first, then every form."""
    number = asked_page()

    def look(by: Actor) -> str:
        mine = drafts_of(by.me).where(FormDraft.state != "dropped")
        found = by.session.scalars(mine.offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
        sheets = by.session.scalars(offered_forms()).all() if number == 1 else []
        facts = {"rows": found[:PER_PAGE], "more": len(found) > PER_PAGE, "page": number}
        return render_template("forms/page_list.html", forms=sheets, states=STATES, **facts)

    return looking_on(look)


@pages.get("/forms/<key>")
@for_residents
def form(key: str) -> str:
    """What it is for and what will be asked, before anything is written."""

    def look(by: Actor) -> str:
        return _form(by, _known(by, key))

    return looking_on(look)


def _known(by: Actor, key: str) -> Form:
    found = form_with_key(by.session, key)
    if found is None:
        abort(404)
    return found


def _form(by: Actor, row: Form, why: Refusal | None = None) -> str:
    fields = [one for one in row.current.fields if not one.at_the_desk]
    later = [one.label for one in row.current.fields if one.at_the_desk]
    facts: dict[str, Any] = {"form": row, "fields": fields, "later": later, "new": people.is_new(by)}
    return render_template("forms/page_form.html", wrong=errors(why), typed=request.form, **facts)


@pages.post("/forms/<key>/begin")
@for_residents
def begin(key: str) -> AnyResponse:
    """For oneself, or with the name of who is helped."""

    def work(by: Actor) -> str:
        helping = request.form.get("for") == "other"
        draft = actions.begin(by, _known(by, key), helped=helping)
        if helping:
            actions.name_helped(by, draft, *(request.form.get(name, "") for name in ("name", "phone", "tie")))
        by.session.flush()
        return _next(draft)

    return act(work, lambda by, why: _form(by, _known(by, key), why))


def _next(draft: FormDraft, after: str = "") -> str:
    """The question after this one that has no answer; the summary when all have."""
    missing = [one.key for one in draft.missing]
    keys = [one.key for one in draft.asked]
    rest = keys[keys.index(after) + 1 :] if after in keys else keys
    coming = next((key for key in rest if key in missing), missing[0] if missing else None)
    if coming is None:
        return url_for(".draft", number=draft.id)
    return url_for(".field", number=draft.id, key=coming)


# ---- one question ----------------------------------------------------------------------------------------------------


@pages.get("/forms/drafts/<int:number>/field/<key>")
@for_residents
def field(number: int, key: str) -> str:
    return looking_on(lambda by: _field(by, mine_or_404(by, FormDraft, number), key))


def _field(by: Actor, draft: FormDraft, key: str, why: Refusal | None = None) -> str:
    asked = draft.asked
    place = next((n for n, one in enumerate(asked) if one.key == key), None)
    if place is None or draft.state != "open":
        abort(404)
    one, kept = asked[place], draft.answered
    typed = request.form.get("answer") if why is not None else None
    facts: dict[str, Any] = {
        "draft": draft,
        "field": one,
        "n": place + 1,
        "m": len(asked),
        "value": typed if typed is not None else _as_typed(one, kept.get(key, "")),
        "chosen": set(kept.get(key, "").split(BETWEEN)),
        "known": "" if key in kept else known_of(by, one, draft),
        "before": asked[place - 1].key if place else None,
        "mode": TYPES.get(one.kind, "text"),
        "longest": longest_of(one),
        "later": LATER,
        "pairs": [(option, option) for option in one.offered],
    }
    wrong = dict(zip(("answer",), errors(why).values(), strict=False))
    return render_template("forms/page_field.html", wrong=wrong, **facts)


def _as_typed(one: Field, value: str) -> str:
    """A day stands in its field as it may be typed again."""
    return value.replace("-", "") if one.kind == "date" else value


@pages.post("/forms/drafts/<int:number>/field/<key>")
@for_residents
def answer(number: int, key: str) -> AnyResponse:
    words = " ".join(request.form.getlist("answer")) if not request.form.get("skip") else "跳过"

    def work(by: Actor) -> str:
        draft = actions.answer(by, mine_or_404(by, FormDraft, number), key, words)
        return url_for(".draft", number=draft.id) if request.form.get("back") else _next(draft, key)

    return act(work, lambda by, why: _field(by, mine_or_404(by, FormDraft, number), key, why))


# ---- the whole of it -------------------------------------------------------------------------------------------------


@pages.get("/forms/drafts/<int:number>")
@for_residents
def draft(number: int) -> str:
    return looking_on(lambda by: _draft(by, mine_or_404(by, FormDraft, number)))


def _draft(by: Actor, row: FormDraft, why: Refusal | None = None) -> str:
    """Everything that was filled in, to be looked over, changed, printed and handed in."""
    kept = row.answered
    lines = [(one, one.told(kept.get(one.key, "")), one.key in kept) for one in row.asked]
    later = [one for one in row.fields if one.at_the_desk]
    facts: dict[str, Any] = {
        "row": row,
        "lines": lines,
        "later": later,
        "states": STATES,
        "looked": looked(by.session, row),
    }
    facts |= {"helped": row.answers.get(HELPED[0]), "go_on": _next(row) if row.missing else ""}
    return render_template("forms/page_draft.html", wrong=errors(why), **facts)


@pages.post("/forms/drafts/<int:number>/step/<any(hand_in, take_back, drop, go_on):step>")
@for_residents
def step(number: int, step: str) -> AnyResponse:
    def work(by: Actor) -> str:
        row = mine_or_404(by, FormDraft, number)
        if step == "hand_in":
            actions.hand_in(by, row, seen=request.form.get("seen", ""))
        elif step == "take_back":
            actions.take_back(by, row)
        elif step == "drop":
            actions.drop(by, row)
            return url_for(".forms")
        else:
            return _next(actions.take_up(by, row))
        return url_for(".draft", number=number)

    return act(work, lambda by, why: _draft(by, mine_or_404(by, FormDraft, number), why))


@pages.get("/forms/drafts/<int:number>/paper.pdf")
@for_residents
def on_paper(number: int) -> Response:
    """The form as the desk prints it, without what is written at the desk. Printing takes its time: a robot waits."""
    not_too_often(f"forms:{g.identity_id}", MOST_PAPERS, A_WHILE)
    facts = looking_on(lambda by: facts_of(mine_or_404(by, FormDraft, number), {}))
    return Response(printed(facts), mimetype="application/pdf")
