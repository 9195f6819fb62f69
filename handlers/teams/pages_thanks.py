"""Thanks as pages: the wall for everybody, without ranks or counts of people; one's own; a word to who helped."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.lists import asked_page
from app.channels.pages import (
    act,
    card,
    errors,
    for_everybody,
    for_residents,
    line,
    looking,
    looking_on,
    mine_or_404,
)
from handlers.teams import actions
from handlers.teams.pages import pages
from handlers.teams.sentences import LONGEST
from handlers.teams.thanking import called, served_lately
from models.hours import ServiceHours
from models.identity import Actor
from models.refusal import Refusal
from models.teams_thanks import Thanks, on_the_wall, thanks_to

PER_PAGE, MOST = 10, 50


@pages.get("/thanks")
@card("感谢墙", on_home=False)
@for_everybody
def wall() -> str:
    number = asked_page()

    def look(by: Actor) -> str:
        rows = by.session.scalars(on_the_wall().offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
        facts: dict[str, Any] = {"rows": rows[:PER_PAGE], "more": len(rows) > PER_PAGE, "page": number}
        return render_template("teams/page_wall.html", **facts)

    return looking(look)


@pages.get("/thanks/mine")
@card("收到的感谢", "感谢志愿者", on_home=False)
@for_residents
def own_thanks() -> str:
    return looking_on(_own)


def _own(by: Actor, why: Refusal | None = None) -> str:
    rows = by.session.scalars(thanks_to(by.me).limit(MOST)).all()
    facts: dict[str, Any] = {
        "rows": [(row, row.shown_as or called(by, row)) for row in rows],
        "served": by.session.scalars(served_lately(by.me).limit(MOST)).all(),
        "longest": LONGEST,
        "done": request.args.get("done", ""),
        "wrong": errors(why),
    }
    return render_template("teams/page_thanks.html", **facts)


@pages.post("/thanks/<int:number>/<any(show, hide):step>")
@for_residents
def show_thanks(number: int, step: str) -> Response:
    def work(by: Actor) -> str:
        actions.choose_shown(by, mine_or_404(by, Thanks, number), step == "show")
        return url_for(".own_thanks", done=step)

    return act(work, _own)


@pages.post("/thanks/say")
@for_residents
def say_thanks() -> Response:
    """To who gave their time for the caller: the occasion is chosen, the person may be unknown to them."""
    words = line("words", LONGEST + 1)

    def work(by: Actor) -> str:
        number = request.form.get("hours", 0, int)
        hours = by.session.scalar(served_lately(by.me).where(ServiceHours.id == number))
        if hours is None:
            raise Refusal("teams.not_served")
        actions.thank_for_service(by, hours, words)
        return url_for(".own_thanks", done="said")

    return act(work, _own)
