"""What people are told about sessions when they are not in the chat, and by which name it is told only once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app import clock
from models import outbox
from models.activities import ActivitySession, Enrolment, everybody_in
from models.activities_audience import leaders_of
from models.identity import Actor, Person

HOLD_BACK = timedelta(minutes=10)
SOON = timedelta(hours=3)


def facts_of(session: ActivitySession) -> dict[str, Any]:
    return {
        "activity": session.activity.title,
        "starts": session.starts.isoformat(),
        "place": session.place,
    }


def tell(by: Actor, person: Person, key: str, once: str, session: ActivitySession, **more: Any) -> bool:
    """`due` and `useful_until` go to the outbox, everything else into the words."""
    due = more.pop("due", None)
    until = more.pop("useful_until", session.ends)
    return outbox.put(
        by.session,
        to=person,
        kind=f"activities.{key}",
        once=f"activities.{key}:{once}",
        facts=facts_of(session) | more,
        due=due,
        useful_until=until,
    )


def tell_head(by: Actor, head: Enrolment, key: str, **more: Any) -> None:
    """Something about this place in the line; another number is another story."""
    tell(by, head.person, key, f"{head.id}:{head.line}", head.session, **more)


def tell_everybody(by: Actor, session: ActivitySession, key: str, **more: Any) -> int:
    """Those who joined or wait, and the residents who lead it; how many. The same change is told once."""
    people = who_hears(by, session)
    for person in people:
        tell(by, person, key, once_in(session, person), session, **more)
    return len(people)


def who_hears(by: Actor, session: ActivitySession) -> list[Person]:
    """Whoever does it themselves needs no word of it."""
    people = [row.person for row in by.session.scalars(everybody_in(session))]
    known = {one.id: one for one in (*people, *leaders_of(by.session, session.activity))}
    return [one for key, one in sorted(known.items()) if by.person is None or key != by.person.id]


def take_back(by: Actor, session: ActivitySession, key: str) -> bool:
    """Stop the last word of this kind; False when somebody has it already."""
    onces = [f"activities.{key}:{once_in(session, person)}" for person in who_hears(by, session)]
    stopped = [outbox.cancel(by.session, once) for once in onces]
    return all(stopped)


def once_in(session: ActivitySession, person: Person) -> str:
    return f"{session.id}:{session.revision}:{person.id}"


def held_back(session: ActivitySession) -> datetime | None:
    """When to send: in ten minutes, so that a slip can be taken back, unless it is too near for that."""
    now = clock.now()
    return now + HOLD_BACK if session.starts > now + SOON else None
