"""Partner units: what nobody promised within two weeks is offered to one of them after the other, a week each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app import audit, clock
from handlers.wishes import messages
from handlers.wishes.claims import promise
from handlers.wishes.standing import end_ask, must_be_staff
from models.identity import Actor, Person
from models.refusal import Refusal
from models.wish_partners import (
    ANSWER_WITHIN,
    MOST_OF_PARTNER,
    WishAsk,
    WishPartner,
    next_partner,
    overdue_asks,
    partner_of,
    to_ask_for,
)
from models.wishes import CATEGORIES, Claim, Wish, hold, hold_person


def keep_partner(
    by: Actor,
    partner: WishPartner | None,
    *,
    name: str,
    person: Person,
    categories: Sequence[str],
    most: int,
    active: bool = True,
) -> WishPartner:
    """Enter a unit, or change it: who speaks for it, which wishes it looks at, how many it may hold."""
    must_be_staff(by)
    if not name.strip() or not 1 <= most <= MOST_OF_PARTNER or not set(categories) <= set(CATEGORIES):
        raise Refusal("wishes.bad_partner", most=MOST_OF_PARTNER)
    row = partner or WishPartner()
    row.name, row.person, row.categories = name.strip(), person, list(categories)
    row.most, row.active = most, active
    by.session.add(row)
    by.session.flush()
    audit.note(by, "wishes.keep_partner", row, active=active)
    return row


def ask_partners(by: Actor) -> tuple[int, int]:
    """End what was not answered, and ask the next unit for each wish that waits: how many of both."""
    late = by.session.scalars(overdue_asks()).all()
    for one in late:
        end_ask(by, hold(by.session, one.wish), "silent")
    by.session.flush()
    asked = [ask for wish in by.session.scalars(to_ask_for()).all() if (ask := _ask(by, wish)) is not None]
    for number, count in sorted(Counter(ask.partner_id for ask in asked).items()):
        messages.ask_partner(by, by.session.get_one(WishPartner, number), count)
    return len(asked), len(late)


def _ask(by: Actor, wish: Wish) -> WishAsk | None:
    wish = hold(by.session, wish)
    unit = next_partner(by.session, wish) if wish.state == "public" else None
    if unit is None:
        return None
    ask = WishAsk(wish=wish, partner=unit, asked_on=clock.today(), due=clock.today() + ANSWER_WITHIN)
    by.session.add(ask)
    by.session.flush()
    audit.note(by, "wishes.ask_partner", ask, wish=wish.id, partner=unit.id)
    return ask


def promise_for_unit(by: Actor, ask: WishAsk) -> Claim:
    """The unit's person says yes: a lease like any other, but not of their own two.

    Refuses with wishes.not_yours, .taken, .own_wish, .too_many_claims (of the unit).
    """
    unit = _unit(by, ask)
    hold_person(by.session, by.me)
    return promise(by, ask.wish, by.me, "wishes.claim", partner=unit)


def decline(by: Actor, ask: WishAsk) -> WishAsk:
    """The unit cannot: the next one is asked tomorrow."""
    _unit(by, ask)
    wish = hold(by.session, ask.wish)
    by.session.refresh(ask)
    if ask.state == "asked":
        end_ask(by, wish, "declined")
    return ask


def _unit(by: Actor, ask: WishAsk) -> WishPartner:
    mine = by.session.scalars(partner_of(by.me).where(WishPartner.id == ask.partner_id)).first()
    if mine is None:
        raise Refusal("wishes.not_yours")
    return mine
