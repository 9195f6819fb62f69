"""One team at the console: its roster with everybody who asks or was invited, roles, days away, account, attendance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, ValidationError

from app import audit, clock
from app.channels.console import as_staff, attempt, current_site, find, staff
from app.channels.console_forms import ConsoleForm, choices, day, words
from handlers.people import actions as people
from handlers.teams import actions
from handlers.teams.attendance import table_of
from handlers.teams.console import ENTRIES, KINDS, PLANNERS, READERS, console
from handlers.teams.own_rows import ROLES
from handlers.teams.planning_forms import PlanForm
from handlers.teams.sentences import LONGEST as LONGEST_THANKS
from handlers.teams.speaking import LONGEST_WORD, WORDS
from handlers.teams.waves import Quiet
from models import teams as model
from models.identity import Actor
from models.teams import Team, TeamMember
from models.teams_shifts import plans

HOWS = {"invite": "请他回话", "add": "他当面答应了"}
WEEKDAYS = "一二三四五六日"


class AddForm(ConsoleForm):
    who = words("哪位居民", 30, hint="手机号、全名或居民编号")
    how = SelectField("怎么加", choices=choices(HOWS))


class PauseForm(ConsoleForm):
    first = day("从哪天起停班")
    last = day("到哪天")

    def validate_last(self, field: Any) -> None:
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError("先填早的一天。")


@console.get("/teams/<int:number>")
@staff(*READERS)
def team(number: int) -> str:
    """Opening it leaves a line: names and numbers of residents stand on it."""
    return as_staff(lambda by: draw(by, number, seen=True))


def draw(
    by: Actor,
    number: int,
    *,
    adding: AddForm | None = None,
    planning: PlanForm | None = None,
    seen: bool = False,
) -> str:
    row = find(by, Team, number)
    if seen:
        audit.note(by, "teams.view_roster", row)
    facts: dict[str, Any] = {
        "team": row,
        "kinds": KINDS,
        "entries": ENTRIES,
        "roles": ROLES,
        "members": by.session.scalars(model.members(row)).all(),
        "asking": by.session.scalars(model.members(row, "asked")).all(),
        "invited": by.session.scalars(model.members(row, "invited")).all(),
        "plans": by.session.scalars(plans(row)).all(),
        "weekdays": WEEKDAYS,
        "adding": adding or AddForm(formdata=None),
        "planning": planning or PlanForm(formdata=None, prefix="p-"),
        "words": WORDS,
        "words_left": model.words_left(by.session, row),
        "longest": LONGEST_WORD,
        "today": clock.today(),
    }
    return render_template("teams/console_team.html", **facts)


def _back(number: int) -> Response:
    return redirect(url_for("teams_console.team", number=number))


# ---- the roster ----------------------------------------------------------------------------------------------------


@console.post("/teams/<int:number>/members")
@staff(*PLANNERS)
def add_member(number: int) -> Response | str:
    """A resident is found as everywhere at the console: by phone, whole name or number."""
    form = AddForm()

    def unit(by: Actor) -> None:
        row, person = find(by, Team, number), people.the_one(by, form.who.data)
        if form.how.data == "add":
            actions.add(by, row, person)
        else:
            actions.invite(by, row, person)

    done = "加上了,有微信的会收到消息。" if form.how.data == "add" else "请了,他回话以后才算。"
    if form.validate_on_submit() and attempt(unit, form, done):
        return _back(number)
    return as_staff(lambda by: draw(by, number, adding=form))


STEPS: dict[str, tuple[Callable[[Actor, TeamMember], Any], str]] = {
    "agree": (actions.agree, "同意了,有微信的会收到消息。"),
    "refuse": (actions.refuse, "回了他。"),
    "remove": (actions.remove, "移出了,有微信的会收到消息。后面的班空出来了。"),
    "leader": (lambda by, row: actions.set_role(by, row, "leader"), "他是队长了,有微信的会收到消息。"),
    "deputy": (lambda by, row: actions.set_role(by, row, "deputy"), "他是副队长了,有微信的会收到消息。"),
    "member": (lambda by, row: actions.set_role(by, row, "member"), "改成队员了,有微信的会收到消息。"),
    "back": (actions.come_back, "照常排他的班。"),
}


@console.post("/teams/members/<int:number>/<any(agree, refuse, remove, leader, deputy, member, back):step>")
@staff(*PLANNERS)
def move_member(number: int, step: str) -> Response:
    take, done = STEPS[step]
    of: list[int] = []

    def unit(by: Actor) -> None:
        row = find(by, TeamMember, number)
        of[:] = [row.team_id]
        take(by, row)

    attempt(unit, done=done)
    return _back(of[0])


@console.route("/teams/members/<int:number>", methods=["GET", "POST"])
@staff(*PLANNERS)
def member(number: int) -> Response | str:
    """One member: days away, a word of thanks, roles, out of the team."""
    form, of = PauseForm(), list[int]()

    def unit(by: Actor) -> None:
        row = find(by, TeamMember, number)
        of[:] = [row.team_id]
        actions.pause(by, row, form.first.data, form.last.data)

    if form.validate_on_submit() and attempt(unit, form, "记下了。那几天已经排上的班,在请队友来替。"):
        return _back(of[0])

    def look(by: Actor) -> str:
        row = find(by, TeamMember, number)
        audit.note(by, "teams.view_member", row)
        facts = {"row": row, "form": form, "roles": ROLES, "longest": LONGEST_THANKS}
        return render_template("teams/console_member.html", **facts)

    return as_staff(look)


@console.post("/teams/members/<int:number>/thank")
@staff(*PLANNERS)
def thank(number: int) -> Response:
    said = request.form.get("words", "")
    attempt(
        lambda by: actions.thank_member(by, find(by, TeamMember, number), said),
        done="记下了,另一位同事看过就转给他。",
    )
    return redirect(url_for("teams_console.member", number=number))


# ---- the team itself -----------------------------------------------------------------------------------------------


@console.post("/teams/<int:number>/<any(rest, wake, account):step>")
@staff(*PLANNERS)
def turn(number: int, step: str) -> Response:
    steps = {
        "rest": (actions.rest, "休息了:不排新的班,不收新人。排好的不变。"),
        "wake": (actions.wake, "恢复了。"),
        "account": (actions.open_account, "时间账户开好了,在“交换站”里看每一笔。"),
    }
    take, done = steps[step]
    attempt(lambda by: take(by, find(by, Team, number)), done=done)
    return _back(number)


@console.post("/teams/<int:number>/word")
@staff(*PLANNERS)
def say(number: int) -> Response:
    chosen, own = request.form.get("chosen", ""), request.form.get("own", "").strip()
    delivery = current_site().settings.delivery
    due = Quiet(delivery.quiet_from, delivery.quiet_until).ends(clock.now())

    def unit(by: Actor) -> None:
        actions.say(by, find(by, Team, number), chosen=chosen, own=own, due=due)

    attempt(unit, done="说给全队了。" if due is None else "记下了,现在是夜里,早上再发。")
    return _back(number)


@console.get("/teams/<int:number>/attendance")
@staff(*READERS)
def attendance(number: int) -> str:
    def look(by: Actor) -> str:
        row = find(by, Team, number)
        audit.note(by, "teams.view_attendance", row)
        return render_template("teams/console_attendance.html", team=row, table=table_of(by, row, 12))

    return as_staff(look)
