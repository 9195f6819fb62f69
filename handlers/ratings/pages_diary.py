"""幸福日志 as pages: what neighbours suggested and what came of it, for everybody; making one; saying the same."""

from __future__ import annotations

from typing import Any

from flask import abort, g, render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.page_cries import cry_for_help
from app.channels.pages import (
    act,
    asked_page,
    card,
    errors,
    for_everybody,
    for_residents,
    looking,
    looking_on,
    mine_or_404,
    not_too_often,
    sent_bytes,
    shown,
)
from handlers.matters import actions as matters
from handlers.people import actions as people
from handlers.ratings import actions
from handlers.ratings.pages import pages
from handlers.ratings.suggesting import Said
from models.diary import KIND, Suggestion, beside_or_none, echoed_by, echoes, public_suggestions
from models.identity import Actor
from models.matter_lists import matters_of
from models.matters import Matter, last_day
from models.refusal import Refusal

PER_PAGE = 10
LONGEST = 500
MOST_AT_ONCE, A_WHILE = 10, 600  # forms, seconds


@pages.get("/suggestions")
@card("幸福日志", "大家的建议")
@for_everybody
def suggestions() -> str:
    number = asked_page()

    def look(by: Actor) -> str:
        rows = public_suggestions().offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)
        found = by.session.scalars(rows).all()
        facts: dict[str, Any] = {"rows": found[:PER_PAGE], "more": len(found) > PER_PAGE, "page": number}
        facts |= {"echoes": echoes(by.session, found), "mine": _echoed(by)}
        return render_template("ratings/page_suggestions.html", **facts)

    return looking(look)


def _echoed(by: Actor) -> set[int]:
    return echoed_by(by.session, by.person) if by.person is not None else set()


@pages.get("/suggestions/<int:number>")
@for_everybody
def suggestion(number: int) -> str:
    """One of them, to be shared and to be agreed with."""
    return looking(lambda by: _one(by, number))


def _one(by: Actor, number: int, why: Refusal | None = None) -> str:
    row = _public(by, number)
    facts = {"row": row, "count": echoes(by.session, [row]).get(row.id, 0), "mine": row.id in _echoed(by)}
    return render_template("ratings/page_suggestion.html", wrong=errors(why), **facts)


def _public(by: Actor, number: int) -> Suggestion:
    row = by.session.get(Suggestion, number)
    if row is None or row.state != "public":
        abort(404)
    return row


@pages.post("/suggestions/<int:number>/echo")
@for_residents
def echo(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.echo(by, _public(by, number))
        return url_for(".suggestion", number=number)

    return act(work, lambda by, why: _one(by, number, why))


# ---- making one ----------------------------------------------------------------------------------------------------


@pages.get("/suggestions/say")
@card("提建议", "写日志", on_home=False)
@for_residents
def suggest_form() -> Response:
    def look(by: Actor) -> str:
        people.respect_withdrawal(by, "service")
        return _form(by)

    return shown(look)


@pages.post("/suggestions/say")
@for_residents
def suggest() -> Response:
    """Words of need first, then the picture, which takes its time, then the unit of work."""
    if (page := cry_for_help()) is not None:
        return page
    not_too_often(f"suggest:{g.identity_id}", MOST_AT_ONCE, A_WHILE)
    content = sent_bytes("photo")
    try:
        photo = matters.clean_photo(content) if content else None
    except Refusal as why:
        return Response(looking_on(lambda by, refused=why: _form(by, refused)), 409)  # type: ignore[misc]
    return act(lambda by: _suggest(by, photo), _form)


def _suggest(by: Actor, photo: matters.Photo | None) -> str:
    said = Said(request.form.get("text", ""), may_show=request.form.get("closed") != "1", photo=photo)
    return url_for(".own", number=actions.suggest(by, said).matter.id, done=1)


def _form(by: Actor, why: Refusal | None = None) -> str:
    wrong = errors(why, "photo")
    if why is not None and why.code in ("matters.too_short", "matters.too_long", "matters.not_here"):
        wrong = {"text": wrong[""]}
    facts: dict[str, Any] = {"typed": request.form if why is not None else {}, "wrong": wrong}
    facts |= {"due": last_day(by.session, KIND), "new": people.is_new(by), "longest": LONGEST}
    return render_template("ratings/page_suggest.html", **facts)


# ---- mine ----------------------------------------------------------------------------------------------------------


@pages.get("/suggestions/mine")
@card("我的建议", on_home=False)
@for_residents
def own_ones() -> str:
    number = asked_page()

    def look(by: Actor) -> str:
        rows = matters_of(by.me).where(Matter.kind == KIND)
        found = by.session.scalars(rows.offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
        facts = {"rows": found[:PER_PAGE], "more": len(found) > PER_PAGE, "page": number}
        return render_template("ratings/page_own_suggestions.html", **facts)

    return looking_on(look)


@pages.get("/suggestions/mine/<int:number>")
@for_residents
def own(number: int) -> str:
    return looking_on(lambda by: _own(by, number))


def _own(by: Actor, number: int, why: Refusal | None = None) -> str:
    matter = mine_or_404(by, Matter, number)
    if matter.kind != KIND:
        abort(404)
    facts = {"matter": matter, "row": beside_or_none(by.session, matter), "done": request.args.get("done")}
    return render_template("ratings/page_own_suggestion.html", wrong=errors(why), **facts)


@pages.post("/suggestions/mine/<int:number>/show")
@for_residents
def let_show(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.let_show(by, mine_or_404(by, Matter, number), may=request.form.get("may") == "1")
        return url_for(".own", number=number)

    return act(work, lambda by, why: _own(by, number, why))
