"""A week of a team: what is on, who comes, and how many hands are missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from app import clock
from handlers.teams.waves import missing_hands
from models.activities import LIVE, ActivitySession
from models.identity import Actor
from models.teams import Team, TeamMember, members
from models.teams_covers import open_covers
from models.teams_shifts import on_shift, shift_of, wanted, week_of


class Hand(NamedTuple):
    """Who comes: their row in the team, if they have one; whether they look for cover."""

    person_id: int
    row: TeamMember | None
    looks: bool
    mark: str | None


class Slot(NamedTuple):
    held: ActivitySession
    hands: list[Hand]
    wanted: int
    missing: int
    told: bool


class Day(NamedTuple):
    day: date
    slots: list[Slot]


def monday_of(words: str) -> date:
    """The Monday of the week of this day ("2026-12-03"); of today's, when the words are no day."""
    try:
        day = date.fromisoformat(words)
    except ValueError:
        day = clock.today()
    return day - timedelta(days=day.weekday())


def week(by: Actor, team: Team, monday: date) -> list[Day]:
    rows = slots(by, team, by.session.scalars(week_of(team, monday)).unique().all())
    days = [monday + timedelta(days=n) for n in range(7)]
    return [Day(day, [one for one in rows if clock.local(one.held.starts).date() == day]) for day in days]


def slots(by: Actor, team: Team, sessions: Sequence[ActivitySession]) -> list[Slot]:
    known = {row.person_id: row for row in by.session.scalars(members(team))}
    return [_slot(by, held, known) for held in sessions]


def _slot(by: Actor, held: ActivitySession, known: dict[int, TeamMember]) -> Slot:
    looking = {one.asker_id for one in by.session.scalars(open_covers(held)) if one.session_id == held.id}
    hands = [
        Hand(one.person_id, known.get(one.person_id), one.person_id in looking, one.mark)
        for one in by.session.scalars(on_shift(held)).all()
    ]
    ahead = held.state in LIVE and held.starts > clock.now()
    shift = shift_of(by.session, held)
    missing = missing_hands(by.session, held, shift) if ahead else 0
    return Slot(
        held, hands, wanted(by.session, held), missing, shift is not None and shift.alarmed_at is not None
    )
