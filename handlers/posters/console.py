"""Posters and sheets, for the staff: what may hang or lie somewhere today, with a button for each size of paper."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import Console, attempt, looking, staff
from handlers.posters import actions
from models.activities import LIVE, Activity, ActivitySession
from models.identity import Actor
from models.notices import current_notices
from models.places_offered import offered
from models.unindexed import unindexed

MOST, DAYS_AHEAD = 30, timedelta(days=14)
WHO = ("desk", "leader", "approver")

console = Console("posters_console", __name__)


@console.get("/posters")
@staff(*WHO)
def home() -> str:
    with looking() as by:
        facts = {
            "notices": by.session.scalars(current_notices().limit(MOST)).all(),
            "sessions": _sessions(by),
            "courses": _courses(by),
            "doors": offered(by.session, [request.args.get("estate", 0, int)]),
            "days": [clock.today() + timedelta(days=ahead) for ahead in range(7)],
        }
        return render_template("posters/console_home.html", **facts)


def _sessions(by: Actor) -> list[ActivitySession]:
    ahead = ActivitySession.ends > clock.now(), unindexed(ActivitySession.starts) < clock.now() + DAYS_AHEAD
    found = select(ActivitySession).where(ActivitySession.state.in_(LIVE), *ahead)
    return list(by.session.scalars(found.order_by(unindexed(ActivitySession.starts)).limit(MOST)))


def _courses(by: Actor) -> list[Activity]:
    """Activities with more than one time ahead."""
    ahead = ActivitySession.state.in_(LIVE), ActivitySession.ends > clock.now()
    of = unindexed(ActivitySession.activity_id)
    several = select(of).where(*ahead).group_by(of)
    found = select(Activity).where(Activity.id.in_(several.having(func.count() > 1)))
    return list(by.session.scalars(found.order_by(Activity.title).limit(MOST)))


@console.post("/posters/make")
@staff(*WHO)
def make() -> Response:
    told = request.form
    kind = told.get("kind", "")
    return _made("" if kind == "day_list" else kind, told.get("number", "0"), told.get("paper", "a4"))


@console.post("/posters/day-list")
@staff("desk", "approver")
def day_list() -> Response:
    """Names and numbers of a whole day: not for everybody who hangs up posters."""
    return _made("day_list", request.form.get("day", ""), "a4")


def _made(kind: str, number: str, paper: str) -> Response:
    if asked := attempt(lambda by: actions.ask(by, kind, number, paper)):
        return redirect(url_for("console.show", number=asked.it.id))
    return redirect(url_for("posters_console.home"))
