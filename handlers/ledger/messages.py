"""What people are told about their hours. A lock screen may show it: hours, kinds of help, never a name or a door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from models import outbox
from models.exchange import Exchange
from models.identity import Actor, Person
from models.ledger import TimeAccount
from models.partners import PartnerVoucher

USEFUL = timedelta(days=14)


def tell_holder(
    by: Actor, account: TimeAccount, kind: str, key: str, *, minutes: int, what: str = ""
) -> None:
    """Whose account it is, once for each transfer; teams, partners and the pool read it at the desk."""
    facts = {"minutes": minutes, "what": what}
    _put(by, account.person, kind, f"{kind}:{key}", facts)


def tell(by: Actor, exchange: Exchange, to: Person | None, kind: str, **facts: Any) -> bool:
    """Once for every change of the request; nobody is told when `to` was erased."""
    return _put(by, to, kind, _key(exchange, kind, to), _facts(exchange) | facts)


def tell_used(by: Actor, voucher: PartnerVoucher) -> None:
    """Whoever held it hears that it was used: a voucher that somebody else used is noticed at once."""
    offer = voucher.offer
    facts = {"what": offer.title, "minutes": offer.minutes}
    _put(by, voucher.person, "ledger.voucher_used", f"ledger.voucher_used:{voucher.id}", facts)


def take_back(by: Actor, kind: str, key: str) -> bool:
    """Stop a message; False when it has left."""
    return outbox.cancel(by.session, f"{kind}:{key}")


def take_back_told(by: Actor, exchange: Exchange, to: Person | None, kind: str) -> bool:
    return outbox.cancel(by.session, _key(exchange, kind, to))


def remind(by: Actor, exchange: Exchange, to: Person | None) -> bool:
    """A word to whoever has not answered; once for each time that it was said to be done."""
    key = f"ledger.reminder:{exchange.id}:{exchange.revision}"
    return _put(by, to, "ledger.reminder", key, _facts(exchange))


def _put(by: Actor, to: Person | None, kind: str, once: str, facts: dict[str, Any]) -> bool:
    if to is None or to.erased_at is not None:
        return False
    by.session.flush()
    facts = facts | {"at": clock.now().isoformat()}
    until = clock.now() + USEFUL
    return outbox.put(by.session, to=to, kind=kind, once=once, facts=facts, useful_until=until)


def _key(exchange: Exchange, kind: str, to: Person | None) -> str:
    return f"{kind}:{exchange.id}:{exchange.revision}:{to.id if to else 0}"


def _facts(exchange: Exchange) -> dict[str, Any]:
    return {
        "number": exchange.number,
        "what": exchange.category,
        "minutes": exchange.minutes,
        "day": exchange.wanted_on.isoformat(),
    }
