"""What a volunteer is told about a proof. A lock screen may show it: a number and a day, never a name or hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from models import outbox
from models.certificates import Certificate
from models.identity import Actor, Person

USEFUL = timedelta(days=30)


def tell(by: Actor, certificate: Certificate, key: str, *, once: object = "", **facts: Any) -> None:
    """A message of the kind "certificates.key", once; nobody is told when the person is gone."""
    tell_person(by, certificate.person, certificate, key, once=once, **facts)


def tell_person(
    by: Actor, to: Person | None, certificate: Certificate, key: str, *, once: object = "", **facts: Any
) -> None:
    if to is None or to.erased_at is not None:
        return
    by.session.flush()
    outbox.put(
        by.session,
        to=to,
        kind=f"certificates.{key}",
        once=f"certificates.{key}:{certificate.id}:{once}",
        facts=facts | {"called": certificate.called, "at": clock.now().isoformat()},
        useful_until=clock.now() + USEFUL,
    )
