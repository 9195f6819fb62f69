"""The roster: asked to be let in, invited, agreed to, left; who leads; how one is called.

Whoever is out of a team is out of its shifts ahead in the same moment: their seats go back and are short of a hand for
all to see.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from sqlalchemy import exists, select

from app import audit, clock
from app.understanding.phone import name_in
from handlers.activities import actions as activities
from handlers.people import actions as people
from handlers.teams import messages
from handlers.teams.standing import (
    is_staff,
    must_be_at_work,
    must_be_own,
    must_be_staff,
    must_lead,
)
from models import teams as model
from models.activities import LIVE, ActivitySession, Enrolment
from models.identity import Actor, Person
from models.proxies import Proxy, acts_for
from models.refusal import Refusal
from models.teams import LEADING, Team, TeamMember
from models.teams_shifts import sessions_of

LONGEST_CALLED = 10


# ---- coming in ---------------------------------------------------------------------------------------------


def ask(
    by: Actor,
    team: Team,
    *,
    child: Person | None = None,
    called: str = "",
    phone_shown: bool = False,
    invite: str = "",
) -> TeamMember:
    """Ask to be let in, for oneself or one's child; with the leader's link one is in at once. Asking twice is asking
    once. It is the consent to `volunteer`: the words before it say so."""
    must_be_at_work(team)
    people.respect_withdrawal(by, "volunteer")
    who = _who(by, child)
    model.hold(by.session, team)
    row = model.member_of(by.session, team, who)
    if row is not None and row.state == "active":
        return row
    through = bool(invite) and team.is_invite(invite)
    if invite and not through:
        raise Refusal("teams.invite_over")
    welcome = through or (row is not None and row.state == "invited")
    if team.entry == "invited" and not welcome:
        raise Refusal("teams.invited_only", name=team.name)
    if row is not None and row.state == "asked" and not welcome:
        return row
    row = row or _new(by, team, who)
    row.guardian = by.me if child is not None else None
    row.called, row.phone_shown = _called(called) or row.called, phone_shown
    people.agree_by_doing(by, "volunteer")
    if welcome:
        return _enter(by, row, "invited")
    return _wait(by, row)


def _who(by: Actor, child: Person | None) -> Person:
    """A child comes in by its guardian only; everybody needs a name that the leader can read."""
    who = child or by.me
    if child is not None:
        tie = acts_for(by.session, by.me, child)
        if tie is None or tie.kind != "guardian":
            raise Refusal("teams.not_guardian")
        if people.has_withdrawn(replace(by, person=child), "volunteer"):
            raise Refusal("activities.has_withdrawn")
    elif is_child(by, who):
        raise Refusal("teams.guardian_needed")
    if who.name is None:
        raise Refusal("teams.join_first")
    return who


def is_child(by: Actor, person: Person) -> bool:
    mine = Proxy.ward_id == person.id, Proxy.kind == "guardian", Proxy.ended_at.is_(None)
    return bool(by.session.scalar(select(exists().where(*mine))))


def _new(by: Actor, team: Team, person: Person) -> TeamMember:
    row = TeamMember(team=team, person=person)
    by.session.add(row)
    return row


def _called(words: str) -> str | None:
    """Any short name will do: 马阿娘, 小李, 卓玛."""
    bare = "".join(words.split())[: LONGEST_CALLED + 1]
    if bare and (len(bare) > LONGEST_CALLED or name_in(bare) is None):
        raise Refusal("teams.bad_called", most=LONGEST_CALLED)
    return bare or None


def _wait(by: Actor, row: TeamMember) -> TeamMember:
    row.state, row.how, row.role, row.changed_at = "asked", "asked", "member", clock.now()
    by.session.flush()
    audit.note(by, "teams.ask", row, team=row.team_id)
    messages.tell_leaders(by, row, "asked", who=row.whole_name)
    return row


def _enter(by: Actor, row: TeamMember, how: str | None = None) -> TeamMember:
    """Now they are in it, when there is room. The team is held."""
    if model.count(by.session, row.team) >= row.team.most:
        raise Refusal("teams.full", name=row.team.name, most=row.team.most)
    row.state, row.how, row.role = "active", how or row.how, "member"
    row.since, row.until, row.changed_at = clock.now(), None, clock.now()
    row.paused_from = row.paused_until = None
    by.session.flush()
    audit.note(by, "teams.enter", row, team=row.team_id, how=row.how)
    return row


def invite(by: Actor, team: Team, person: Person) -> TeamMember:
    """Staff, or a leader, invite somebody: nothing happens until that person has said yes."""
    must_lead(by, team)
    must_be_at_work(team)
    activities.must_not_have_withdrawn(by, person)
    model.hold(by.session, team)
    row = model.member_of(by.session, team, person)
    if row is not None and row.state == "active":
        return row
    row = row or _new(by, team, person)
    row.guardian = _guardian(by, person)
    row.state, row.how, row.role, row.changed_at = "invited", "invited", "member", clock.now()
    by.session.flush()
    audit.note(by, "teams.invite", row, team=team.id)
    messages.tell_member(by, row, "invited")
    return row


def add(by: Actor, team: Team, person: Person) -> TeamMember:
    """The staff write down somebody who said yes at the desk; for a child its guardian did."""
    must_be_staff(by)
    must_be_at_work(team)
    activities.must_not_have_withdrawn(by, person)
    model.hold(by.session, team)
    row = model.member_of(by.session, team, person)
    if row is not None and row.state == "active":
        return row
    row = row or _new(by, team, person)
    row.guardian = _guardian(by, person)
    _enter(by, row, "staff")
    messages.tell_member(by, row, "let_in")
    return row


def _guardian(by: Actor, person: Person) -> Person | None:
    mine = Proxy.ward_id == person.id, Proxy.kind == "guardian", Proxy.ended_at.is_(None)
    tie = by.session.scalar(select(Proxy).where(*mine).order_by(Proxy.id).limit(1))
    return tie.holder if tie is not None else None


def agree(by: Actor, row: TeamMember) -> TeamMember:
    """The leader, or the staff, let in whoever asks. Twice is once."""
    must_lead(by, row.team)
    model.hold(by.session, row.team)
    by.session.refresh(row)
    if row.state == "active":
        return row
    if row.state != "asked":
        raise Refusal("teams.not_asking")
    must_be_at_work(row.team)
    activities.must_not_have_withdrawn(by, row.person)
    _enter(by, row)
    messages.tell_member(by, row, "let_in")
    return row


def refuse(by: Actor, row: TeamMember) -> TeamMember:
    """Told kindly, without a reason that would hurt."""
    must_lead(by, row.team)
    model.hold(by.session, row.team)
    by.session.refresh(row)
    if row.state == "refused":
        return row
    if row.state != "asked":
        raise Refusal("teams.not_asking")
    row.state, row.changed_at = "refused", clock.now()
    by.session.flush()
    audit.note(by, "teams.refuse", row, team=row.team_id)
    messages.tell_member(by, row, "refused")
    return row


def accept(by: Actor, row: TeamMember, *, called: str = "", phone_shown: bool = False) -> TeamMember:
    """Whoever was invited says yes: their consent to `volunteer`, as the words before it say."""
    must_be_own(by, row)
    if row.state not in ("invited", "active"):
        raise Refusal("teams.not_invited")
    child = row.person if row.guardian_id is not None else None
    return ask(by, row.team, child=child, called=called, phone_shown=phone_shown)


def decline(by: Actor, row: TeamMember) -> TeamMember:
    """No to an invitation, or a question taken back: nobody is in anything."""
    must_be_own(by, row)
    if row.state in ("invited", "asked"):
        row.state, row.changed_at = "left", clock.now()
        audit.note(by, "teams.decline", row, team=row.team_id)
    return row


def renew_invite(by: Actor, team: Team) -> str:
    """A new link that lets in whoever has it; the one before is worth nothing any more."""
    must_lead(by, team)
    must_be_at_work(team)
    model.hold(by.session, team)
    team.invite, team.invite_until = secrets.token_urlsafe(12), clock.now() + model.INVITE_LIVES
    audit.note(by, "teams.renew_invite", team)
    return team.invite


# ---- going out ---------------------------------------------------------------------------------------------


def leave(by: Actor, row: TeamMember) -> TeamMember:
    """By themselves; out twice is out once."""
    must_be_own(by, row)
    return _out(by, row, "teams.leave")


def remove(by: Actor, row: TeamMember) -> TeamMember:
    """By a leader or the staff: they are told. A leader removes no leader."""
    must_lead(by, row.team)
    if row.role in LEADING and not is_staff(by):
        raise Refusal("teams.leaders_by_staff")
    if row.state == "active":
        _out(by, row, "teams.remove")
        messages.tell_member(by, row, "removed")
    return row


def _out(by: Actor, row: TeamMember, action: str) -> TeamMember:
    free_shifts(by, row.team, row.person)
    model.hold(by.session, row.team)
    by.session.refresh(row)
    if row.state in ("left", "refused"):
        return row
    _must_stay_owned(by, row)
    row.state, row.role, row.changed_at, row.until = "left", "member", clock.now(), clock.now()
    row.paused_from = row.paused_until = None
    by.session.flush()
    audit.note(by, action, row, team=row.team_id)
    return row


def free_shifts(by: Actor, team: Team, person: Person) -> int:
    """Seats of theirs in shifts that have not begun; how many. Sessions are held in the order of their ids."""
    mine = Enrolment.person_id == person.id, Enrolment.state != "left"
    ahead = ActivitySession.state.in_(LIVE), ActivitySession.starts > clock.now()
    rows = sessions_of(team).join(Enrolment, Enrolment.session_id == ActivitySession.id).where(*mine, *ahead)
    held = sorted(by.session.scalars(rows).unique().all(), key=lambda one: one.id)
    return sum(activities.free_seat(by, one, person) for one in held)


def _must_stay_owned(by: Actor, row: TeamMember) -> None:
    """Somebody leads it, or somebody of the staff looks after it."""
    if row.role not in LEADING or row.team.staff_id is not None or row.team.state != "active":
        return
    others = [one for one in by.session.scalars(model.leaders(row.team)) if one.id != row.id]
    if not others:
        raise Refusal("teams.last_leader", name=row.team.name)


# ---- who leads ---------------------------------------------------------------------------------------------


def set_role(by: Actor, row: TeamMember, role: str) -> TeamMember:
    """The staff say who leads; a leader may name a deputy. What a leader may do ends with the role."""
    must_lead(by, row.team)
    if role not in model.ROLES or (not is_staff(by) and "leader" in (role, row.role)):
        raise Refusal("teams.leaders_by_staff")
    model.hold(by.session, row.team)
    by.session.refresh(row)
    if row.state != "active":
        raise Refusal("teams.not_member", name=row.team.name)
    if role in LEADING and row.guardian_id is not None:
        raise Refusal("teams.no_child_leads")
    if role not in LEADING:
        _must_stay_owned(by, row)
    if row.role != role:
        before, row.role, row.changed_at = row.role, role, clock.now()
        by.session.flush()
        audit.note(by, "teams.set_role", row, team=row.team_id, before=before, after=role)
        messages.tell_member(by, row, "leads" if role in LEADING else "leads_no_more")
    return row


# ---- how one is called -----------------------------------------------------------------------------------


def change_own(by: Actor, row: TeamMember, *, called: str, phone_shown: bool) -> TeamMember:
    """What fellow members call them, and whether the number is shown."""
    must_be_own(by, row)
    row.called, row.phone_shown = _called(called), phone_shown
    audit.note(by, "teams.change_own", row, team=row.team_id, phone_shown=phone_shown)
    return row
