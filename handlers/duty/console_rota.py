"""The rota's week and the office hours: who is on duty when, where the gaps are, who cannot be told by WeChat."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import attempt, looking, staff
from app.channels.console_forms import ConsoleForm
from app.words import WEEKDAYS
from handlers.duty import actions, telling
from handlers.duty.console import console
from models import duty as model
from models import office_hours
from models.identity import Actor
from models.office_hours import HALVES, Week
from models.plans import Hours
from models.staff import everybody

DAYS = 7
STRETCHES = 2
HALF_WORDS = {"am": "上午", "pm": "下午"}
WEEK = timedelta(days=DAYS)


class RotaForm(ConsoleForm):
    """Its fields are drawn by the template: one choice for each half day."""


# ---- the rota --------------------------------------------------------------------------------------------------------


@console.get("/duty")
@staff()
def rota() -> str:
    with looking() as by:
        return _rota_page(by, _monday(), RotaForm())


@console.post("/duty")
@staff("desk", "approver")
def set_rota() -> Response | str:
    monday, form = _monday(), RotaForm()
    if form.validate_on_submit():
        wanted = _wanted(monday)
        if attempt(lambda by: actions.set_rota(by, wanted), form, "值班表存好了。"):
            return redirect(url_for("duty_console.rota", week=monday))
    with looking() as by:
        return _rota_page(by, monday, form)


@console.post("/duty/copy")
@staff("desk", "approver")
def copy_week() -> Response:
    monday = _monday()
    if copied := attempt(lambda by: actions.copy_week(by, monday)):
        words = (
            f"照上周排好了{copied.it}个半天。" if copied.it else "没有可以照抄的:上周没排,或者这周都排了。"
        )
        flash(words, "success" if copied.it else "warning")
    return redirect(url_for("duty_console.rota", week=monday))


def _rota_page(by: Actor, monday: date, form: RotaForm) -> str:
    days = [monday + timedelta(days=ahead) for ahead in range(DAYS)]
    shifts = model.shifts_between(by.session, days[0], days[-1])
    open_halves = {day: office_hours.halves_on(by.session, day) for day in days}
    members = actions.on_duty_members(by)
    on_it = {row.staff for row in shifts.values()}
    facts: dict[str, Any] = {"form": form, "monday": monday, "days": days, "halves": HALF_WORDS}
    facts |= {"shifts": {key: row.staff for key, row in shifts.items()}, "open": open_halves}
    facts |= {"members": members, "gaps": _gaps(open_halves, shifts), "today": clock.today()}
    facts |= {"unreached": telling.unreached(by.session, {*members, *on_it})}
    facts |= {"leaves": model.leaves_between(by.session, days[0], days[-1])}
    facts |= {"now": model.on_duty(by.session, clock.now()), "before": monday - WEEK, "after": monday + WEEK}
    facts["is_open"] = office_hours.is_office_time(by.session, clock.now())
    facts["hours"] = office_hours.runs_of(office_hours.week_of(by.session))
    return render_template("duty/console_rota.html", **facts)


def _gaps(open_halves: dict[date, list[str]], shifts: dict[tuple[date, str], Any]) -> int:
    """Half days to come on which the office is open and nobody is on duty."""
    today = clock.today()
    return sum(
        (day, half) not in shifts for day, halves in open_halves.items() if day >= today for half in halves
    )


def _monday() -> date:
    """Of the week that the address names, or of this one."""
    try:
        day = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        day = clock.today()
    return day - timedelta(days=day.weekday())


def _wanted(monday: date) -> dict[tuple[date, str], int | None]:
    """What the form says of this week's half days; those that it does not show stay as they are."""
    days = [monday + timedelta(days=ahead) for ahead in range(DAYS)]
    shown = [(day, half) for day in days for half in HALVES if f"{day}.{half}" in request.form]
    return {(day, half): request.form.get(f"{day}.{half}", type=int) for day, half in shown}


# ---- office hours ----------------------------------------------------------------------------------------------------


@console.route("/duty/hours", methods=["GET", "POST"])
@staff("desk", "approver")
def hours() -> Response | str:
    form = RotaForm()
    if form.validate_on_submit():
        week = _week_of_form(form)
        if not form.form_errors and attempt(
            lambda by: actions.set_hours(by, week), form, "办公时间改好了,公众号的回答马上跟着变。"
        ):
            return redirect(url_for("duty_console.hours"))
    with looking() as by:
        past = office_hours.past_weeks(by.session)
        week = office_hours.week_of(by.session) if request.method == "GET" else {}
        names = {member.id: member.name for member in by.session.scalars(everybody())}
        facts = {"form": form, "rows": _rows(week), "names": names}
        facts["past"] = [(*one[:3], office_hours.runs_of(one[3])) for one in past]
        return render_template("duty/console_hours.html", **facts)


def _rows(week: Week) -> list[list[tuple[str, str, str, str]]]:
    """For each weekday its stretches as (name of the field, value) twice; what was typed comes back as it was."""
    rows = []
    for weekday in range(DAYS):
        stretches: list[Hours | None] = [*week.get(weekday, []), None, None]
        row = []
        for number, stretch in enumerate(stretches[:STRETCHES]):
            opens, closes = f"{weekday}.{number}.opens", f"{weekday}.{number}.closes"
            values = [f"{moment:%H:%M}" for moment in stretch] if stretch else ["", ""]
            row.append(
                (opens, request.form.get(opens, values[0]), closes, request.form.get(closes, values[1]))
            )
        rows.append(row)
    return rows


def _week_of_form(form: RotaForm) -> dict[int, list[Hours]]:
    week: dict[int, list[Hours]] = {}
    for weekday in range(DAYS):
        for number in range(STRETCHES):
            opens, closes = (
                request.form.get(f"{weekday}.{number}.{edge}", "") for edge in ("opens", "closes")
            )
            if not opens and not closes:
                continue
            try:
                stretch = time.fromisoformat(opens), time.fromisoformat(closes)
            except ValueError:
                form.form_errors.append(f"周{WEEKDAYS[weekday]}有一段时间没写全。")
                continue
            week.setdefault(weekday, []).append(stretch)
    return week
