"""From a neighbour's yes to the hours: promised, done, confirmed by both sides, paid; or disputed, and settled by the
desk. Whoever moves a request holds it first, then its accounts in the order of their ids."""

from __future__ import annotations

from dataclasses import replace

from app import audit, clock
from handlers.ledger import messages
from handlers.ledger.agreeing import agree, needs_no_word
from handlers.ledger.asking import end, live_hand
from handlers.ledger.moves import UNDO_WITHIN, check_minutes
from handlers.ledger.sentences import reason_in
from handlers.ledger.standing import (
    must_be_asker,
    must_be_hand,
    must_be_joined,
    must_be_staff,
    must_not_be_own,
)
from handlers.people import actions as people
from models import ledger_moves as moves
from models.exchange import Exchange, ExchangeHand, check_may_promise, go_to, hold_exchange
from models.identity import Actor, Person
from models.ledger import TimeAccount, TimeTransfer, keep_still, open_account
from models.refusal import Refusal


def promise(by: Actor, exchange: Exchange) -> ExchangeHand:
    """A resident on file says yes; the asker is told, and agrees before either sees the other's phone or door. Who has
    exchanged with them before is known to them already.

    Refuses with ledger.taken, .own_request, .too_many_promised, .join_first, people.consent_needed.
    """
    people.agree_to_service(by)
    must_be_joined(by)
    return _promise(by, exchange, by.me, "ledger.promise")


def match(by: Actor, exchange: Exchange, person: Person) -> ExchangeHand:
    """The desk gives it to somebody who has said yes on the telephone, and answers for them; both are told."""
    must_be_staff(by)
    if people.has_withdrawn(replace(by, person=person), "service"):
        raise Refusal("ledger.has_withdrawn")
    hand = _promise(by, exchange, person, "ledger.match")
    if hand.agreed_at is None:  # they had said yes by themselves
        return agree(by, hand)
    messages.tell(by, hand.exchange, person, "ledger.matched")
    return hand


def _promise(by: Actor, exchange: Exchange, person: Person, action: str) -> ExchangeHand:
    row = hold_exchange(by.session, exchange)
    known = live_hand(row, person)
    if known is not None:
        return known
    check_may_promise(by.session, row, person)
    is_agreed = by.staff is not None or needs_no_word(by.session, row, person)
    hand = ExchangeHand(exchange=row, person=person, agreed_at=clock.now() if is_agreed else None)
    by.session.add(hand)
    by.session.flush()
    if len(row.live) == row.hands:
        go_to(row, "matched")
    audit.note(by, action, hand, exchange=row.id)
    messages.tell(by, row, row.asker, _said_yes(hand))
    return hand


def _said_yes(hand: ExchangeHand) -> str:
    """What the asker hears: who comes, or that they should say whether this one may."""
    return "ledger.promised" if hand.agreed_at else "ledger.may_come"


def enough(by: Actor, exchange: Exchange) -> Exchange:
    """Group work begins with those who are there: fewer places, and what was set aside for the rest comes back."""
    row = hold_exchange(by.session, exchange)
    must_be_asker(by, row)
    if row.state != "asked" or not row.live:
        raise Refusal("ledger.not_now", exchange=row)
    row.hands = len(row.live)
    _hold_anew(by, row)
    go_to(row, "matched")
    audit.note(by, "ledger.enough", row, hands=row.hands)
    return row


def withdraw_hand(by: Actor, hand: ExchangeHand) -> Exchange:
    """Who promised cannot come: others may again, and the asker is told."""
    row = hold_exchange(by.session, hand.exchange)
    must_be_hand(by, hand)
    if hand.state != "promised" or row.state not in ("asked", "matched"):
        raise Refusal("ledger.not_now", exchange=row)
    unheard = messages.take_back_told(by, row, row.asker, _said_yes(hand))
    hand.state, hand.ended_at = "withdrawn", clock.now()
    if row.state == "matched":
        go_to(row, "asked")
    row.yes_at = None
    audit.note(by, "ledger.withdraw_hand", hand, exchange=row.id)
    if not unheard:
        messages.tell(by, row, row.asker, "ledger.withdrawn")
    return row


# ---- both say that it was done -----------------------------------------------------------------------------


def mark_done(by: Actor, hand: ExchangeHand) -> Exchange:
    """A hand says that it is done; when all have, the asker is asked, or it is paid if they have said so already."""
    row = hold_exchange(by.session, hand.exchange)
    must_be_hand(by, hand)
    if hand.state != "promised" or row.state != "matched":
        raise Refusal("ledger.not_now", exchange=row)
    if hand.agreed_at is None:
        raise Refusal("ledger.not_agreed", exchange=row)
    hand.state, hand.ended_at = "done", clock.now()
    audit.note(by, "ledger.mark_done", hand, exchange=row.id)
    if all(one.state == "done" for one in row.live):
        go_to(row, "done")
        row.done_at = clock.now()
        if row.yes_at is None:
            messages.tell(by, row, row.asker, "ledger.done")
        else:
            pay(by, row, row.minutes)
    return row


def take_back_done(by: Actor, hand: ExchangeHand) -> Exchange:
    """Undo "done", while the asker has not confirmed it."""
    row = hold_exchange(by.session, hand.exchange)
    must_be_hand(by, hand)
    if hand.state != "done" or row.state not in ("done", "matched"):
        raise Refusal("ledger.not_now", exchange=row)
    if row.state == "done":
        messages.take_back_told(by, row, row.asker, "ledger.done")
        go_to(row, "matched")
        row.done_at = None
    hand.state, hand.ended_at = "promised", None
    audit.note(by, "ledger.take_back_done", hand, exchange=row.id)
    return row


def confirm(by: Actor, exchange: Exchange) -> Exchange:
    """The asker says that it was done. Both have said so: it is paid. Else the hands are asked. The staff may say it
    for an asker whom they have called, once the hands have said theirs."""
    row = hold_exchange(by.session, exchange)
    must_be_asker(by, row)
    if row.state not in ("matched", "done") or (by.staff is not None and row.state != "done"):
        raise Refusal("ledger.not_now", exchange=row)
    audit.note(by, "ledger.confirm", row)
    if row.state == "done":
        pay(by, row, row.minutes)
        return row
    if row.yes_at is None:
        row.yes_at = clock.now()
        row.revision += 1
        for hand in row.live:
            hand.agreed_at = hand.agreed_at or clock.now()
            if hand.state == "promised":
                messages.tell(by, row, hand.person, "ledger.is_it_done")
    return row


def pay(by: Actor, exchange: Exchange, minutes: int) -> TimeTransfer:
    """One transfer: from the asker to every hand that did it; what is left of the hold comes back."""
    hands = [one for one in exchange.live if one.person is not None]
    takers = {open_account(by.session, one.person).id: one for one in hands if one.person is not None}
    if not takers or exchange.account_id in takers:
        raise Refusal("ledger.not_now", exchange=exchange)
    keep_still(by.session, exchange.account_id, *takers)
    moves.end_hold(by.session, exchange.hold, "captured")
    go_to(exchange, "paid")
    legs = {exchange.account_id: -minutes * len(takers)} | dict.fromkeys(takers, minutes)
    staff = {"staff_id": by.staff.id} if by.staff else {}
    once = f"exchange:{exchange.id}:{exchange.revision}"
    transfer, _ = moves.move(
        by.session,
        legs,
        kind="exchange",
        once=once,
        category=exchange.category,
        source=f"exchange:{exchange.id}",
        **staff,
    )
    exchange.transfer_id, exchange.yes_at = transfer.id, exchange.yes_at or clock.now()
    for hand in hands:
        hand.state, hand.ended_at = "paid", clock.now()
        messages.tell(by, exchange, hand.person, "ledger.paid", minutes=minutes)
    audit.note(by, "ledger.pay", exchange, transfer=transfer.id, minutes=minutes, hands=len(hands))
    return transfer


def take_back_confirmation(by: Actor, exchange: Exchange) -> Exchange:
    """Undo a confirmation of the last minutes: the transfer is mirrored and the minutes are set aside again."""
    row = hold_exchange(by.session, exchange)
    must_be_asker(by, row)
    if row.state == "matched" and row.yes_at is not None:
        row.yes_at = None
        audit.note(by, "ledger.take_back_confirmation", row)
        return row
    transfer = by.session.get(TimeTransfer, row.transfer_id) if row.transfer_id else None
    if row.state != "paid" or transfer is None:
        raise Refusal("ledger.not_now", exchange=row)
    if transfer.at < clock.now() - UNDO_WITHIN:
        raise Refusal("ledger.too_late")
    paid = [one for one in row.helpers if one.state == "paid"]
    for hand in paid:
        messages.take_back_told(by, row, hand.person, "ledger.paid")
    moves.reverse(by.session, transfer)
    go_to(row, "done")
    row.transfer_id = row.yes_at = None
    for hand in paid:
        hand.state = "done"
    _hold_anew(by, row)
    audit.note(by, "ledger.take_back_confirmation", row, reverses=transfer.id)
    return row


def _hold_anew(by: Actor, row: Exchange) -> None:
    """Set aside what the request needs now; the hold before is over."""
    account: TimeAccount = keep_still(by.session, row.account_id)[row.account_id]
    moves.end_hold(by.session, row.hold, "released")
    once = f"exchange:{row.id}:again:{row.revision}:{row.hands}"
    row.hold = moves.hold(by.session, account, row.minutes * row.hands, once)


# ---- no agreement ------------------------------------------------------------------------------------------


def dispute(by: Actor, exchange: Exchange, reason: str) -> Exchange:
    """One side says that it was not as agreed: the minutes stay set aside until the desk has heard both."""
    row = hold_exchange(by.session, exchange)
    is_hand = by.person is not None and live_hand(row, by.person) is not None
    if not is_hand:
        must_be_asker(by, row)
    if row.state not in ("matched", "done"):
        raise Refusal("ledger.not_now", exchange=row)
    row.reason = reason_in(reason)
    go_to(row, "disputed")
    audit.note(by, "ledger.dispute", row, by_hand=is_hand)
    return row


def settle(by: Actor, exchange: Exchange, minutes: int, reason: str) -> Exchange:
    """The desk decides what each hand gets: all, a part, or nothing. Also where nobody answered for 72 hours. Both
    are told."""
    must_be_staff(by)
    row = hold_exchange(by.session, exchange)
    must_not_be_own(by, row.asker_id, *(one.person_id for one in row.live))
    why = reason_in(reason)
    if row.state not in ("disputed", "done"):
        raise Refusal("ledger.not_now", exchange=row)
    if minutes == 0:
        end(by, row, "cancelled")
    else:
        check_minutes(minutes)
        if minutes > row.minutes:
            raise Refusal("ledger.more_than_agreed", most=row.minutes)
        pay(by, row, minutes)
    row.reason = why
    audit.note(by, "ledger.settle", row, minutes=minutes)
    messages.tell(by, row, row.asker, "ledger.settled", minutes=minutes)
    return row
