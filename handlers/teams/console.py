"""Teams at the console: all of them, founding and changing one, and what needs somebody's eye today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from flask import redirect, render_template, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app import clock
from app.channels.console import Card, Console, Line, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, words
from app.words import moment_words
from handlers.teams import actions
from handlers.teams.waves import missing_hands
from models import teams as model
from models.activities import ActivitySession
from models.base import count_rows
from models.identity import Actor
from models.programmes import Programme
from models.staff import StaffMember
from models.teams import MOST_MEMBERS, Team, TeamMember
from models.teams_shifts import soon
from models.teams_thanks import to_review

READERS, PLANNERS = ("desk", "approver", "leader"), ("desk", "leader")
SHOWN_TODAY, MOST = 5, 200
AHEAD, URGENT = timedelta(days=7), timedelta(hours=24)
KINDS = {"patrol": "巡逻", "volunteers": "志愿服务", "art": "文艺", "other": "别的"}
ENTRIES = {"ask": "居民报名,队长同意", "invited": "队长邀请"}

console = Console("teams_console", __name__)


class TeamForm(ConsoleForm):
    name = words("队名", 16)
    kind = SelectField("做什么", choices=choices(KINDS))
    programme = SelectField("属于哪个项目")
    sentence = words("一句话介绍", 120, hint="居民看得到:做什么,谁能来")
    contact_hours = words("联系时间", 40, needed=False, hint="比如:工作日上午9点到11点")
    entry = SelectField("怎么加入", choices=choices(ENTRIES))
    least = IntegerField("最少几个人", [InputRequired("请填写。"), NumberRange(0, MOST_MEMBERS)], default=2)
    most = IntegerField("最多几个人", [InputRequired("请填写。"), NumberRange(1, MOST_MEMBERS)], default=40)
    owner = SelectField("社区谁来管", coerce=int)
    listed = BooleanField("值班也登在活动单子上,大家看得到(报名只限队员)")


class TeamLine(NamedTuple):
    team: Team
    members: int
    asking: int
    leaders: str


# ---- all of them ---------------------------------------------------------------------------------------------------


@console.get("/teams")
@staff(*READERS)
def teams() -> str:
    with looking() as by:
        rows = by.session.scalars(model.teams().limit(MOST)).all()
        facts: dict[str, Any] = {"lines": _lines(by, rows), "kinds": KINDS, "entries": ENTRIES}
        facts |= {"gaps": short_shifts(by), "to_read": _count_thanks(by)}
        return render_template("teams/console_teams.html", **facts)


def _lines(by: Actor, rows: Sequence[Team]) -> list[TeamLine]:
    counted = Counter[tuple[int, str]]()
    standing = select(TeamMember.team_id, TeamMember.state, func.count()).group_by(
        TeamMember.team_id, TeamMember.state
    )
    for number, state, n in by.session.execute(standing):
        counted[number, state] = n
    led: dict[int, list[str]] = {}
    leading = TeamMember.state == "active", TeamMember.role == "leader"
    for row in by.session.scalars(select(TeamMember).where(*leading).order_by(TeamMember.id)):
        led.setdefault(row.team_id, []).append(row.shown_name)
    return [
        TeamLine(team, counted[team.id, "active"], counted[team.id, "asked"], "、".join(led.get(team.id, ())))
        for team in rows
    ]


def _count_thanks(by: Actor) -> int:
    return count_rows(by.session, to_review())


# ---- founding and changing -----------------------------------------------------------------------------------------


@console.route("/teams/new", methods=["GET", "POST"])
@staff(*PLANNERS)
def new_team() -> Response | str:
    form = _form()

    def unit(by: Actor) -> Team:
        return actions.found_team(by, **_told(form))

    if form.validate_on_submit() and (made := attempt(unit, form, "建好了。接着加队员,定队长,排固定的班。")):
        return redirect(url_for("teams_console.team", number=made.it.id))
    return render_template("teams/console_new.html", form=form, team=None)


@console.route("/teams/<int:number>/edit", methods=["GET", "POST"])
@staff(*PLANNERS)
def edit_team(number: int) -> Response | str:
    with looking() as by:
        team = find(by, Team, number)
        names = ("name", "kind", "sentence", "contact_hours", "entry", "least", "most", "listed")
        same = {name: getattr(team, name) for name in names}
        form = _form(**same, programme=team.programme or "", owner=team.staff_id or 0)
        kept = {"id": team.id, "name": team.name}
    if form.validate_on_submit() and attempt(
        lambda by: actions.edit_team(by, find(by, Team, number), **_told(form)), form, "改好了。"
    ):
        return redirect(url_for("teams_console.team", number=number))
    return render_template("teams/console_new.html", form=form, team=kept)


def _form(**facts: Any) -> TeamForm:
    with looking() as by:
        mine = by.staff.id if by.staff is not None else 0
        programmes = by.session.scalars(select(Programme).order_by(Programme.position)).all()
        members = by.session.scalars(
            select(StaffMember).where(StaffMember.active).order_by(StaffMember.name, StaffMember.id)
        ).all()
        form = TeamForm(data={"owner": mine, **facts})
        form.programme.choices = choices({"": "都不是", **{one.code: one.name for one in programmes}})
        form.owner.choices = [(one.id, one.name) for one in members]
    return form


def _told(form: TeamForm) -> dict[str, Any]:
    names = ("name", "kind", "sentence", "entry", "least", "most", "listed")
    told: dict[str, Any] = {name: form[name].data for name in names}
    more = {"programme": form.programme.data or None, "contact_hours": form.contact_hours.data or ""}
    return told | more | {"staff_id": form.owner.data}


# ---- what is on the page 今天 --------------------------------------------------------------------------------------


class Gap(NamedTuple):
    held: ActivitySession
    team: Team
    missing: int
    near: bool


def short_shifts(by: Actor) -> list[Gap]:
    """Shifts of the coming week that are short of hands, the nearest first."""
    now = clock.now()
    rows = by.session.scalars(soon(now + AHEAD).limit(MOST)).unique()
    counted = ((held, missing_hands(by.session, held)) for held in rows)
    return [
        Gap(held, by.session.get_one(Team, held.activity.team_id), missing, held.starts < now + URGENT)
        for held, missing in counted
        if missing
    ]


@console.today(*PLANNERS)
def gaps(by: Actor) -> Card:
    rows = short_shifts(by)
    near = [one for one in rows if one.near]
    lines = [
        Line(
            f"{one.team.name} {one.held.activity.title}缺{one.missing}人",
            url_for("teams_console.week_of_team", number=one.held.activity.team_id, day=_day(one.held)),
            None,
            moment_words(one.held.starts),
            urgent=one.near,
        )
        for one in rows[:SHOWN_TODAY]
    ]
    address = url_for("teams_console.teams")
    return Card("七天里缺人的班", len(rows), address, lines, "七天里的班都有人。", urgent=bool(near))


def _day(held: ActivitySession) -> str:
    return clock.local(held.starts).date().isoformat()


@console.today(*PLANNERS)
def asking(by: Actor) -> Card:
    """Who wants to join: the leader answers, and where nobody leads, the staff."""
    rows = by.session.scalars(model.asking().limit(SHOWN_TODAY)).all()
    lines = [
        Line(row.team.name, url_for("teams_console.team", number=row.team_id), row.changed_at) for row in rows
    ]
    whole = count_rows(by.session, model.asking())
    return Card("想加入队伍的", whole, url_for("teams_console.teams"), lines)


@console.today("approver")
def thanks_to_read(by: Actor) -> Card:
    rows = by.session.scalars(to_review().limit(SHOWN_TODAY)).all()
    address = url_for("teams_console.thanks")
    return Card(
        "志愿者的感谢等您看", _count_thanks(by), address, [Line(row.what, address, row.at) for row in rows]
    )
