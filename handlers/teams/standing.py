"""Who may do what in a team: the staff everything, its leaders the daily things, a member their own."""

from __future__ import annotations

from models.identity import Actor
from models.refusal import Refusal
from models.teams import Team, TeamMember, leads_team


def is_staff(by: Actor) -> bool:
    """The house itself (a job) stands for the staff."""
    return by.staff is not None or by.channel == "job"


def must_be_staff(by: Actor) -> None:
    if not is_staff(by):
        raise Refusal("teams.staff_only")


def may_lead(by: Actor, team: Team) -> bool:
    return is_staff(by) or (by.person is not None and leads_team(by.session, team, by.person))


def must_lead(by: Actor, team: Team) -> None:
    if not may_lead(by, team):
        raise Refusal("teams.not_leader")


def is_own(by: Actor, row: TeamMember) -> bool:
    """Their own row, or that of the child whom they stand for."""
    return by.person is not None and by.person.id in (row.person_id, row.guardian_id)


def must_be_own(by: Actor, row: TeamMember) -> None:
    if not is_own(by, row):
        raise Refusal("teams.not_yours")


def must_be_at_work(team: Team) -> None:
    if team.state != "active":
        raise Refusal("teams.resting", name=team.name)
