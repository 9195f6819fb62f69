"""Invented hours in every state, out of the patrols that volunteers' seed has walked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.hours import actions
from models.hours import ServiceHours
from models.identity import Actor, Person
from models.people import residents


def seed(session: Session) -> None:
    """Some are confirmed, one is posted, one is argued about, one waits for who was served; the rest wait for a yes."""
    by = Actor(session, channel="job")
    rows = list(session.scalars(select(ServiceHours).order_by(ServiceHours.id)))
    people = list(session.scalars(residents().order_by(Person.id).limit(6)))
    if len(rows) < 4:
        return
    actions.confirm(by, rows[0])
    rows[0].dispute_until = clock.now()
    actions.post(by, rows[0])
    actions.confirm(by, rows[1])
    if rows[2].person is not None:
        actions.object_to(Actor(session, rows[2].person, channel="job"), rows[2], "我做到11点半才走")
    if len(people) == 6 and rows[3].person_id != people[5].id:
        actions.name_served(by, rows[3], people[5])
        actions.confirm(by, rows[3])
