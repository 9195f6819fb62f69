"""The weekly plan of a team at the console, the week as a board, and the roster of a week on paper."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import audit, clock
from app.channels.console import as_staff, attempt, find, staff
from handlers.teams import actions
from handlers.teams.console import PLANNERS, READERS, console
from handlers.teams.console_team import draw
from handlers.teams.planning_forms import WEEKDAYS, PlanForm
from handlers.teams.week import monday_of, week
from models.identity import Actor
from models.teams import Team
from models.teams_shifts import ShiftPlan


@console.post("/teams/<int:number>/plan")
@staff(*PLANNERS)
def plan_shift(number: int) -> Response | str:
    form = PlanForm(prefix="p-")

    def unit(by: Actor) -> None:
        team = find(by, Team, number)
        actions.plan_shift(by, team, form.shift)
        actions.fill(by, team)

    if form.validate_on_submit() and attempt(unit, form, "排好了,以后每天早上自动往后排。"):
        return redirect(url_for("teams_console.week_of_team", number=number))
    return as_staff(lambda by: draw(by, number, planning=form))


@console.post("/teams/plans/<int:number>/end")
@staff(*PLANNERS)
def end_plan(number: int) -> Response:
    of = list[int]()

    def unit(by: Actor) -> int:
        plan = find(by, ShiftPlan, number)
        of[:] = [plan.team_id]
        return actions.end_plan(by, plan)

    if gone := attempt(unit):
        flash(f"不往后排了。没有人报的{gone.it}场去掉了,有人的还在,要取消在“一周”里取消。", "success")
    return redirect(url_for("teams_console.team", number=of[0]))


# ---- a week --------------------------------------------------------------------------------------------------------


@console.get("/teams/<int:number>/week")
@staff(*READERS)
def week_of_team(number: int) -> str:
    """Names of residents stand on it: that it was opened is written down."""
    return as_staff(lambda by: _week(by, number, "teams.view_week", "teams/console_week.html"))


@console.get("/teams/<int:number>/print")
@staff(*READERS)
def print_week(number: int) -> str:
    """The roster of a week on one sheet, to be hung up at the door."""
    return as_staff(lambda by: _week(by, number, "teams.print_week", "teams/console_print.html"))


def _week(by: Actor, number: int, action: str, template: str) -> str:
    team = find(by, Team, number)
    monday: date = monday_of(request.args.get("day", ""))
    audit.note(by, action, team, day=monday.isoformat())
    facts: dict[str, Any] = {
        "team": team,
        "days": week(by, team, monday),
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "today": clock.today(),
        "now": clock.now(),
        "me_name": by.staff.name if by.staff is not None else "",
        "weekdays": WEEKDAYS,
    }
    return render_template(template, **facts)
