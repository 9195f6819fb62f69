"""What goes out about a matter: its number and how far it is. Never a word of it: a lock screen is read by others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from models import outbox
from models.identity import Actor, Person
from models.matter_followers import followers_of
from models.matters import Matter

USEFUL = timedelta(days=14)


STAGES = frozenset(
    {"matters.assigned", "matters.working", "matters.due_moved", "matters.done", "matters.closed"}
)


def tell(by: Actor, matter: Matter, kind: str, **facts: Any) -> None:
    """A message of the kind "matters.key", once for every step, to who said it and, of a stage, to who said so too; the
    nameless and the erased are told nothing."""
    by.session.flush()
    once = f"{kind}:{matter.id}:{matter.revision}"
    if matter.person is not None:
        put(by, matter.person, kind, once, number=matter.number, **facts)
    for one in by.session.scalars(followers_of(matter)) if kind in STAGES else ():
        known = one.own or matter
        put(
            by,
            one.person,
            kind,
            f"{once}:{one.person_id}",
            number=known.number,
            also=one.own is None,
            **facts,
        )


def put(by: Actor, to: Person, kind: str, once: str, **facts: Any) -> None:
    facts = {"at": clock.now().isoformat(), "also": False} | facts
    outbox.put(by.session, to=to, kind=kind, once=once, facts=facts, useful_until=clock.now() + USEFUL)
