"""The forms themselves at the console: what they ask, their words of help, on and off; always two look."""

from __future__ import annotations

from typing import Any

from flask import Response as Answer
from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.console import attempt, looking, staff
from handlers.forms import actions
from handlers.forms.console import NoForm, console
from handlers.forms.paper import blank, printed
from models.form_papers import LAYOUTS, LONGEST_LETTER, Paper, paper_of
from models.forms import Form, all_forms, form_with_key
from models.identity import Actor

STATES = {"sample": ("样表", "wait"), "confirmed": ("确认过", "good"), "off": ("停用", "")}
LOOKERS = ("desk", "approver")


def _sheet(by: Actor, key: str) -> Form:
    found = form_with_key(by.session, key)
    if found is None:
        abort(404)
    return found


@console.get("/forms/sheets")
@staff(*LOOKERS)
def sheets() -> str:
    with looking() as by:
        rows = by.session.scalars(all_forms()).all()
        return render_template("forms/console_sheets.html", rows=rows, states=STATES)


@console.get("/forms/sheets/<key>")
@staff(*LOOKERS)
def sheet(key: str) -> str:
    return _show(key)


def _show(key: str, form: NoForm | None = None) -> str:
    with looking() as by:
        row = _sheet(by, key)
        shown = row.waiting or row.current
        now = {one.key: one for one in row.current.fields}
        changed = {one.key for one in shown.fields if one != now.get(one.key)}
        facts: dict[str, Any] = {"row": row, "shown": shown, "now": now, "changed": changed}
        facts |= {"mine": by.staff is not None and shown.author_id == by.staff.id and row.waiting is not None}
        facts |= {"paper": paper_of(shown.content), "layouts": LAYOUTS, "longest": LONGEST_LETTER}
        facts |= {"wanted_by_me": by.staff is not None and row.wanted_by_id == by.staff.id}
        return render_template(
            "forms/console_sheet.html", states=STATES, form=form or NoForm(formdata=None), **facts
        )


@console.post("/forms/sheets/<key>/write")
@staff("desk")
def write(key: str) -> Response | str:
    """Words of help and examples, field by field; nothing is in force before somebody else has looked."""
    form = NoForm()
    keys = [name[5:] for name in request.form if name.startswith("help-")]
    helps = {one: (request.form[f"help-{one}"], request.form.get(f"example-{one}", "")) for one in keys}
    if form.validate_on_submit() and attempt(
        lambda by: actions.write(by, _sheet(by, key), helps), form, "记下了。另一位同事核对以后才算数。"
    ):
        return redirect(url_for("forms_console.sheet", key=key))
    return _show(key, form)


@console.post("/forms/sheets/<key>/layout")
@staff("desk")
def lay_out(key: str) -> Response | str:
    """How it looks on paper; in force when somebody else has looked at it."""
    form, said = NoForm(), request.form
    letter = said.get("letter", "").replace("\r\n", "\n").strip()
    paper = Paper(said.get("layout", ""), said.get("photo") == "y", letter)
    if form.validate_on_submit() and attempt(
        lambda by: actions.lay_out(by, _sheet(by, key), paper), form, "记下了。另一位同事核对以后才算数。"
    ):
        return redirect(url_for("forms_console.sheet", key=key))
    return _show(key, form)


@console.post("/forms/sheets/<key>/look")
@staff(*LOOKERS)
def look_over(key: str) -> Response:
    digest = request.form.get("digest", "")
    attempt(
        lambda by: actions.look_over(by, _sheet(by, key), digest),
        done="新的一版从现在起用。",
    )
    return redirect(url_for("forms_console.sheet", key=key))


@console.post("/forms/sheets/<key>/switch")
@staff(*LOOKERS)
def switch(key: str) -> Response:
    state = request.form.get("state", "")
    attempt(lambda by: actions.switch(by, _sheet(by, key), state), done="记下了。")
    return redirect(url_for("forms_console.sheet", key=key))


@console.get("/forms/sheets/<key>/paper.pdf")
@staff(*LOOKERS)
def empty_paper(key: str) -> Response:
    """As it is printed, with nothing filled in: what is in force, or what waits for a second look."""
    with looking() as by:
        row = _sheet(by, key)
        waits = row.waiting if request.args.get("waiting") else None
        facts = blank(waits or row.current)
    return Answer(printed(facts), mimetype="application/pdf")
