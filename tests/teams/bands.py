"""Teams for tests: founded by the house, with members who have phones, and shifts at a wall-clock time."""

from __future__ import annotations

from datetime import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.activities.actions import sign_up
from handlers.people.actions import join
from handlers.teams import actions, waves
from handlers.teams.actions import WeeklyShift
from models.activities import ActivitySession, Enrolment
from models.identity import Person
from models.outbox import OutboxRow
from models.teams import Team, member_of
from models.teams_covers import Cover
from models.teams_shifts import sessions_of
from tests.activities.plans import house
from tests.neighbours import Phone, Town

MONDAY = "2026-11-23 09:00"
LEADER, HAN, LI, WANG = "马秀兰", "韩世杰", "李桂英", "王福"
PATROL = WeeklyShift(1, time(19, 30), time(21), 2, "社区门口", "夜巡")


def known(town: Town, name: str) -> Phone:
    """A neighbour who has joined, with name and phone."""
    phone = town.phone(name)

    def unit(session: Session) -> None:
        number = f"1390000{sum(map(ord, name)) % 10000:04d}"
        join(phone.actor(session), name=name, phone=number)

    town.writing(unit)
    return phone


def a_team(town: Town, *names: str, leader: str = LEADER, **facts: Any) -> int:
    """The id of a team with this leader and these members, all by name."""
    for name in (leader, *names):
        known(town, name)

    def unit(session: Session) -> int:
        by = house(session)
        told = {"name": "阿娘夜巡队", "kind": "patrol", "sentence": "晚上在院里走一圈。"} | facts
        team = actions.found_team(by, **told)
        session.flush()
        for name in (leader, *names):
            row = actions.add(by, team, town.phone(name).person(session))
            row.phone_shown = True
            if name == leader:
                actions.set_role(by, row, "leader")
        return team.id

    return town.writing(unit)


def planned(town: Town, team: int, wish: WeeklyShift = PATROL) -> list[int]:
    """The ids of the sessions that came of this plan."""

    def unit(session: Session) -> list[int]:
        row = session.get_one(Team, team)
        plan = actions.plan_shift(house(session), row, wish)
        actions.fill(house(session), row)
        mine = sessions_of(row).where(ActivitySession.activity_id == plan.activity_id)
        return [one.id for one in session.scalars(mine).unique()]

    return town.writing(unit)


def on(town: Town, number: int, *names: str) -> None:
    """These members sign up for this shift."""
    for name in names:
        town.writing(
            lambda s, name=name: sign_up(town.phone(name).actor(s), s.get_one(ActivitySession, number)).id
        )


def who_comes(town: Town, number: int) -> set[str]:
    with town.reading() as session:
        mine = Enrolment.session_id == number, Enrolment.state == "joined"
        return {row.person.name or "" for row in session.scalars(select(Enrolment).where(*mine))}


def looked_after(town: Town) -> int:
    """What the scheduler's hands do every half second."""
    return waves.look_after_shifts(town.site)


def told(town: Town, kind: str) -> list[str]:
    """To whom messages of this kind wait, by name."""
    with town.reading() as session:
        mine = OutboxRow.kind == f"teams.{kind}", OutboxRow.state == "waiting"
        rows = session.scalars(select(OutboxRow).where(*mine).order_by(OutboxRow.id)).all()
        return [session.get_one(Person, row.person_id).name or "" for row in rows]


def facts_of(town: Town, kind: str) -> list[dict[str, Any]]:
    with town.reading() as session:
        mine = select(OutboxRow).where(OutboxRow.kind == f"teams.{kind}").order_by(OutboxRow.id)
        return [row.facts for row in session.scalars(mine)]


def standing(town: Town, team: int, name: str) -> str:
    """How this neighbour stands in the team: "leader", "deputy", "member" when they are in it, else the state."""
    with town.reading() as session:
        row = member_of(session, session.get_one(Team, team), town.phone(name).person(session))
        return "" if row is None else row.role if row.state == "active" else row.state


def row_id(town: Town, team: int, name: str) -> int:
    with town.reading() as session:
        row = member_of(session, session.get_one(Team, team), town.phone(name).person(session))
        assert row is not None
        return row.id


def cover_states(town: Town) -> list[str]:
    with town.reading() as session:
        return list(session.scalars(select(Cover.state).order_by(Cover.id)))
