"""What is on, as pages that anybody may read; one's own places, and giving them back, for residents."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, render_template, url_for
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
)
from app.words import moment_words
from handlers.activities import actions
from handlers.activities.standing import my_places, standing
from models.activities import LIVE, ActivitySession, Enrolment, enrolment_of
from models.activities_audience import coming, is_leader, is_on, may_join
from models.activities_rules import groups_of
from models.identity import Actor
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
    """One time that an activity takes place; whoever is known sees how they stand in it."""
    return looking(lambda by: one(by, seen(by, number)))


@pages.get("/my-activities")
@card("我的活动", on_home=False)
@for_residents
def show_mine() -> str:
    def look(by: Actor) -> str:
        return render_template("activities/page_mine.html", places=my_places(by, MOST))

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


# ---- leaving, and a seat that is kept ------------------------------------------------------------------------------


@pages.get("/activities/<int:number>/leave")
@for_residents
def confirm_leave(number: int) -> str:
    def look(by: Actor) -> str:
        row = placed(by, number)
        return render_template("activities/page_leave.html", row=row.session, mine=standing(by, row))

    return looking_on(look)


@pages.post("/activities/<int:number>/leave")
@for_residents
def leave(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        actions.leave(by, placed(by, number).session)
        return url_for(".show_activity", number=number, left=1)

    return act(work, lambda by, why: one(by, placed(by, number).session, why))


@pages.post("/activities/<int:number>/claim")
@for_residents
def claim(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        actions.claim(by, placed(by, number).session)
        return url_for(".show_activity", number=number, new=1)

    return act(work, lambda by, why: one(by, seen(by, number), why))


# ---- one activity --------------------------------------------------------------------------------------------------


def one(by: Actor, row: ActivitySession, why: Refusal | None = None) -> str:
    mine = _mine(by, row)
    facts = {
        "mine": standing(by, mine) if mine is not None else None,
        "joined": mine is not None and mine.state == "joined",
        "is_open": is_open(row),
        "is_over": row.last_moment <= clock.now(),
        "may_leave": mine is not None and actions.may_leave(mine),
        "seats": _seats(row),
        "now": clock.now(),
    }
    others = why.instead if why else []
    return render_template("activities/page_one.html", row=row, wrong=errors(why), others=others, **facts)


def _seats(row: ActivitySession) -> str:
    """ "还有3个", or group by group."""
    if not groups_of(row.activity.groups) or not row.groups:
        return f"还有{row.seats_left}个" if row.seats_left else "满了"
    return ",".join(
        f"{one.name}{f'还有{one.seats_left}个' if one.seats_left else '满了'}" for one in row.groups
    )


def is_open(row: ActivitySession) -> bool:
    return row.state in LIVE and row.joins_until > clock.now()


def _mine(by: Actor, row: ActivitySession) -> Enrolment | None:
    mine = enrolment_of(by.session, row, by.person) if by.person is not None else None
    return mine if mine is not None and mine.state != "left" else None


def _row(by: Actor, number: int) -> ActivitySession:
    row = by.session.get(ActivitySession, number)
    if row is None:
        abort(404)
    return row


def seen(by: Actor, number: int) -> ActivitySession:
    """A restricted activity is a page that is not there, but for those who are in it, may join it, or lead it; so is
    one whose programme has no activities now."""
    row = _row(by, number)
    if _mine(by, row) is None and not _is_for(by, row):
        abort(404)
    return row


def _is_for(by: Actor, row: ActivitySession) -> bool:
    if by.person is None:
        return row.activity.listed and is_on(by.session, row.activity)
    return may_join(by.session, row.activity, by.person) or is_leader(by.session, row.activity, by.person)


def placed(by: Actor, number: int) -> Enrolment:
    """One's own place, whatever it is; without one the page is not there."""
    mine = _mine(by, _row(by, number))
    if mine is None:
        abort(404)
    return mine
