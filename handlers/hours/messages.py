"""What people are told about their hours when they are not in the chat. A lock screen may show it: no names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from models import outbox
from models.activities import ActivitySession
from models.hours import ServiceHours
from models.identity import Actor, Person

USEFUL = timedelta(days=7)


def tell(by: Actor, row: ServiceHours, to: Person | None, key: str, once: str, **facts: Any) -> bool:
    """Once for every `once`; nobody is told when `to` was erased."""
    if to is None or to.erased_at is not None:
        return False
    by.session.flush()
    known: dict[str, Any] = {"what": row.what, "minutes": row.minutes, "at": clock.now().isoformat()}
    known |= {"starts": row.started_at.isoformat()}
    return outbox.put(
        by.session,
        to=to,
        kind=f"hours.{key}",
        once=f"hours.{key}:{row.id}:{once}",
        facts=known | facts,
        useful_until=clock.now() + USEFUL,
    )


def ask_leader(by: Actor, held: ActivitySession, leader: Person, count: int) -> bool:
    """The session is over and hours wait for the leader's yes; said once."""
    return outbox.put(
        by.session,
        to=leader,
        kind="hours.to_confirm",
        once=f"hours.to_confirm:{held.id}:{leader.id}",
        facts={"what": held.activity.title, "count": count, "at": clock.now().isoformat()},
        useful_until=clock.now() + USEFUL,
    )


def changes(row: ServiceHours) -> str:
    """A key for this turn of a record: the same turn is told once."""
    return f"{row.revision}:{row.counted}:{int(clock.now().timestamp())}"
