"""Activities, for those who lead them: what runs now, what is planned, and planning more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from app import clock
from app.channels.console import Card, Console, Line, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, choices, day, moment, words
from handlers.activities import actions
from models.activities import LIVE, MOST_SEATS, Activity, ActivitySession, under_way
from models.identity import Actor
from models.programmes import Programme

SHOWN, SHOWN_TODAY = 40, 5
PAST_DAYS = timedelta(days=14)

console = Console("activities_console", __name__)


class ActivityForm(ConsoleForm):
    title = words("名称", 20)
    sentence = words("一句话说明", 120, hint="居民看得到:做什么,谁能来")
    place = words("地点", 40)
    leader = words("负责人", 20, hint="居民问的时候说的名字")
    programme = SelectField("属于哪个项目")
    listed = BooleanField("公开:居民能看到、能报名", default=True)


class SessionForm(ConsoleForm):
    day = day("哪一天")
    starts = moment("从几点")
    ends = moment("到几点")
    capacity = IntegerField(
        "名额",
        [InputRequired(NEEDED), NumberRange(1, MOST_SEATS)],
        default=20,
        render_kw={"inputmode": "numeric"},
    )

    def validate_day(self, field: Any) -> None:
        if field.data and field.data < clock.today():
            raise ValidationError("这一天已经过去了。")


@console.get("/activities")
@staff("desk", "approver", "leader")
def activities() -> str:
    with looking() as by:
        lists = {
            "现在能签到的": by.session.scalars(under_way()).all(),
            "安排好的": by.session.scalars(_planned().limit(SHOWN)).all(),
            "这两周结束的": by.session.scalars(_past().limit(SHOWN)).all(),
        }
        kinds = by.session.scalars(select(Activity).order_by(Activity.title)).all()
        return render_template("activities/console_list.html", lists=lists, kinds=kinds, today=clock.today())


def _planned() -> Select[ActivitySession]:
    later = ActivitySession.starts > clock.now() + timedelta(minutes=30)
    found = select(ActivitySession).where(ActivitySession.state.in_(LIVE), later)
    return found.order_by(ActivitySession.starts)


def _past() -> Select[ActivitySession]:
    lately = ActivitySession.starts.between(clock.now() - PAST_DAYS, clock.now() + PAST_DAYS)
    over = ActivitySession.state.not_in(LIVE) | (ActivitySession.ends < clock.now() - timedelta(minutes=30))
    return select(ActivitySession).where(lately, over).order_by(ActivitySession.starts.desc())


@console.route("/activities/new", methods=["GET", "POST"])
@staff("desk", "leader")
def new_activity() -> Response | str:
    form = ActivityForm()
    with looking() as by:
        programmes = by.session.scalars(select(Programme).order_by(Programme.position)).all()
        form.programme.choices = choices({"": "都不是", **{one.code: one.name for one in programmes}})
    made: list[Activity] = []

    def unit(by: Actor) -> None:
        told = {name: form[name].data for name in ("title", "sentence", "place", "leader", "listed")}
        made[:] = [actions.plan_activity(by, programme=form.programme.data or None, **told)]

    if form.validate_on_submit() and attempt(unit, form, "活动建好了。再排第一场。"):
        return redirect(url_for("activities_console.plan", number=made[0].id))
    return render_template("activities/console_new.html", form=form)


@console.route("/activities/<int:number>/plan", methods=["GET", "POST"])
@staff("desk", "leader")
def plan(number: int) -> Response | str:
    form = SessionForm()
    if form.validate_on_submit() and attempt(
        lambda by: _plan(by, number, form), form, "排好了,居民能报名了。"
    ):
        return redirect(url_for("activities_console.activities"))
    with looking() as by:
        facts = {"activity": find(by, Activity, number), "form": form}
        return render_template("activities/console_plan.html", **facts)


def _plan(by: Actor, number: int, form: SessionForm) -> None:
    starts, ends = clock.at(form.day.data, form.starts.data), clock.at(form.day.data, form.ends.data)
    actions.plan_session(
        by, find(by, Activity, number), starts=starts, ends=_after(starts, ends), capacity=form.capacity.data
    )


def _after(starts: datetime, ends: datetime) -> datetime:
    """An evening that goes on past midnight ends on the next day."""
    return ends if ends > starts else ends + timedelta(days=1)


@console.today("desk", "leader")
def running(by: Actor) -> Card:
    rows = by.session.scalars(under_way()).all()
    lines = [
        Line(
            f"{one.activity.title},{one.activity.place}",
            url_for("volunteers_console.session", number=one.id),
            None,
            f"{clock.local(one.starts):%H:%M}–{clock.local(one.ends):%H:%M}",
        )
        for one in rows[:SHOWN_TODAY]
    ]
    address = url_for("activities_console.activities")
    return Card("正在签到的活动", len(rows), address, lines, nothing="现在没有活动在签到。")
