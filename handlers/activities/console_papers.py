"""Papers that activities ask for, with their last days; and whom a restricted activity is for."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import SelectField

from app import audit, clock
from app.channels.console import as_staff, attempt, find, staff
from app.channels.console_forms import ConsoleForm, choices, day, words
from handlers.activities import actions
from handlers.activities.console import PER_PAGE, console
from handlers.people import actions as people
from models.activities import Activity
from models.activities_audience import ActivityRole
from models.activities_papers import Paper, running_out
from models.activities_rules import PAPERS
from models.identity import Actor
from models.sight import need_staff, seen_by

ROLES = {"invited": "邀请参加", "leader": "一起带"}


class PaperForm(ConsoleForm):
    who = words("哪位居民", 30, hint="居民编号、整个手机号或全名;要先登记过")
    kind = SelectField("什么材料", choices=choices(PAPERS))
    number = words("编号", 30, needed=False, hint="保险号、证明编号,加密保存", autocomplete="off")
    valid_until = day("有效到哪天", default=None)


class RoleForm(ConsoleForm):
    who = words("哪位居民", 30, hint="居民编号、整个手机号或全名;要先登记过")
    role = SelectField("做什么", choices=choices(ROLES))


@console.route("/activities/papers", methods=["GET", "POST"])
@staff("desk")
def papers() -> Response | str:
    """Whose papers end soon, so that they hear of it before they are refused; and a new one."""
    form = PaperForm()

    def unit(by: Actor) -> None:
        person = people.the_one(by, form.who.data)
        actions.keep_paper(
            by, person, form.kind.data, valid_until=form.valid_until.data, number=form.number.data or ""
        )

    if form.validate_on_submit() and attempt(unit, form, "登记好了。"):
        return redirect(url_for("activities_console.papers"))

    def look(by: Actor) -> str:
        own = running_out().join(Paper.person).where(seen_by(need_staff(by)))
        rows = by.session.scalars(own.limit(PER_PAGE)).all()
        audit.note(by, "activities.view_papers", None, shown=len(rows))
        facts = {"rows": rows, "form": form, "names": PAPERS, "today": clock.today()}
        return render_template("activities/console_papers.html", **facts)

    return as_staff(look)


@console.post("/activities/papers/<int:number>/drop")
@staff("desk")
def drop_paper(number: int) -> Response:
    attempt(lambda by: actions.drop_paper(by, find(by, Paper, number)), done="删掉了。")
    return redirect(url_for("activities_console.papers"))


# ---- whom a restricted activity is for, and who leads it too ---------------------------------------------------------


@console.route("/activities/<int:number>/people", methods=["GET", "POST"])
@staff("desk", "leader")
def people_of(number: int) -> Response | str:
    form = RoleForm()

    def unit(by: Actor) -> None:
        activity = find(by, Activity, number)
        actions.let_in(by, activity, people.the_one(by, form.who.data), form.role.data)

    if form.validate_on_submit() and attempt(unit, form, "加上了。"):
        return redirect(url_for("activities_console.people_of", number=number))

    def look(by: Actor) -> str:
        activity = find(by, Activity, number)
        rows = by.session.scalars(
            select(ActivityRole)
            .where(ActivityRole.activity_id == number)
            .order_by(ActivityRole.id)
            .limit(500)
        ).all()
        audit.note(by, "activities.view_people", activity, shown=len(rows))
        facts: dict[str, Any] = {"activity": activity, "rows": rows, "form": form, "names": ROLES}
        return render_template("activities/console_people.html", **facts)

    return as_staff(look)


@console.post("/activities/<int:number>/people/out")
@staff("desk", "leader")
def out(number: int) -> Response:
    def unit(by: Actor) -> None:
        role = find(by, ActivityRole, request.form.get("role", 0, int))
        actions.let_out(by, find(by, Activity, number), role.person, role.role)

    attempt(unit, done="去掉了。")
    return redirect(url_for("activities_console.people_of", number=number))
