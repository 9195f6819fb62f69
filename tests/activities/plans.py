"""Sessions for tests: planned by the house itself, at a wall-clock time of the community."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.activities import actions
from handlers.people.actions import join
from models.activities import Activity, ActivitySession
from models.identity import Actor, Person
from models.place_code import code_at
from tests.neighbours import Phone, Town

MONDAY = "2026-11-23 09:00"


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.COMMUNITY)


def house(session: Session) -> Actor:
    return Actor(session, channel="job")


def a_session(
    town: Town,
    title: str = "河道清洁",
    starts: str = MONDAY,
    *,
    hours: float = 2,
    capacity: int = 5,
    leader: Phone | None = None,
    listed: bool = True,
) -> int:
    """The id of a session of a new activity, two hours from Monday nine o'clock unless told otherwise."""

    def unit(session: Session) -> int:
        by = house(session)
        who: Person | str = leader.actor(session).me if leader else "张河长"
        activity = actions.plan_activity(
            by, title=title, sentence="一起来。", place="湟水河步道", leader=who, listed=listed
        )
        opens = wall(starts)
        planned = actions.plan_session(
            by, activity, starts=opens, ends=opens + timedelta(hours=hours), capacity=capacity
        )
        return planned.id

    return town.writing(unit)


def on_file(town: Town, phone: Phone, name: str = "马秀兰", number: str = "13900000001") -> int:
    """This neighbour has joined, with name and phone; their id."""

    def unit(session: Session) -> int:
        return join(phone.actor(session), name=name, phone=number).id

    return town.writing(unit)


def digits(town: Town, number: int) -> str:
    """What the leader's screen shows at this moment."""
    with town.reading() as session:
        return code_at(session.get_one(ActivitySession, number), clock.now()).digits


def token(town: Town, number: int) -> str:
    with town.reading() as session:
        return code_at(session.get_one(ActivitySession, number), clock.now()).token


def taken(town: Town, number: int) -> int:
    with town.reading() as session:
        return session.get_one(ActivitySession, number).taken


def activities(town: Town) -> list[str]:
    with town.reading() as session:
        return list(session.scalars(select(Activity.title).order_by(Activity.id)))
