"""What goes out about a team and its shifts. Names of residents stand only in what leaders and fellow members get."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app import clock
from models import outbox
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.teams import TeamMember, leaders

USEFUL = timedelta(days=7)


def tell(
    by: Actor,
    to: Person | None,
    key: str,
    once: str,
    *,
    due: datetime | None = None,
    until: datetime | None = None,
    **facts: Any,
) -> bool:
    """A message of the kind "teams.key", once for each `once`; nobody is told when `to` was erased."""
    if to is None:
        return False
    return outbox.put(
        by.session,
        to=to,
        kind=f"teams.{key}",
        once=_once(key, once),
        facts=facts,
        due=due,
        useful_until=until or clock.now() + USEFUL,
    )


def tell_member(by: Actor, row: TeamMember, key: str) -> bool:
    """Something about somebody's standing; another change of it is another story."""
    once = f"{row.id}:{row.changed_at.timestamp():.6f}"
    child = row.person.name if row.guardian is not None else None
    at = clock.now().isoformat()
    return tell(by, row.answers, key, once, team=row.team.name, child=child, at=at)


def tell_leaders(by: Actor, row: TeamMember, key: str, **facts: Any) -> int:
    """The residents who lead the team, but not whoever does it."""
    told = 0
    for leader in by.session.scalars(leaders(row.team)).all():
        if by.person is None or leader.person_id != by.person.id:
            once = f"{row.id}:{row.changed_at.timestamp():.6f}:{leader.person_id}"
            told += tell(by, leader.person, key, once, team=row.team.name, **facts)
    return told


def tell_of_shift(
    by: Actor, to: Person | None, key: str, once: str, held: ActivitySession, **facts: Any
) -> bool:
    """Nothing about a shift is of use once it has begun."""
    return tell(by, to, key, once, until=held.starts, **shift_facts(held), **facts)


def shift_facts(held: ActivitySession) -> dict[str, Any]:
    return {"activity": held.activity.title, "starts": held.starts.isoformat(), "place": held.place}


def take_back(by: Actor, key: str, once: str) -> bool:
    """Stop a message; False when it has left."""
    return outbox.cancel(by.session, _once(key, once))


def _once(key: str, once: str) -> str:
    return f"teams.{key}:{once}"
