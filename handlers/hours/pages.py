"""Hours as pages: one's own with what may be said of each, and, for who was served, whether it was so.

The leader's pages are in pages_leading.py.
"""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from app import audit
from app.channels.pages import (
    Pages,
    act,
    as_resident,
    asked_page,
    card,
    errors,
    for_residents,
    line,
    looking_on,
    mine_or_404,
)
from handlers.hours import actions, told
from handlers.hours.sentences import LONGEST
from models import hours as model
from models.activities import ActivitySession
from models.hours import ServiceHours
from models.hours_lists import asked_of, unrecorded
from models.identity import Actor
from models.refusal import Refusal
from models.volunteers import open_stay

PER_PAGE, MOST_LISTED = 20, 10

pages = Pages("hours_pages", __name__)


# ---- mine ----------------------------------------------------------------------------------------------------------


@pages.get("/hours")
@card("志愿时长")
@for_residents
def mine() -> str:
    return looking_on(_mine)


def _mine(by: Actor, why: Refusal | None = None) -> str:
    page = asked_page()
    found = model.hours_of(by.me).offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)
    rows = by.session.scalars(found).all()
    facts: dict[str, Any] = {
        "rows": [(row, told.state_words(row), told.may_object(row)) for row in rows[:PER_PAGE]],
        "totals": model.minutes_by_state(by.session, by.me),
        "absent": by.session.scalars(unrecorded(by.me).limit(MOST_LISTED)).all(),
        "asked": by.session.scalar(asked_of(by.me).limit(1)),
        "here": open_stay(by.session, by.me),
        "page": page,
        "more": len(rows) > PER_PAGE,
        "wrong": errors(why),
        "done": request.args.get("done"),
    }
    return render_template("hours/page_mine.html", longest=LONGEST, **facts)


@pages.post("/hours/<int:number>/object")
@for_residents
def say_wrong(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.object_to(by, mine_or_404(by, ServiceHours, number), line("why"))
        return url_for(".mine", done="objected")

    return act(work, _mine)


@pages.post("/hours/<int:number>/take-back")
@for_residents
def take_back(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.take_back_objection(by, mine_or_404(by, ServiceHours, number))
        return url_for(".mine", done="back")

    return act(work, _mine)


@pages.post("/hours/absent/<int:number>")
@for_residents
def absent(number: int) -> Response:
    """ "I was there": only for sessions that they had joined."""

    def work(by: Actor) -> str:
        held = by.session.get(ActivitySession, number)
        if held is None:
            abort(404)
        actions.claim_absent(by, held, line("why"))
        return url_for(".mine", done="absent")

    return act(work, _mine)


# ---- who was served ------------------------------------------------------------------------------------------------


@pages.get("/hours/served")
@card("核对帮忙", on_home=False)
@for_residents
def served() -> str:
    """Whose name stands here is written down, so this page writes."""
    return as_resident(_served)


def _served(by: Actor, why: Refusal | None = None) -> str:
    rows = by.session.scalars(asked_of(by.me).limit(MOST_LISTED)).all()
    for row in rows:
        audit.note(by, "hours.view_asked", row)
    facts: dict[str, Any] = {"rows": rows, "wrong": errors(why), "done": request.args.get("done")}
    return render_template("hours/page_served.html", longest=LONGEST, **facts)


@pages.post("/hours/served/<int:number>/<any(yes, no):answer>")
@for_residents
def answer(number: int, answer: str) -> Response:
    def work(by: Actor) -> str:
        row = by.session.get(ServiceHours, number)
        if row is None or row.served_id != by.me.id:
            abort(404)
        if answer == "yes":
            actions.served_says_yes(by, row)
        else:
            actions.served_says_no(by, row, line("why"))
        return url_for(".served", done=answer)

    return act(work, _served)
