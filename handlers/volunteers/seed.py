"""Invented volunteers of the last weeks, so that hours are there to be looked at."""

from __future__ import annotations

from datetime import time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.activities.actions import plan_session
from handlers.volunteers import tablets
from handlers.volunteers.actions import close_session, tick
from models.activities import Activity
from models.identity import Actor, Person

# people, days ago, from, until
PAST = ((3, 2, time(9), time(11)), (2, 9, time(9), time(11, 30)))


def seed(session: Session) -> None:
    """Whoever of the invented neighbourhood has joined did two patrols; without people there is nothing to do."""
    by = Actor(session, channel="job")
    patrol = session.scalar(select(Activity).order_by(Activity.id).limit(1))
    people = list(
        session.scalars(select(Person).where(Person.joined_at.is_not(None)).order_by(Person.id).limit(3))
    )
    if patrol is None:
        return
    tablets.add(by, name="步道口的平板", place=patrol.place)
    for count, days, opens, closes in PAST:
        day = clock.today() - timedelta(days=days)
        held = plan_session(by, patrol, starts=clock.at(day, opens), ends=clock.at(day, closes), capacity=20)
        for person in people[:count]:
            tick(by, held, person, "in", occurred_at=held.starts)
            tick(by, held, person, "out", occurred_at=held.ends)
        close_session(by, held)
