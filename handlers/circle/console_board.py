"""派活: what waits for the desk, whom to telephone, what is on its way; one job whole, with all that can be done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response
from wtforms import DateField, IntegerField, SelectField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional

from app import audit, clock
from app.channels.console import Card, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, choices, words
from app.channels.lists import asked_page
from app.understanding.numbers import number_in
from handlers.circle import actions, visiting
from handlers.circle.console import WHO, console
from models.base import count_rows
from models.circle import Provider, licensed_providers
from models.circle_fit import load_of
from models.circle_jobs import HomeJob, jobs_in, jobs_of_desk
from models.identity import Actor

PAGE, SHOWN_TODAY = 50, 5
LISTS = {
    "desk": ("要安排的", ("desk",)),
    "offered": ("等师傅回话", ("offered",)),
    "accepted": ("师傅答应了", ("accepted", "under_way")),
    "done": ("做完了", ("done", "closed", "cancelled")),
}
STATES = {
    "desk": ("要安排", "bad"),
    "offered": ("等回话", "wait"),
    "accepted": ("答应了", "good"),
    "under_way": ("在路上", "calm"),
    "done": ("做完了", "good"),
    "closed": ("办完了", ""),
    "cancelled": ("取消了", ""),
}


class AssignForm(ConsoleForm):
    provider = SelectField("派给谁", choices=[])
    day = DateField("哪一天", [InputRequired(NEEDED)], default=clock.today)
    at = TimeField("几点到", [InputRequired(NEEDED)])

    @property
    def starts(self) -> datetime:
        return clock.at(self.day.data, self.at.data)


class LogForm(ConsoleForm):
    log = words("做了什么", 200)
    minutes = IntegerField("几分钟", [Optional(), NumberRange(0, 600, message="0到600。")])
    yuan = IntegerField("收了几元", [Optional(), NumberRange(0, 100_000, message="太大了。")])


# ---- the board -------------------------------------------------------------------------------------------------------


@console.get("/circle")
@staff(*WHO)
def board() -> str:
    """Without names and doors: those stand on the page of each job, whose opening is written down."""
    which = request.args.get("which", "desk")
    which, page = which if which in LISTS else "desk", asked_page()
    with looking() as by:
        rows = jobs_in(LISTS[which][1]).options(
            selectinload(HomeJob.provider), selectinload(HomeJob.landmark)
        )
        shown = by.session.scalars(rows.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
        counts = {key: count_rows(by.session, jobs_in(states)) for key, (_, states) in LISTS.items()}
        facts = {"rows": shown[:PAGE], "more": len(shown) > PAGE, "page": page, "which": which}
        facts |= {"lists": LISTS, "counts": counts, "states": STATES}
        return render_template("circle/console_board.html", **facts)


# ---- one job ---------------------------------------------------------------------------------------------------------


@console.get("/circle/jobs/<int:number>")
@staff(*WHO)
def job(number: int) -> str:
    return _show(number)


def _show(number: int, assign: AssignForm | None = None, log: LogForm | None = None) -> str:
    """Whose door it is is opened with a line in the trail."""

    def unit(by: Actor) -> str:
        row = find(by, HomeJob, number)
        audit.note(by, "circle.view_job", row)
        form = assign or AssignForm(formdata=None)
        _offer(by, form, row)
        facts = {"row": row, "assign": form, "log": log or LogForm(formdata=None), "states": STATES}
        return render_template("circle/console_job.html", **facts)

    return as_staff(unit)


def _offer(by: Actor, form: AssignForm, row: HomeJob) -> None:
    """Who does this work first, then all others; with how much they have to do."""
    rows = by.session.scalars(licensed_providers()).unique().all()
    does = [one for one in rows if row.service_id in {work.service_id for work in one.works}]
    others = [one for one in rows if one not in does]
    named = {str(one.id): f"{one.name}(一周内 {load_of(by.session, one)} 单)" for one in [*does, *others]}
    form.provider.choices = choices(named)
    if form.at.data is None and row.window_starts is not None:
        form.day.data = clock.local(row.window_starts).date()


def _do(number: int, step: Callable[[Actor, HomeJob], Any], done: str) -> Response:
    attempt(lambda by: step(by, find(by, HomeJob, number)), done=done)
    return redirect(url_for("circle_console.job", number=number))


@console.post("/circle/jobs/<int:number>/assign")
@staff(*WHO)
def assign(number: int) -> Response | str:
    form = AssignForm()
    form.provider.validate_choice = False

    def unit(by: Actor) -> None:
        provider = find(by, Provider, number_in(form.provider.data) or 0)
        actions.assign(by, find(by, HomeJob, number), provider, form.starts)

    if form.validate_on_submit() and attempt(unit, form, "派好了,也告诉居民了。"):
        return redirect(url_for("circle_console.job", number=number))
    return _show(number, assign=form)


@console.post("/circle/jobs/<int:number>/accept")
@staff(*WHO)
def accept(number: int) -> Response:
    return _do(number, actions.accept, "记下了:师傅答应了,也告诉居民了。")


@console.post("/circle/jobs/<int:number>/decline")
@staff(*WHO)
def decline(number: int) -> Response:
    return _do(number, actions.decline, "问下一位了。")


@console.post("/circle/jobs/<int:number>/take-up")
@staff(*WHO)
def take_up(number: int) -> Response:
    return _do(number, actions.take_up, "这一单归您办。")


@console.post("/circle/jobs/<int:number>/take-back")
@staff(*WHO)
def take_back(number: int) -> Response:
    reason = request.form.get("reason", "").strip()[:60]
    return _do(number, lambda by, row: actions.take_back(by, row, reason=reason), "取消了,也告诉居民了。")


@console.post("/circle/jobs/<int:number>/reopen")
@staff(*WHO)
def reopen(number: int) -> Response:
    return _do(number, visiting.reopen, "重新开了,单号不变。")


@console.post("/circle/jobs/<int:number>/log")
@staff(*WHO)
def log_it(number: int) -> Response | str:
    """What a provider told by telephone, or how the desk settled it."""
    form = LogForm()

    def unit(by: Actor) -> None:
        row = find(by, HomeJob, number)
        if row.state == "desk":
            actions.settle(by, row, form.log.data)
        else:
            visiting.finish(by, row, form.log.data, minutes=form.minutes.data, yuan=form.yuan.data)

    if form.validate_on_submit() and attempt(unit, form, "记好了。"):
        return redirect(url_for("circle_console.job", number=number))
    return _show(number, log=form)


@console.get("/circle/jobs/<int:number>/slip")
@staff(*WHO)
def slip(number: int) -> str:
    """For who has no telephone: the number, when and who, to take home."""

    def unit(by: Actor) -> str:
        row = find(by, HomeJob, number)
        audit.note(by, "circle.view_job", row)
        return render_template("circle/console_slip.html", row=row)

    return as_staff(unit)


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk")
def today(by: Actor) -> Card:
    rows = by.session.scalars(jobs_of_desk().limit(SHOWN_TODAY)).all()
    lines = [
        Line(
            f"{one.number} {'急事' if one.emergency else one.public_name}",
            url_for("circle_console.job", number=one.id),
            one.due,
            urgent=one.urgent or one.is_late,
        )
        for one in rows
    ]
    count = count_rows(by.session, jobs_of_desk())
    urgent = any(one.urgent for one in rows)
    board = url_for("circle_console.board")
    return Card("要安排的上门和急事", count, board, lines, nothing="没有要安排的。", urgent=urgent)
