"""Teams as pages: what there is for everybody, joining, one's own teams, and the week that members see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.pages import (
    Pages,
    act,
    card,
    errors,
    for_everybody,
    for_residents,
    line,
    looking,
    looking_on,
)
from handlers.people import actions as people
from handlers.teams import actions
from handlers.teams.own_rows import ROLES
from handlers.teams.roster import LONGEST_CALLED
from handlers.teams.standing import may_lead
from handlers.teams.week import monday_of, week
from models import teams as model
from models.identity import Actor, Person
from models.proxies import live_proxies
from models.refusal import Refusal
from models.teams import Team, TeamMember

MOST = 60
KINDS = {"patrol": "巡逻", "volunteers": "志愿服务", "art": "文艺", "other": "别的"}

pages = Pages("teams_pages", __name__)


# ---- for everybody -------------------------------------------------------------------------------------------------


@pages.get("/teams")
@card("志愿队伍", "加入队伍", on_home=False)
@for_everybody
def all_teams() -> str:
    def look(by: Actor) -> str:
        rows = by.session.scalars(model.teams().where(Team.state == "active").limit(MOST)).all()
        return render_template("teams/page_teams.html", rows=rows, kinds=KINDS)

    return looking(look)


@pages.get("/teams/<int:number>")
@for_everybody
def one(number: int) -> str:
    return looking(lambda by: _one(by, _team(by, number)))


def _team(by: Actor, number: int) -> Team:
    team = by.session.get(Team, number)
    if team is None:
        abort(404)
    return team


def _one(by: Actor, team: Team, why: Refusal | None = None, invite: str = "") -> str:
    mine = model.member_of(by.session, team, by.person) if by.person is not None else None
    facts: dict[str, Any] = {
        "team": team,
        "kinds": KINDS,
        "mine": mine if mine is not None and mine.state in ("asked", "invited", "active") else None,
        "children": _children(by),
        "new": by.person is None or people.is_new(by),
        "invite": invite,
        "through": bool(invite) and team.is_invite(invite),
        "typed": request.form if why is not None else {},
        "longest": LONGEST_CALLED,
        "wrong": errors(why, "called"),
        "full": model.count(by.session, team) >= team.most,
    }
    return render_template("teams/page_one.html", **facts)


def _children(by: Actor) -> list[Person]:
    if by.person is None:
        return []
    ties = by.session.scalars(live_proxies(by.person)).all()
    return [
        tie.ward for tie in ties if tie.kind == "guardian" and tie.holder_id == by.me.id and tie.ward.name
    ]


# ---- joining -------------------------------------------------------------------------------------------------------


@pages.get("/teams/<int:number>/join/<invite>")
@for_residents
def invited(number: int, invite: str) -> str:
    """The leader's link: whoever has it is let in at once."""
    return looking_on(lambda by: _one(by, _team(by, number), invite=invite))


@pages.post("/teams/<int:number>/join")
@for_residents
def join(number: int) -> Response:
    invite = line("invite", 40)

    def work(by: Actor) -> str:
        team, child = _team(by, number), _child(by)
        called, phone = line("called", 30), request.form.get("phone") == "1"
        row = actions.ask(by, team, child=child, invite=invite, called=called, phone_shown=phone)
        return url_for(".mine", done=row.state)

    return act(work, lambda by, why: _one(by, _team(by, number), why, invite))


def _child(by: Actor) -> Person | None:
    """For whom: oneself, or one of one's children."""
    who = request.form.get("who", "me")
    if who == "me":
        return None
    found = next((one for one in _children(by) if str(one.id) == who), None)
    if found is None:
        raise Refusal("teams.not_guardian")
    return found


# ---- one's own -----------------------------------------------------------------------------------------------------


def own_row(by: Actor, number: int) -> TeamMember:
    """One's own row, or one's child's; somebody else's is a page that is not there."""
    row = by.session.get(TeamMember, number)
    if row is None or by.me.id not in (row.person_id, row.guardian_id) or row.state in ("left", "refused"):
        abort(404)
    return row


@pages.get("/teams/members/<int:number>")
@for_residents
def member(number: int) -> str:
    return looking_on(lambda by: _member(by, number))


def _member(by: Actor, number: int, why: Refusal | None = None) -> str:
    row = own_row(by, number)
    facts: dict[str, Any] = {
        "row": row,
        "roles": ROLES,
        "longest": LONGEST_CALLED,
        "typed": request.form if why is not None else {},
        "wrong": errors(why, "called"),
    }
    return render_template("teams/page_member.html", **facts)


@pages.post("/teams/members/<int:number>/<any(accept, decline, leave, pause, back, called):step>")
@for_residents
def move_member(number: int, step: str) -> Response:
    def work(by: Actor) -> str:
        row = by.session.get(TeamMember, number)
        if row is None or by.me.id not in (row.person_id, row.guardian_id):
            abort(404)
        _step(by, row, step)
        return url_for(".mine", done=step)

    return act(work, lambda by, why: _member(by, number, why))


def _step(by: Actor, row: TeamMember, step: str) -> None:
    called, phone = line("called", 30), request.form.get("phone") == "1"
    if step == "accept":
        actions.accept(by, row, called=called, phone_shown=phone)
    elif step == "decline":
        actions.decline_invitation(by, row)
    elif step == "leave":
        actions.leave(by, row)
    elif step == "pause":
        actions.pause(by, row, day_typed("first"), day_typed("last"))
    elif step == "back":
        actions.come_back(by, row)
    else:
        actions.change_own(by, row, called=called, phone_shown=phone)


def day_typed(name: str) -> date:
    try:
        return date.fromisoformat(line(name, 10))
    except ValueError:
        raise Refusal("teams.no_such_day") from None


# ---- the week ------------------------------------------------------------------------------------------------------


@pages.get("/teams/<int:number>/week")
@for_residents
def show_week(number: int) -> str:
    """For members: who comes when, by the names that each has chosen, and the leaders' numbers where they agree."""

    def look(by: Actor) -> str:
        team = _team(by, number)
        if not _is_in(by, team):
            abort(404)
        monday = monday_of(request.args.get("day", ""))
        facts: dict[str, Any] = {
            "team": team,
            "days": week(by, team, monday),
            "monday": monday,
            "before": monday - timedelta(days=7),
            "after": monday + timedelta(days=7),
            "leaders": by.session.scalars(model.leaders(team)).all(),
            "fellows": by.session.scalars(model.members(team)).all(),
            "roles": ROLES,
            "me": by.me.id,
            "leads": may_lead(by, team),
        }
        return render_template("teams/page_week.html", **facts)

    return looking_on(look)


def _is_in(by: Actor, team: Team) -> bool:
    """Members, and the guardians of members."""
    mine = model.memberships(by.me).where(TeamMember.team_id == team.id)
    return by.session.scalar(mine.limit(1)) is not None
