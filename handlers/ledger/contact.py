"""Who sees whom. Before the asker has agreed: the asker the helper's name, roughly where they live, and whether the
community knows them; the helper nothing. Behind it both each other's name and phone, the helper also where to go; until
a day after it was done, or after the day if nobody said a word (trust L14). That it was looked at is written down."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select

from app import audit, clock
from models.exchange import OPEN, Exchange, ExchangeHand
from models.households import stay_of
from models.identity import Actor, Person
from models.places import Place
from models.proxies import live_proxies

SHOWN_FOR = timedelta(hours=24)


class Seen(NamedTuple):
    """What one side may see of the other."""

    name: str
    phone: str
    place: str


class Candidate(NamedTuple):
    """Who said yes and waits for the asker's word: no phone, no door. `known` is whether the community has them in the
    register of a household, which is more than a typed name and phone."""

    hand: ExchangeHand
    name: str
    area: str
    known: bool


def of_asker(by: Actor, hand: ExchangeHand) -> Seen | None:
    """For a hand that may come: whose door, and what was written for them."""
    row = hand.exchange
    mine = hand.person_id == by.me.id
    if not mine or row.asker is None or not _is_shown(hand):
        return None
    audit.note(by, "ledger.see_contact", row, persons=[row.asker.id])
    return Seen(row.asker.name or "", row.asker.phone or "", _place(row.asker))


def of_helpers(by: Actor, row: Exchange) -> list[Seen]:
    """For the asker: who comes."""
    if row.asker_id != by.me.id:
        return []
    come = [one.person for one in row.live if one.person is not None and _is_shown(one)]
    if come:
        audit.note(by, "ledger.see_contact", row, persons=[one.id for one in come])
    return [Seen(one.name or "", one.phone or "", "") for one in come]


def candidates(by: Actor, row: Exchange) -> list[Candidate]:
    """For the asker: who said yes and waits for their word."""
    if row.asker_id != by.me.id or row.state not in ("asked", "matched"):
        return []
    waiting = [(one, one.person) for one in row.waiting if one.person is not None]
    if waiting:
        audit.note(by, "ledger.see_candidates", row, persons=[person.id for _, person in waiting])
    known = [(hand, person, stay_of(by.session, person) is not None) for hand, person in waiting]
    return [Candidate(hand, one.name or "", _area(one.place), is_known) for hand, one, is_known in known]


def _is_shown(hand: ExchangeHand) -> bool:
    row = hand.exchange
    if hand.agreed_at is None or hand.state not in ("promised", "done") or row.state not in OPEN:
        return False
    return clock.now() <= _last_moment(row, hand)


def _last_moment(row: Exchange, hand: ExchangeHand) -> datetime:
    """A day after it was done; before that a day after the wanted day is over, or after a later word."""
    if hand.state == "done" and hand.ended_at is not None:
        return hand.ended_at + SHOWN_FOR
    day_is_over = clock.at(row.wanted_on + timedelta(days=1), time())
    return max(day_is_over, hand.agreed_at or day_is_over) + SHOWN_FOR


def _place(person: Person) -> str:
    return person.place.full_name if person.place else ""


def _area(place: Place | None) -> str:
    """The estate, or what is known above it; never the building or the stairs."""
    names = [one.name for one in place.line if one.kind in ("committee", "estate")] if place else []
    return names[-1] if names else ""


def kin_of(by: Actor) -> list[Person]:
    """Those who have agreed to act for one another: the only relatives whom the house knows from both sides."""
    found = [proxy.other_side(by.me) for proxy in by.session.scalars(live_proxies(by.me))]
    known = {one.id for one in found if one.erased_at is None and one.merged_into_id is None}
    return list(by.session.scalars(select(Person).where(Person.id.in_(known)).order_by(Person.id)))
