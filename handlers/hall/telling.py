"""What is told beside the screen: it is your turn soon, now, it was and you were not there, the day is over.

Whoever has no WeChat with us hears their number in the hall. Of a discreet service a lock screen shows nothing but a
number and a window.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from models import hall as model
from models import outbox
from models.identity import Actor
from models.plans import Service
from models.tickets import TOLD_BEFORE, Ticket, play_forward, waiting_now
from models.windows import HallWindow

SOON_USEFUL, CALL_USEFUL, LATER = timedelta(minutes=30), timedelta(minutes=10), timedelta(hours=3)


def tell_who_is_near(by: Actor, service: Service) -> None:
    """Those before whom TOLD_BEFORE or fewer are left hear it once."""
    by.session.flush()
    waiting = waiting_now(by.session, model.pool_of(by.session, service).services)
    for one in play_forward(waiting)[: TOLD_BEFORE + 1]:
        if one.ticket.soon_at is None:
            one.ticket.soon_at = clock.now()
            _tell(by, one.ticket, "soon", "", SOON_USEFUL, before=one.before)


def tell_called(by: Actor, ticket: Ticket, window: HallWindow) -> None:
    _tell(by, ticket, "called", f":{ticket.calls}", CALL_USEFUL, window=window.name)


def tell_aside(by: Actor, ticket: Ticket) -> None:
    back = ticket.back_at.isoformat() if ticket.back_at else None
    _tell(by, ticket, "aside", f":{ticket.missed}", LATER, back=back)


def tell_day_over(by: Actor, ticket: Ticket) -> None:
    _tell(by, ticket, "day_over", "", LATER)


def _tell(by: Actor, ticket: Ticket, key: str, turn: str, useful: timedelta, **more: Any) -> None:
    if ticket.person is None:
        return
    service = ticket.service
    facts = {
        "number": ticket.number,
        "service": service.public_name,
        "place": service.counter,
        "phone": service.phone,
        "at": clock.now().isoformat(),
    }
    outbox.put(
        by.session,
        to=ticket.person,
        kind=f"hall.{key}",
        once=f"hall.{key}:{ticket.id}{turn}",
        facts=facts | more,
        useful_until=clock.now() + useful,
    )
