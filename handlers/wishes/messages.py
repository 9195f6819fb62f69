"""What goes out about a wish: to the wisher when somebody moves it on, to the claimer before and after the last day.

A message carries the number and the public words only: a lock screen shows what everybody may read.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from models import outbox
from models.identity import Actor, Person
from models.wishes import Claim, Wish

USEFUL = timedelta(days=14)


def tell(by: Actor, wish: Wish, to: Person | None, kind: str, **facts: Any) -> None:
    """A message of the kind "wishes.key", once for every change of the wish; nobody is told when `to` was erased."""
    if to is None:
        return
    by.session.flush()
    outbox.put(
        by.session,
        to=to,
        kind=kind,
        once=_key(wish, kind),
        facts=_facts(wish) | facts,
        useful_until=clock.now() + USEFUL,
    )


def take_back(by: Actor, wish: Wish, kind: str) -> bool:
    """Stop the message of the last change; False when it has left."""
    return outbox.cancel(by.session, _key(wish, kind))


def remind(by: Actor, claim: Claim) -> bool:
    """A word on the day before the last; once for each last day. False when it was written before."""
    if claim.person is None:
        return False
    return outbox.put(
        by.session,
        to=claim.person,
        kind="wishes.reminder",
        once=f"wishes.reminder:{claim.id}:{claim.due.isoformat()}",
        facts=_facts(claim.wish) | {"due": claim.due.isoformat(), "can_renew": claim.can_be_renewed},
        useful_until=clock.now() + timedelta(days=1),
    )


def _key(wish: Wish, kind: str) -> str:
    return f"{kind}:{wish.id}:{wish.revision}"


def _facts(wish: Wish) -> dict[str, Any]:
    return {"number": wish.number, "title": wish.title, "at": clock.now().isoformat()}
