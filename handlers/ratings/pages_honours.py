"""幸福使者 as pages: the formula and who reached the bar, for everybody; taking part and objecting, for oneself."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.pages import (
    act,
    card,
    errors,
    for_everybody,
    for_residents,
    looking,
    looking_on,
    mine_or_404,
)
from app.understanding.phone import mask_name
from handlers.ratings import actions
from handlers.ratings.pages import pages
from models.identity import Actor
from models.rating_honours import (
    APPEAL_DAYS,
    FORMULA,
    HonourReckoning,
    is_on,
    part_of,
    public_quarter,
    reached_in,
    reckonings_of,
)
from models.refusal import Refusal


@pages.get("/honours")
@card("幸福使者", on_home=False)
@for_everybody
def honours() -> str:
    def look(by: Actor) -> str:
        quarter = public_quarter(by.session)
        reached = reached_in(by.session, quarter) if quarter is not None else ()
        facts: dict[str, Any] = {"quarter": quarter, "names": [_name(one) for one in reached]}
        facts |= {"formula": FORMULA, "days": APPEAL_DAYS, "is_on": is_on(by.session)}
        return render_template("ratings/page_honours.html", **facts)

    return looking(look)


def _name(row: HonourReckoning) -> str:
    """Whose work it is stands by name; a neighbour's is covered."""
    if row.staff is not None:
        return row.staff.name
    return mask_name(row.person.name) if row.person is not None and row.person.name else "一位邻居"


@pages.get("/honours/mine")
@for_residents
def own_honours() -> str:
    return looking_on(_own_honours)


def _own_honours(by: Actor, why: Refusal | None = None) -> str:
    rows = by.session.scalars(reckonings_of(by.me).limit(4)).all()
    facts: dict[str, Any] = {"rows": rows, "takes_part": part_of(by.session, by.me), "wrong": errors(why)}
    return render_template("ratings/page_own_honours.html", is_on=is_on(by.session), formula=FORMULA, **facts)


@pages.post("/honours/mine")
@for_residents
def take_part() -> Response:
    def work(by: Actor) -> str:
        actions.take_part(by, yes=request.form.get("yes") == "1")
        return url_for(".own_honours")

    return act(work, _own_honours)


@pages.post("/honours/mine/<int:number>")
@for_residents
def appeal(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.appeal(by, mine_or_404(by, HonourReckoning, number), request.form.get("text", ""))
        return url_for(".own_honours")

    return act(work, _own_honours)
