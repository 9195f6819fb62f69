"""Planning at the console: what an activity is and asks of people, one time of it, or a series of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.channels.console import attempt, find, looking, staff
from app.channels.console_forms import choices
from handlers.activities import actions
from handlers.activities.actions import Rhythm
from handlers.activities.console import PLANNERS, READERS, console
from handlers.activities.planning_forms import (
    WEEKDAYS,
    ActivityForm,
    QuestionForm,
    SeriesForm,
    SessionForm,
    group_words,
    questions_asked,
)
from handlers.people import actions as people
from models.activities import Activity, ActivitySession
from models.activities_audience import tags_of
from models.activities_rules import groups_of, needs_of, questions_of
from models.activities_series import ActivitySeries
from models.identity import Actor, Person
from models.programmes import Programme
from models.refusal import Refusal
from models.tags import live_tags

FAILED = {"past": "过去了", "holiday": "放假", "closed": "闭馆", "twice": "已经排过"}


# ---- an activity ---------------------------------------------------------------------------------------------------


@console.route("/activities/new", methods=["GET", "POST"])
@staff(*PLANNERS)
def new_activity() -> Response | str:
    form = _form()
    asked = questions_asked([])

    def unit(by: Actor) -> Activity:
        made = actions.plan_activity(by, leader=_leader(by, form), **_told(form, asked))
        actions.open_to_tags(by, made, [int(one) for one in form.tags.data])
        return made

    if _is_right(form, asked) and (made := attempt(unit, form, "活动建好了。再排第一场。")):
        return redirect(url_for("activities_console.plan", number=made.it.id))
    return render_template("activities/console_new.html", form=form, asked=asked, activity=None)


@console.route("/activities/<int:number>/edit", methods=["GET", "POST"])
@staff(*PLANNERS)
def edit_activity(number: int) -> Response | str:
    with looking() as by:
        activity = find(by, Activity, number)
        form, asked = _form(**_facts(by, activity)), questions_asked(questions_of(activity.questions))
        kept = {"id": activity.id, "title": activity.title}

    def unit(by: Actor) -> None:
        row = find(by, Activity, number)
        leader = _leader(by, form) if form.resident.data or form.leader.data != row.led_by else None
        actions.edit_activity(by, row, leader=leader, **_told(form, asked))
        actions.open_to_tags(by, row, [int(one) for one in form.tags.data])

    if _is_right(form, asked) and attempt(unit, form, "改好了。已经排好的场次不变。"):
        return redirect(url_for("activities_console.plan", number=number))
    return render_template("activities/console_new.html", form=form, asked=asked, activity=kept)


def _form(**facts: Any) -> ActivityForm:
    form = ActivityForm(data=facts)
    with looking() as by:
        programmes = by.session.scalars(select(Programme).order_by(Programme.position)).all()
        form.programme.choices = choices({"": "都不是", **{one.code: one.name for one in programmes}})
        tags = by.session.scalars(live_tags()).all()
        form.tags.choices = choices({str(one.id): one.name for one in tags})
    return form


def _facts(by: Actor, activity: Activity) -> dict[str, Any]:
    groups, needs = groups_of(activity.groups), needs_of(activity.needs)
    same = {name: getattr(activity, name) for name in ("title", "sentence", "place", "listed", "family")}
    same |= {name: getattr(activity, name) for name in ("overlap", "ratio", "roll_call")}
    return same | {
        "leader": activity.led_by or "",
        "programme": activity.programme or "",
        "groups": group_words(groups),
        "join_hours": activity.join_minutes // 60,
        "leave_hours": activity.leave_minutes // 60,
        "claim_hours": activity.claim_minutes // 60,
        "needs": [one.kind for one in needs if one.group is None],
        "helpers_need": sorted({one.kind for one in needs if one.group is not None}),
        "tags": [str(one) for one in tags_of(by.session, activity)],
    }


def _is_right(form: ActivityForm, asked: Sequence[QuestionForm]) -> bool:
    """Every form is looked at, so that all that is wrong is said at once."""
    right = [form.validate_on_submit(), *(one.validate() for one in asked)]
    return form.is_submitted() and all(right)


def _told(form: ActivityForm, asked: Sequence[QuestionForm]) -> dict[str, Any]:
    told = {name: form[name].data for name in ("title", "sentence", "place", "listed")}
    questions = [one.question(f"q{n}") for n, one in enumerate(asked, 1)]
    kept = {"programme": form.programme.data or None, "questions": [one for one in questions if one]}
    return told | kept | form.rules()


def _leader(by: Actor, form: ActivityForm) -> Person | str:
    return people.the_one(by, form.resident.data) if form.resident.data else str(form.leader.data)


# ---- when it takes place -------------------------------------------------------------------------------------------


@console.route("/activities/<int:number>/plan", methods=["GET", "POST"])
@staff(*PLANNERS)
def plan(number: int) -> Response | str:
    form = SessionForm()
    if form.validate_on_submit() and attempt(
        lambda by: _plan(by, number, form), form, "排好了,居民能报名了。"
    ):
        return redirect(url_for("activities_console.activities"))
    return _planning(number, form, SeriesForm(formdata=None, prefix="s-"))


def _plan(by: Actor, number: int, form: SessionForm) -> None:
    starts, ends = Rhythm(form.starts.data, form.ends.data).on(form.day.data)
    activity = find(by, Activity, number)
    if form.capacity.data is None and not activity.groups:
        raise Refusal("activities.bad_capacity")
    actions.plan_session(by, activity, starts=starts, ends=ends, capacity=form.capacity.data)


@console.post("/activities/<int:number>/series")
@staff(*PLANNERS)
def plan_series(number: int) -> Response | str:
    form = SeriesForm(prefix="s-")

    def unit(by: Actor) -> ActivitySeries:
        activity = find(by, Activity, number)
        return actions.plan_series(by, activity, form.rhythm, capacity=form.seats.data)[0]

    if form.validate_on_submit() and (made := attempt(unit, form, "排好了。")):
        return redirect(url_for("activities_console.series", number=made.it.id))
    return _planning(number, SessionForm(formdata=None), form)


def _planning(number: int, form: SessionForm, series: SeriesForm) -> str:
    with looking() as by:
        activity = find(by, Activity, number)
        facts = {"activity": activity, "form": form, "series": series, "groups": groups_of(activity.groups)}
        return render_template("activities/console_plan.html", **facts)


@console.get("/activities/series/<int:number>")
@staff(*READERS)
def series(number: int) -> str:
    """What came of it: the sessions, and the days that failed with the reason."""
    with looking() as by:
        row = find(by, ActivitySeries, number)
        failed = [(date.fromisoformat(one), FAILED.get(why, why)) for one, why in row.failed]
        facts = {"series": row, "rows": _sessions(by, row), "failed": failed, "weekdays": WEEKDAYS}
        return render_template("activities/console_series.html", **facts)


def _sessions(by: Actor, row: ActivitySeries) -> Sequence[ActivitySession]:
    mine = ActivitySession.series_id == row.id
    return by.session.scalars(select(ActivitySession).where(mine).order_by(ActivitySession.starts)).all()
