"""Who sees whom: both sides of a promise each other's name and phone, the helper also where to go; from the yes on,
until a week after the day. That it was looked at is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select

from app import audit, clock
from models.exchange import Exchange, ExchangeHand
from models.identity import Actor, Person
from models.proxies import live_proxies

SHOWN_FOR = timedelta(days=7)


class Seen(NamedTuple):
    """What one side may see of the other."""

    name: str
    phone: str
    place: str


def of_asker(by: Actor, hand: ExchangeHand) -> Seen | None:
    """For a hand that has promised: whose door, and what was written for them."""
    row = hand.exchange
    live = hand.state in ("promised", "done") and hand.person_id == by.me.id
    if not live or row.asker is None or not _is_fresh(row):
        return None
    audit.note(by, "ledger.see_contact", row, persons=[row.asker.id])
    return Seen(row.asker.name or "", row.asker.phone or "", _place(row.asker))


def of_helpers(by: Actor, row: Exchange) -> list[Seen]:
    """For the asker: who comes."""
    if row.asker_id != by.me.id or not _is_fresh(row):
        return []
    come = [one.person for one in row.live if one.person is not None]
    if come:
        audit.note(by, "ledger.see_contact", row, persons=[one.id for one in come])
    return [Seen(one.name or "", one.phone or "", "") for one in come]


def _is_fresh(row: Exchange) -> bool:
    open_still = row.state in ("asked", "matched", "done", "disputed")
    return open_still and row.wanted_on + SHOWN_FOR >= clock.today()


def _place(person: Person) -> str:
    return person.place.full_name if person.place else ""


def kin_of(by: Actor) -> list[Person]:
    """Those who have agreed to act for one another: the only relatives whom the house knows from both sides."""
    found = [proxy.other_side(by.me) for proxy in by.session.scalars(live_proxies(by.me))]
    known = {one.id for one in found if one.erased_at is None and one.merged_into_id is None}
    return list(by.session.scalars(select(Person).where(Person.id.in_(known)).order_by(Person.id)))
