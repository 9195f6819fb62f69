"""Asking for help and offering it: minutes are set aside when it is asked, and come back when it comes to nothing."""

from __future__ import annotations

import secrets
from datetime import date

from sqlalchemy import select

from app import audit, clock
from handlers.ledger import messages
from handlers.ledger.sentences import check_day, reason_in, text_in
from handlers.ledger.standing import must_be_asker, must_be_joined, must_be_staff
from handlers.people import actions as people
from models import ledger_moves as moves
from models.exchange import (
    CAN_BE_CANCELLED,
    CATEGORIES,
    LONGEST,
    MOST_HANDS,
    OFFERS_EACH,
    SHORTEST,
    STEP,
    Exchange,
    ExchangeHand,
    TimeOffer,
    check_may_ask,
    go_to,
    hold_exchange,
)
from models.identity import Actor, Person
from models.ledger import TimeAccount, keep_still, open_account
from models.refusal import Refusal


def ask(by: Actor, category: str, minutes: int, day: date, *, text: str = "", hands: int = 1) -> Exchange:
    """A resident on file asks for help; the minutes are set aside. A yes to the sentence that says who will see name
    and phone is the consent to `service`.

    Refuses with ledger.short, .join_first, .too_many_asked, .no_such_category, .odd_request, .no_such_day,
    people.consent_needed.
    """
    people.agree_to_service(by)
    must_be_joined(by)
    account = open_account(by.session, by.me)
    return _ask(by, account, by.me, category, minutes, day, text=text, hands=hands)


def ask_for_account(
    by: Actor, account: TimeAccount, category: str, minutes: int, day: date, *, text: str = "", hands: int = 1
) -> Exchange:
    """The desk asks for somebody at its window, or for a team or partner."""
    must_be_staff(by)
    return _ask(by, account, account.person, category, minutes, day, text=text, hands=hands)


def _ask(
    by: Actor,
    account: TimeAccount,
    asker: Person | None,
    category: str,
    minutes: int,
    day: date,
    *,
    text: str,
    hands: int,
) -> Exchange:
    _check(category, minutes, hands)
    said, wanted_on = text_in(text), check_day(day)
    account = keep_still(by.session, account.id)[account.id]
    check_may_ask(by.session, account)
    held = moves.hold(by.session, account, minutes * hands, f"exchange:{secrets.token_urlsafe(16)}")
    row = Exchange(asker=asker, account=account, hold=held, category=category, text=said or None)
    row.minutes, row.hands, row.wanted_on, row.channel = minutes, hands, wanted_on, by.channel
    by.session.add(row)
    audit.note(by, "ledger.ask", row, minutes=minutes, hands=hands, category=category)
    _tell_offerers(by, row)
    return row


def _check(category: str, minutes: int, hands: int) -> None:
    if category not in CATEGORIES:
        raise Refusal("ledger.no_such_category")
    if not SHORTEST <= minutes <= LONGEST or minutes % STEP:
        raise Refusal("ledger.odd_request", least=SHORTEST, most=LONGEST // 60, step=STEP)
    if not 1 <= hands <= MOST_HANDS:
        raise Refusal("ledger.bad_group", most=MOST_HANDS)


def _tell_offerers(by: Actor, exchange: Exchange) -> None:
    """Those who offer this kind of help, a few of them in turn: whoever was told longest ago first."""
    mine = TimeOffer.person_id == exchange.asker_id
    found = select(TimeOffer).where(
        TimeOffer.category == exchange.category, TimeOffer.state == "open", TimeOffer.person_id.is_not(None)
    )
    if exchange.asker_id is not None:
        found = found.where(~mine)
    in_turn = found.order_by(TimeOffer.told_at.nulls_first(), TimeOffer.id).limit(OFFERS_EACH)
    for offer in by.session.scalars(in_turn):
        if messages.tell(by, exchange, offer.person, "ledger.wanted"):
            offer.told_at = clock.now()


def cancel(by: Actor, exchange: Exchange, reason: str = "") -> Exchange:
    """The asker (or the staff, with a reason) takes it back: the minutes are free again, hands are told."""
    row = hold_exchange(by.session, exchange)
    must_be_asker(by, row)
    if row.state not in CAN_BE_CANCELLED:
        raise Refusal("ledger.not_now", exchange=row)
    row.reason = reason_in(reason) if by.staff is not None else row.reason
    end(by, row, "cancelled")
    audit.note(by, "ledger.cancel", row)
    if by.staff is not None:
        messages.tell(by, row, row.asker, "ledger.ended")
    return row


def end(by: Actor, exchange: Exchange, state: str) -> None:
    """Give back what was set aside and let the hands go; behind `hold_exchange`."""
    go_to(exchange, state)
    moves.end_hold(by.session, exchange.hold, "released")
    for hand in exchange.live:
        hand.state, hand.ended_at = "withdrawn", clock.now()
        messages.tell(by, exchange, hand.person, "ledger.cancelled")


def expire(by: Actor, exchange: Exchange) -> bool:
    """Nobody came within two weeks of the day: the minutes come back. False when it has moved on meanwhile."""
    row = hold_exchange(by.session, exchange)
    if row.state != "asked" or row.last_day >= clock.today():
        return False
    end(by, row, "expired")
    audit.note(by, "ledger.expire", row)
    messages.tell(by, row, row.asker, "ledger.expired")
    return True


# ---- offers ------------------------------------------------------------------------------------------------


def offer(by: Actor, category: str, *, text: str = "", for_: Person | None = None) -> TimeOffer:
    """What somebody can do for others; said twice it is one offer, with the newer words."""
    if for_ is not None:
        must_be_staff(by)
    person = for_ or by.me
    people.agree_to_service(by)
    if for_ is None:
        must_be_joined(by)
    if category not in CATEGORIES:
        raise Refusal("ledger.no_such_category")
    said = text_in(text) or None
    same = select(TimeOffer).where(
        TimeOffer.person_id == person.id, TimeOffer.category == category, TimeOffer.state == "open"
    )
    row = by.session.scalar(same.with_for_update())
    if row is None:
        row = TimeOffer(person=person, category=category)
        by.session.add(row)
    row.text = said or row.text
    audit.note(by, "ledger.offer", row, category=category)
    return row


def stop_offer(by: Actor, row: TimeOffer) -> TimeOffer:
    if by.staff is None and (by.person is None or by.person.id != row.person_id):
        raise Refusal("ledger.not_yours")
    if row.state == "open":
        row.state, row.ended_at = "closed", clock.now()
        audit.note(by, "ledger.stop_offer", row)
    return row


def open_again(by: Actor, row: TimeOffer) -> TimeOffer:
    """Undo the end of an offer."""
    return offer(by, row.category, text=row.text or "")


def live_hand(exchange: Exchange, person: Person) -> ExchangeHand | None:
    return next((one for one in exchange.live if one.person_id == person.id), None)
