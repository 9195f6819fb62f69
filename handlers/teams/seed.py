"""Two invented teams: a patrol whose evenings the house plans in turn, and a dance group that signs up by itself."""

from __future__ import annotations

from datetime import time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.teams import actions
from handlers.teams.actions import WeeklyShift
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.proxies import is_ward
from models.teams import Team, TeamMember
from models.teams_shifts import shifts_of
from models.teams_thanks import to_review

PATROL = (
    WeeklyShift(1, time(19, 30), time(21), 3, "互助中路社区门口", "夜巡", rota="even"),
    WeeklyShift(4, time(19, 30), time(21), 3, "互助中路社区门口", "夜巡", rota="even"),
    WeeklyShift(5, time(10), time(11, 30), 4, "东府佳苑院内", "看望老人"),
)
DANCE = (
    WeeklyShift(0, time(19), time(20, 30), 20, "文化站排练厅", "排练", alarm_hours=0),
    WeeklyShift(3, time(19), time(20, 30), 20, "文化站排练厅", "排练", alarm_hours=0),
)
CALLED = ("马阿娘", "张阿娘", "卓玛", "李大姐", "韩阿娘", "王阿姨", "小冶", "老才")


def seed(session: Session) -> None:
    by = Actor(session, channel="job")
    grown = Person.joined_at.is_not(None), Person.name.is_not(None), ~is_ward()
    known = select(Person).where(*grown)
    people = list(session.scalars(known.order_by(Person.id).limit(16)))
    patrol = actions.found_team(
        by,
        name="阿娘夜巡队",
        kind="patrol",
        programme="watch",
        sentence="晚上两三个人一起在院里走一圈,看看门窗、电瓶车,问问老人。",
        contact_hours="每天上午9点到11点",
        least=4,
        most=30,
    )
    dance = actions.found_team(
        by,
        name="夏都舞蹈队",
        kind="art",
        programme="culture",
        sentence="广场舞和社火的排练,会不会跳都能来。",
        contact_hours="周一到周五下午",
        entry="ask",
        least=6,
        most=40,
        listed=True,
    )
    session.flush()
    for team, members, plans in ((patrol, people[:7], PATROL), (dance, people[5:13], DANCE)):
        _members(by, team, members)
        for plan in plans:
            actions.plan_shift(by, team, plan)
        actions.fill(by, team)
    _who_asks(by, patrol, people[13:15])
    _who_cannot_come(by, people[1:3])
    _thanks(by, patrol)


def _members(by: Actor, team: Team, people: list[Person]) -> None:
    for at, person in enumerate(people):
        row = actions.add(by, team, person)
        row.called, row.phone_shown = CALLED[at % len(CALLED)], at % 3 != 2
        if at < 2:
            actions.set_role(by, row, ("leader", "deputy")[at])
    if not people:
        actions.rest(by, team)


def _who_asks(by: Actor, team: Team, people: list[Person]) -> None:
    for person in people:
        if team.state == "active":
            actions.ask(Actor(by.session, person, channel="job"), team, phone_shown=True)


def _who_cannot_come(by: Actor, people: list[Person]) -> None:
    in_time = ActivitySession.starts > clock.now() + timedelta(hours=1)
    for person in people:
        held = by.session.scalars(shifts_of(person).where(in_time).limit(1)).unique().first()
        if held is not None:
            actions.ask_cover(Actor(by.session, person, channel="job"), held)


def _thanks(by: Actor, team: Team) -> None:
    """One on the wall, one to be read."""
    rows = by.session.scalars(select(TeamMember).where(TeamMember.team_id == team.id).limit(3)).all()
    words = ("下雪那天还来院里转,心里踏实。", "半夜帮我找回了走丢的老伴,谢谢您。")
    for row, said in zip(rows[1:], words, strict=False):
        actions.thank_member(by, row, said)
    by.session.flush()
    first = rows[1] if len(rows) > 1 else None
    if first is not None:
        said_first = by.session.scalars(to_review().limit(1)).one()
        actions.approve(by, said_first, said_first.text or "")
        actions.choose_shown(Actor(by.session, first.person, channel="job"), said_first, True)
