"""Sign-in sheets on the leader's phone: asked for, photographed when they are full, typed in row by row.

The code on the sheet leads here. Whoever only wants to check in is told where the digits are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import audit
from app.channels.pages import (
    act,
    as_resident,
    current_site,
    errors,
    for_residents,
    looking_on,
    there_or_404,
)
from app.database import run_in_savepoint
from app.understanding.phone import mask_name
from handlers.activities import actions as activities
from handlers.volunteers import sheets
from handlers.volunteers.pages import pages
from handlers.volunteers.sheet_console import SAID, Shown, cleaned_photo, filled_rows, shown_lines
from models.identity import Actor
from models.refusal import Refusal
from models.sheets import SignInSheet, photos_of


@pages.post("/leading/<int:number>/sheet")
@for_residents
def ask_for_sheet(number: int) -> AnyResponse:
    """A leader needs a sheet: the desk prints it."""

    def work(by: Actor) -> str:
        sheet = sheets.issue(activities.as_leader(by), there_or_404(activities.session_led(by, number)))
        return url_for("volunteers_pages.sheet", number=sheet.id)

    return act(work)


@pages.get("/sign-in-sheets/<int:number>")
@for_residents
def sheet(number: int) -> AnyResponse:
    """Opening the rows leaves a line. Others learn how one checks in."""

    def look(by: Actor) -> AnyResponse:
        row = _mine(by, number)
        if row is None:
            return make_response(render_template("volunteers/page_not_my_sheet.html"), 404)
        audit.note(activities.as_leader(by), "volunteers.view_sheet", row, session=row.session_id)
        return make_response(_page(by, row, {}))

    return as_resident(look)


@pages.post("/sign-in-sheets/<int:number>")
@for_residents
def type_sheet(number: int) -> AnyResponse:
    """Row by row, each for itself; what is wrong stands beside its row."""
    rows = filled_rows(request.form)

    def work(by: Actor) -> AnyResponse:
        found = _mine(by, number)
        if found is None:
            return make_response(render_template("volunteers/page_not_my_sheet.html"), 404)
        told = {row.line: _took(by, found, row) for row in rows}
        leader, kept = activities.as_leader(by), [row for row in rows if told[row.line][1]]
        sheets.keep_draft(leader, found, kept)
        if not kept:
            return redirect(url_for("volunteers_pages.sheet", number=number, done=1), 303)
        return make_response(_page(by, found, told), 409)

    return as_resident(work)


def _took(by: Actor, sheet: SignInSheet, row: sheets.Row) -> tuple[str, str]:
    leader = activities.as_leader(by)
    try:
        done = run_in_savepoint(by.session, lambda: sheets.take(leader, sheet, row))
    except Refusal as why:
        return "", current_site().house.refusal_words(why)
    return SAID.get(done, ""), ""


@pages.post("/sign-in-sheets/<int:number>/photo")
@for_residents
def photograph_sheet(number: int) -> AnyResponse:
    """Unpacking a picture takes its time: only who leads has it done."""
    if looking_on(lambda by: _mine(by, number) is None):
        return make_response(render_template("volunteers/page_not_my_sheet.html"), 404)
    try:
        clean = cleaned_photo(request.files.get("photo"))
    except Refusal as why:
        return _with(number, why)

    def work(by: Actor) -> str:
        sheets.keep_photo(activities.as_leader(by), there_or_404(_mine(by, number)), *clean)
        return url_for("volunteers_pages.sheet", number=number, done=1)

    return act(work)


def _with(number: int, why: Refusal) -> Response:
    def look(by: Actor) -> Response:
        return make_response(_page(by, there_or_404(_mine(by, number)), {}, why), 409)

    return as_resident(look)


def _mine(by: Actor, number: int) -> SignInSheet | None:
    row = by.session.get(SignInSheet, number)
    return row if row is not None and activities.may_lead(activities.as_leader(by), row.session) else None


def _page(
    by: Actor, row: SignInSheet, told: Mapping[int, tuple[str, str]], why: Refusal | None = None
) -> str:
    facts: dict[str, Any] = {"sheet": row, "held": row.session, "wrong": errors(why)}
    facts["photos"] = len(by.session.scalars(photos_of(row)).all())
    facts["lines"] = [(one, _called(one)) for one in shown_lines(by, row, told)]
    facts["bad"] = sum(1 for _, wrong in told.values() if wrong)
    return render_template("volunteers/page_sheet.html", **facts)


def _called(one: Shown) -> str:
    return f"{mask_name(one.name)} {one.tail}".strip() if one.line.printed else one.who
