"""Away for some days: nobody plans or asks them, and their shifts of those days are offered to others at once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app import audit, clock
from handlers.teams.covering import ask_cover, withdraw
from handlers.teams.standing import is_own, may_lead
from models.activities import ActivitySession
from models.identity import Actor
from models.refusal import Refusal
from models.teams import LONGEST_PAUSE, TeamMember
from models.teams_covers import Cover
from models.teams_shifts import shifts_of


def pause(by: Actor, row: TeamMember, first: date, last: date) -> int:
    """From the first to the last day, both included; for how many shifts cover is looked for now. Until somebody has
    said yes they are still theirs."""
    _must_be_theirs(by, row)
    if row.state != "active":
        raise Refusal("teams.not_member", name=row.team.name)
    if not clock.today() <= first <= last <= clock.today() + LONGEST_PAUSE:
        raise Refusal("teams.bad_pause")
    row.paused_from, row.paused_until = first, last
    audit.note(by, "teams.pause", row, team=row.team_id, days=(last - first).days + 1)
    mine = by.session.scalars(shifts_of(row.person)).unique().all()
    ours = [one for one in mine if one.activity.team_id == row.team_id and row.is_paused_on(_day(one))]
    for held in sorted(ours, key=lambda one: one.id):
        ask_cover(by, held, asker=row.person)
    return len(ours)


def come_back(by: Actor, row: TeamMember) -> TeamMember:
    """Before the time: what was looked for because of it is not needed any more."""
    _must_be_theirs(by, row)
    if row.paused_until is None:
        return row
    open_ones = Cover.asker_id == row.person_id, Cover.team_id == row.team_id, Cover.state == "open"
    for cover in by.session.scalars(select(Cover).where(*open_ones).order_by(Cover.session_id)).all():
        if row.is_paused_on(_day(cover.session)):
            withdraw(by, cover)
    row.paused_from = row.paused_until = None
    audit.note(by, "teams.come_back", row, team=row.team_id)
    return row


def _must_be_theirs(by: Actor, row: TeamMember) -> None:
    """Their own, their child's, or of a team that one leads."""
    if not is_own(by, row) and not may_lead(by, row.team):
        raise Refusal("teams.not_yours")


def _day(held: ActivitySession) -> date:
    return clock.local(held.starts).date()
