"""Who came to which rehearsal or shift: for the leader, from the stays. Not coming is shown, and never punished."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from app import clock
from models.activities import ActivitySession, Enrolment
from models.identity import Actor
from models.teams import Team, TeamMember, members
from models.teams_shifts import sessions_of
from models.unindexed import unindexed
from models.volunteers import Attendance

LESSONS = 8
CAME, EXCUSED, MISSED, NOT_EXPECTED = "到", "假", "缺", ""


class Table(NamedTuple):
    """`rows`: a member, a sign for each of `sessions` (the newest last), and how often they came of how often they were
    expected."""

    sessions: list[ActivitySession]
    rows: list[tuple[TeamMember, list[str], int, int]]


def table_of(by: Actor, team: Team, most: int = LESSONS) -> Table:
    starts = unindexed(ActivitySession.starts)  # the team's own sessions first, and of them those that were
    past = sessions_of(team).where(ActivitySession.state != "cancelled", starts < clock.now())
    newest = past.order_by(None).order_by(starts.desc(), ActivitySession.id.desc())
    sessions = list(by.session.scalars(newest.limit(most)).unique())[::-1]
    numbers = [one.id for one in sessions]
    stays = select(Attendance.session_id, Attendance.person_id).where(Attendance.session_id.in_(numbers))
    came = {(held, person) for held, person in by.session.execute(stays)}
    mine = Enrolment.session_id.in_(numbers), Enrolment.state == "joined", Enrolment.comes
    expected = {
        (row.session_id, row.person_id): row for row in by.session.scalars(select(Enrolment).where(*mine))
    }
    rows = []
    for row in by.session.scalars(members(team)).all():
        signs = [_sign((number, row.person_id), came, expected) for number in numbers]
        rows.append((row, signs, signs.count(CAME), sum(sign != NOT_EXPECTED for sign in signs)))
    return Table(sessions, rows)


def _sign(
    key: tuple[int, int], came: set[tuple[int, int | None]], expected: dict[tuple[int, int], Enrolment]
) -> str:
    if key in came:
        return CAME
    if key not in expected:
        return NOT_EXPECTED
    return EXCUSED if expected[key].mark == "excused" else MISSED
