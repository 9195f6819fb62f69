"""What goes out about a matter: its number and how far it is. Never a word of it: a lock screen is read by others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from models import outbox
from models.identity import Actor
from models.matters import Matter

USEFUL = timedelta(days=14)


def tell(by: Actor, matter: Matter, kind: str, **facts: Any) -> None:
    """A message of the kind "matters.key", once for every step; the nameless and the erased are told nothing."""
    if matter.person is None:
        return
    by.session.flush()
    known = {"number": matter.number, "at": clock.now().isoformat()}
    outbox.put(
        by.session,
        to=matter.person,
        kind=kind,
        once=f"{kind}:{matter.id}:{matter.revision}",
        facts=known | facts,
        useful_until=clock.now() + USEFUL,
    )
