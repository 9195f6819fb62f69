"""When leaders receive, at the console: the plan, rooms and leaders, who is away, and what the next weeks hold."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, TimeField
from wtforms.validators import InputRequired, NumberRange

from app import clock
from app.channels.console import attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, day, words
from handlers.petitions import actions
from handlers.petitions.console import console
from handlers.petitions.planning import absences, count_hit
from handlers.petitions.standing import HANDLERS
from models.identity import Actor
from models.petitions_plan import ReceptionPlan, coming_times, plans
from models.resources import Occupation, Resource

SHOWN_TIMES = 60
EVERY = {1: "每星期", 2: "两星期一次", 4: "四星期一次"}
KINDS = {"person": "领导", "room": "房间"}
NEEDED = "请填写。"


def _count(label: str, least: int, most: int, default: int) -> IntegerField:
    inside = NumberRange(least, most, f"{least}到{most}。")
    return IntegerField(label, [InputRequired(NEEDED), inside], default=default)


class PlanForm(ConsoleForm):
    leader = SelectField("哪位领导", coerce=int)
    room = SelectField("在哪个房间", coerce=int)
    first_day = day("第一次是哪天", default=None)
    every = SelectField("多久一次", coerce=int, choices=choices({}))
    opens = TimeField("几点开始", [InputRequired(NEEDED)])
    minutes = _count("每人几分钟", 10, 120, 30)
    count = _count("接待几人", 1, 20, 4)


class ResourceForm(ConsoleForm):
    kind = SelectField("是什么", choices=choices(KINDS))
    name = words("名称", 20, hint="比如:李副区长、视频接访室")
    buffer_minutes = _count("每次以后空几分钟", 0, 60, 15)


class AwayForm(ConsoleForm):
    resource = SelectField("谁(哪间)不在", coerce=int)
    day = day("哪天", default=None)
    starts = TimeField("从几点", [InputRequired(NEEDED)])
    ends = TimeField("到几点", [InputRequired(NEEDED)])


@console.get("/petitions/plan")
@staff(*HANDLERS)
def plan() -> str:
    return _shown()


def _shown(**forms: ConsoleForm) -> str:
    with looking() as by:
        facts = {
            "plan_form": PlanForm(formdata=None),
            "resource_form": ResourceForm(formdata=None),
            "away_form": AwayForm(formdata=None),
        } | forms
        _fill(by, facts["plan_form"], facts["away_form"])
        rows = by.session.scalars(plans()).all()
        times = by.session.scalars(coming_times().limit(SHOWN_TIMES)).all()
        shown = {"plans": rows, "times": times, "absences": absences(by.session), "every": EVERY}
        return render_template("petitions/console_plan.html", now=clock.now(), **shown, **facts)


def _fill(by: Actor, plan_form: ConsoleForm, away_form: ConsoleForm) -> None:
    open_ones = by.session.scalars(select(Resource).where(Resource.is_open).order_by(Resource.id)).all()
    plan_form.leader.choices = [(one.id, one.name) for one in open_ones if one.kind == "person"]
    plan_form.room.choices = [(one.id, one.name) for one in open_ones if one.kind == "room"]
    plan_form.every.choices = list(EVERY.items())
    away_form.resource.choices = [(one.id, one.name) for one in open_ones]


def _valid(plan_form: PlanForm, away_form: AwayForm) -> None:
    with looking() as by:
        _fill(by, plan_form, away_form)


@console.post("/petitions/plan")
@staff(*HANDLERS)
def add_plan() -> str | Response:
    form = PlanForm()
    _valid(form, AwayForm(formdata=None))
    if form.validate_on_submit() and attempt(
        lambda by: _add(by, form), form, done="加上了,四个星期以内的时间可以约了。"
    ):
        return redirect(url_for(".plan"))
    return _shown(plan_form=form)


def _add(by: Actor, form: PlanForm) -> None:
    rota = actions.Rota(
        form.first_day.data or clock.today(),
        form.opens.data,
        form.minutes.data,
        form.count.data,
        form.every.data,
    )
    room, leader = find(by, Resource, form.room.data), find(by, Resource, form.leader.data)
    actions.add_plan(by, room, leader, rota)


@console.post("/petitions/plan/<int:number>/end")
@staff(*HANDLERS)
def end_plan(number: int) -> Response:
    attempt(lambda by: actions.end_plan(by, find(by, ReceptionPlan, number)), done="不再排了;已经约的不变。")
    return redirect(url_for(".plan"))


@console.post("/petitions/plan/resource")
@staff(*HANDLERS)
def add_resource() -> str | Response:
    form = ResourceForm()
    kind, name, air = form.kind.data, form.name.data or "", form.buffer_minutes.data or 0
    if form.validate_on_submit() and attempt(
        lambda by: actions.add_resource(by, kind, name, air), form, done="加上了。"
    ):
        return redirect(url_for(".plan"))
    return _shown(resource_form=form)


@console.post("/petitions/plan/away")
@staff(*HANDLERS)
def away() -> str | Response:
    """Says first how many lose their time; the second press does it."""
    form = AwayForm()
    _valid(PlanForm(formdata=None), form)
    if not form.validate_on_submit():
        return _shown(away_form=form)
    chosen = form.day.data or clock.today()
    starts, ends = clock.at(chosen, form.starts.data), clock.at(chosen, form.ends.data)
    if request.form.get("sure") != "1":
        return _sure(form, starts, ends)

    def unit(by: Actor) -> None:
        actions.away(by, find(by, Resource, form.resource.data), starts, ends)

    if attempt(unit, form, done="记下了。约在那时的人会收到提醒,24小时里先选新的时间。"):
        return redirect(url_for(".plan"))
    return _shown(away_form=form)


def _sure(form: AwayForm, starts: datetime, ends: datetime) -> str:
    with looking() as by:
        resource = find(by, Resource, form.resource.data)
        hit = count_hit(by.session, resource, starts, ends)
        facts = {"name": resource.name, "hit": hit, "starts": starts, "ends": ends}
        return render_template("petitions/console_away.html", form=form, **facts)


@console.post("/petitions/plan/absences/<int:number>/back")
@staff(*HANDLERS)
def come_back(number: int) -> Response:
    attempt(lambda by: actions.come_back(by, find(by, Occupation, number)), done="又可以约了。")
    return redirect(url_for(".plan"))
