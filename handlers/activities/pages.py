"""What is on, as pages that anybody may read; signing up and taking it back, for residents."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.channels.pages import (
    Found,
    Pages,
    act,
    card,
    current_site,
    errors,
    for_everybody,
    for_residents,
    looking,
    looking_on,
    shown,
)
from app.words import moment_words
from handlers.activities import actions
from handlers.people import actions as people
from models.activities import LIVE, ActivitySession, has_joined, joined_by
from models.activities_audience import coming
from models.identity import Actor
from models.people import live_consent
from models.refusal import Refusal

MOST, MOST_FOUND = 30, 5

pages = Pages("activities_pages", __name__)


@pages.get("/activities")
@card("活动报名")
@for_everybody
def show_activities() -> str:
    with current_site().database.reading() as session:
        rows = list(session.scalars(coming().limit(MOST)))
        return render_template("activities/page_coming.html", rows=rows)


@pages.get("/activities/<int:number>")
@for_everybody
def show_activity(number: int) -> str:
    """One time that an activity takes place; whoever is known sees whether they have signed up."""
    return looking(lambda by: _one(by, _listed(by, number)))


@pages.get("/my-activities")
@card("我的活动", on_home=False)
@for_residents
def show_mine() -> str:
    def look(by: Actor) -> str:
        rows = list(by.session.scalars(joined_by(by.me).limit(MOST)))
        return render_template("activities/page_mine.html", rows=rows)

    return looking_on(look)


@pages.finds
def find_activities(session: Session, words: str) -> Sequence[Found]:
    fitting = [row for row in session.scalars(coming().limit(MOST)) if words in row.activity.title]
    return [
        Found(
            row.activity.title,
            f"活动 · {moment_words(row.starts)}",
            url_for("activities_pages.show_activity", number=row.id),
        )
        for row in fitting[:MOST_FOUND]
    ]


# ---- joining and leaving -------------------------------------------------------------------------------------------


@pages.get("/activities/<int:number>/join")
@for_residents
def confirm_join(number: int) -> Response:
    """The first time the page says that signing up is agreeing to `volunteer`, as the chat does."""

    def look(by: Actor) -> str:
        people.respect_withdrawal(by, "volunteer")
        row, new = _listed(by, number), live_consent(by.session, by.me, "volunteer") is None
        if not _is_open(row):
            raise Refusal("activities.is_over", session=row)
        return render_template("activities/page_join.html", row=row, is_new=new)

    return shown(look)


@pages.post("/activities/<int:number>/join")
@for_residents
def join(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        actions.sign_up(by, _listed(by, number))
        return url_for(".show_activity", number=number, new=1)

    return act(work, lambda by, why: _one(by, _listed(by, number), why))


@pages.get("/activities/<int:number>/leave")
@for_residents
def confirm_leave(number: int) -> str:
    return looking_on(lambda by: render_template("activities/page_leave.html", row=_joined(by, number)))


@pages.post("/activities/<int:number>/leave")
@for_residents
def leave(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        actions.leave(by, _joined(by, number))
        return url_for(".show_activity", number=number, left=1)

    return act(work, lambda by, why: _one(by, _joined(by, number), why))


def _one(by: Actor, row: ActivitySession, why: Refusal | None = None) -> str:
    joined = by.person is not None and has_joined(by.session, row, by.person)
    facts = {"joined": joined, "is_open": _is_open(row), "is_over": row.last_moment <= clock.now()}
    others = why.instead if why else []
    return render_template("activities/page_one.html", row=row, wrong=errors(why), others=others, **facts)


def _is_open(row: ActivitySession) -> bool:
    return row.state in LIVE and row.starts > clock.now()


def _row(by: Actor, number: int) -> ActivitySession:
    row = by.session.get(ActivitySession, number)
    if row is None:
        abort(404)
    return row


def _listed(by: Actor, number: int) -> ActivitySession:
    """A restricted activity is a page that is not there, but for those who are in it."""
    row = _row(by, number)
    if not row.activity.listed and not (by.person and has_joined(by.session, row, by.person)):
        abort(404)
    return row


def _joined(by: Actor, number: int) -> ActivitySession:
    row = _row(by, number)
    if not has_joined(by.session, row, by.me):
        abort(404)
    return row
