"""Founding: what a team is, as the staff make and change it; its rest, its time account."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from app import audit
from handlers.ledger import actions as ledger
from handlers.teams.standing import must_be_staff
from models import teams as model
from models.activities import Activity
from models.identity import Actor
from models.refusal import Refusal
from models.teams import Team

FIELDS = ("name", "kind", "programme", "sentence", "contact_hours", "entry", "listed", "least", "most")


def found_team(by: Actor, *, name: str, kind: str, sentence: str, **more: Any) -> Team:
    """A new team; whoever of the staff founds it looks after it until somebody else does."""
    must_be_staff(by)
    team = Team(staff_id=more.pop("staff_id", by.staff.id if by.staff else None))
    _describe(by, team, name=name, kind=kind, sentence=sentence, **more)
    by.session.add(team)
    audit.note(by, "teams.found", team, kind=kind)
    return team


def edit_team(by: Actor, team: Team, **facts: Any) -> Team:
    """What it is called, for whom, how large. Its shifts keep their people."""
    must_be_staff(by)
    model.hold(by.session, team)
    if "staff_id" in facts:
        team.staff_id = facts.pop("staff_id") or team.staff_id
    _describe(by, team, **facts)
    mine = update(Activity).where(Activity.team_id == team.id).values(listed=team.listed)
    by.session.execute(mine.execution_options(synchronize_session="fetch"))
    audit.note(by, "teams.edit", team, entry=team.entry, listed=team.listed)
    return team


def _describe(by: Actor, team: Team, **facts: Any) -> None:
    for name in FIELDS:
        if name in facts:
            setattr(team, name, facts[name])
    team.name, team.sentence = team.name.strip(), team.sentence.strip()
    least, most = team.least if team.least is not None else 2, team.most if team.most is not None else 40
    if not 2 <= len(team.name) <= 16 or not 0 < len(team.sentence) <= 120 or team.kind not in model.KINDS:
        raise Refusal("teams.bad_team")
    if not 0 <= least <= most <= model.MOST_MEMBERS or most == 0:
        raise Refusal("teams.bad_size", most=model.MOST_MEMBERS)
    same = select(Team.id).where(Team.name == team.name, Team.id != (team.id or 0))
    with by.session.no_autoflush:
        if by.session.scalar(same) is not None:
            raise Refusal("teams.name_taken", name=team.name)


def rest(by: Actor, team: Team) -> Team:
    """Nothing new is planned and nobody new is taken; what is planned stays."""
    return _turn(by, team, "resting")


def wake(by: Actor, team: Team) -> Team:
    return _turn(by, team, "active")


def _turn(by: Actor, team: Team, state: str) -> Team:
    must_be_staff(by)
    model.hold(by.session, team)
    if team.state != state:
        team.state = state
        audit.note(by, "teams.turn", team, state=state)
    return team


def open_account(by: Actor, team: Team) -> Team:
    """The team's own account of the time bank; opened twice it is one."""
    must_be_staff(by)
    model.hold(by.session, team)
    if team.account_id is None:
        team.account = ledger.open_named(by, "team", team.name)
        audit.note(by, "teams.open_account", team)
    return team
