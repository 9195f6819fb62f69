"""The leader's page of a team: who is in it and who asks, the next shifts and their gaps, a word to all, thanks.

A resident who leads opens it by WeChat; so does a member of the staff whose WeChat is bound, and then acts as staff.
Opening it leaves a line: names and numbers of others stand on it. Who leads no more finds no such page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import audit, clock
from app.channels.pages import act, as_resident, card, current_site, errors, for_residents, line, looking_on
from handlers.activities.actions import as_leader
from handlers.teams import actions
from handlers.teams.attendance import table_of
from handlers.teams.own_rows import ROLES
from handlers.teams.pages import day_typed, pages
from handlers.teams.sentences import LONGEST as LONGEST_THANKS
from handlers.teams.speaking import LONGEST_WORD, WORDS
from handlers.teams.standing import may_lead
from handlers.teams.waves import Quiet
from handlers.teams.week import slots
from models import teams as model
from models.activities import ActivitySession, Enrolment
from models.identity import Actor
from models.refusal import Refusal
from models.teams import Team, TeamMember
from models.teams_shifts import coming_shifts

SHIFTS = 8


@pages.get("/teams/lead")
@card("我带的队伍", on_home=False)
@for_residents
def led() -> str:
    def look(by: Actor) -> str:
        by = as_leader(by)
        rows = by.session.scalars(model.teams() if by.staff is not None else model.led_teams(by.me)).all()
        waiting = [row.team_id for row in by.session.scalars(model.asking())]
        return render_template("teams/page_led.html", rows=rows, waiting=waiting)

    return looking_on(look)


def _led(by: Actor, number: int) -> Team:
    team = by.session.get(Team, number)
    if team is None or not may_lead(by, team):
        abort(404)
    return team


@pages.get("/teams/<int:number>/lead")
@for_residents
def lead_team(number: int) -> str:
    def look(by: Actor) -> str:
        by = as_leader(by)
        team = _led(by, number)
        audit.note(by, "teams.view_roster", team)
        return _page(by, team)

    return as_resident(look)


def _page(by: Actor, team: Team, why: Refusal | None = None) -> str:
    coming = by.session.scalars(coming_shifts(team).limit(SHIFTS)).unique().all()
    facts: dict[str, Any] = {
        "team": team,
        "members": by.session.scalars(model.members(team)).all(),
        "asking": by.session.scalars(model.members(team, "asked")).all(),
        "invited": by.session.scalars(model.members(team, "invited")).all(),
        "slots": slots(by, team, coming),
        "roles": ROLES,
        "is_staff": by.staff is not None,
        "me": by.person.id if by.person is not None else 0,
        "words": WORDS,
        "words_left": model.words_left(by.session, team),
        "longest": LONGEST_WORD,
        "longest_thanks": LONGEST_THANKS,
        "address": _address(team),
        "today": clock.today(),
        "now": clock.now(),
        "done": request.args.get("done", ""),
        "told": request.args.get("told", 0, int),
        "wrong": errors(why),
    }
    return render_template("teams/page_lead.html", **facts)


def _address(team: Team) -> str:
    """The whole link, to be sent on in WeChat; "" when there is none that still lets anybody in."""
    if team.invite is None or not team.is_invite(team.invite):
        return ""
    here = url_for("teams_pages.invited", number=team.id, invite=team.invite)
    return current_site().settings.web.public_url.rstrip("/") + here


# ---- what a leader does --------------------------------------------------------------------------------------------


def _do(number: int, work: Callable[[Actor, Team], object], done: str) -> Response:
    def unit(by: Actor) -> str:
        by = as_leader(by)
        team = _led(by, number)
        told = work(by, team)
        return url_for(".lead_team", number=number, done=done, told=told if isinstance(told, int) else None)

    return act(unit, lambda by, why: _page(as_leader(by), _led(as_leader(by), number), why))


def _row(by: Actor, team: Team) -> TeamMember:
    """Only those who are on this team's lists."""
    row = by.session.get(TeamMember, request.form.get("member", 0, int))
    if row is None or row.team_id != team.id:
        raise Refusal("teams.not_member", name=team.name)
    return row


STEPS: dict[str, Callable[[Actor, TeamMember], object]] = {
    "agree": actions.agree,
    "refuse": actions.refuse,
    "remove": actions.remove,
    "back": actions.come_back,
    "deputy": lambda by, row: actions.set_role(by, row, "deputy"),
    "member": lambda by, row: actions.set_role(by, row, "member"),
}


@pages.post("/teams/<int:number>/lead/<any(agree, refuse, remove, back, deputy, member):step>")
@for_residents
def move_roster(number: int, step: str) -> Response:
    def work(by: Actor, team: Team) -> None:
        STEPS[step](by, _row(by, team))

    return _do(number, work, step)


@pages.post("/teams/<int:number>/lead/pause")
@for_residents
def pause_member(number: int) -> Response:
    def work(by: Actor, team: Team) -> None:
        actions.pause(by, _row(by, team), day_typed("first"), day_typed("last"))

    return _do(number, work, "pause")


@pages.post("/teams/<int:number>/lead/invite")
@for_residents
def new_link(number: int) -> Response:
    def work(by: Actor, team: Team) -> None:
        actions.renew_invite(by, team)

    return _do(number, work, "invite")


@pages.post("/teams/<int:number>/lead/cover")
@for_residents
def search_cover(number: int) -> Response:
    """For somebody who cannot come and has told the leader so."""

    def work(by: Actor, team: Team) -> None:
        held = by.session.get(ActivitySession, request.form.get("session", 0, int))
        if held is None or held.activity.team_id != team.id:
            raise Refusal("teams.no_shift")
        mine = Enrolment.session_id == held.id, Enrolment.person_id == request.form.get("person", 0, int)
        row = by.session.scalar(select(Enrolment).where(*mine))
        if row is None:
            raise Refusal("teams.not_your_shift", session=held)
        actions.ask_cover(by, held, asker=row.person)

    return _do(number, work, "cover")


@pages.post("/teams/<int:number>/lead/word")
@for_residents
def word(number: int) -> Response:
    """Not at night: what is said then leaves in the morning."""
    chosen, own = request.form.get("chosen", ""), line("own", LONGEST_WORD)
    delivery = current_site().settings.delivery
    due = Quiet(delivery.quiet_from, delivery.quiet_until).ends(clock.now())
    return _do(number, lambda by, team: actions.say(by, team, chosen=chosen, own=own, due=due), "word")


@pages.post("/teams/<int:number>/lead/thank")
@for_residents
def thank(number: int) -> Response:
    words = line("words", LONGEST_THANKS + 1)

    def work(by: Actor, team: Team) -> None:
        actions.thank_member(by, _row(by, team), words)

    return _do(number, work, "thank")


@pages.get("/teams/<int:number>/attendance")
@for_residents
def attendance(number: int) -> str:
    """Who came to the last rehearsals or shifts."""

    def look(by: Actor) -> str:
        by = as_leader(by)
        team = _led(by, number)
        audit.note(by, "teams.view_attendance", team)
        return render_template("teams/page_attendance.html", team=team, table=table_of(by, team))

    return as_resident(look)
