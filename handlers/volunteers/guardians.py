"""What guardians hear of a child: that it came, and who took it along. Only of activities with seats for children."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from models import outbox
from models.activities import ActivitySession
from models.activities_rules import groups_of
from models.collectors import guardians_of
from models.identity import Actor, Person
from models.volunteers import Scan

FRESH = timedelta(minutes=30)  # what comes later, from a sheet or a queue, is no news any more


def is_for_pupils(held: ActivitySession) -> bool:
    return any(one.minors for one in groups_of(held.activity.groups))


def tell_arrival(by: Actor, scan: Scan, child: Person) -> None:
    held = scan.session
    if not is_for_pupils(held) or scan.occurred_at < clock.now() - FRESH:
        return
    _tell(by, held, child, "arrived", f"{scan.person_id}:{scan.nonce}", at=scan.occurred_at.isoformat())


def tell_collected(by: Actor, scan: Scan, child: Person, who: str) -> None:
    once = f"{scan.person_id}:{scan.nonce}"
    _tell(by, scan.session, child, "collected", once, at=scan.occurred_at.isoformat(), who=who)


def _tell(by: Actor, held: ActivitySession, child: Person, key: str, once: str, **facts: str) -> None:
    for guardian in guardians_of(by.session, child):
        outbox.put(
            by.session,
            to=guardian,
            kind=f"volunteers.{key}",
            once=f"volunteers.{key}:{guardian.id}:{once}",
            facts={"activity": held.activity.title, "child": child.name or "孩子", **facts},
            useful_until=held.shuts_at + FRESH,
        )
