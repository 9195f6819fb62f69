"""Two records of one person become one, and are parted again: minutes, what is set aside, requests and vouchers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit, clock
from handlers.ledger.rights import take_out
from models import ledger_moves as moves
from models.exchange import OPEN, Exchange, ExchangeHand, TimeOffer, hold_exchange
from models.identity import Actor, Person
from models.ledger import TimeAccount, TimeHold, TimePosting, TimeTransfer, account_of, keep_still
from models.ledger_lists import requests_of
from models.partners import PartnerVoucher, vouchers_of


def merge(by: Actor, kept: Person, gone: Person) -> dict[str, Any] | None:
    """Two records of one person: what stands on the second account goes over to the first, and what it has set aside
    with it. Where one record would help the other, that promise ends."""
    _no_help_to_oneself(by, (kept, gone))
    _move_offers(by.session, kept, gone)
    for row in by.session.scalars(requests_of(gone)).all():
        row.asker = kept
    for hand in by.session.scalars(select(ExchangeHand).where(ExchangeHand.person_id == gone.id)).all():
        hand.person = kept
    for voucher in by.session.scalars(vouchers_of(gone)).all():
        voucher.person = kept
    theirs, mine = account_of(by.session, gone), account_of(by.session, kept)
    if theirs is None:
        return None
    if mine is None:
        theirs.person_id = kept.id
        by.session.flush()
        return None
    return _join(by, mine, theirs)


def _no_help_to_oneself(by: Actor, both: tuple[Person, Person]) -> None:
    ids = [one.id for one in both]
    own = (
        select(ExchangeHand)
        .join(ExchangeHand.exchange)
        .where(
            ExchangeHand.person_id.in_(ids),
            Exchange.asker_id.in_(ids),
            ExchangeHand.state.in_(("promised", "done")),
        )
    )
    for hand in by.session.scalars(own).all():
        row = hold_exchange(by.session, hand.exchange)
        if row.state in OPEN:
            take_out(by, row, hand)
    by.session.flush()


def _move_offers(session: Session, kept: Person, gone: Person) -> None:
    """An offer that both have stays with the second record."""
    known = select(TimeOffer.category).where(TimeOffer.person_id == kept.id, TimeOffer.state == "open")
    doubled = TimeOffer.category.in_(known.scalar_subquery()) & (TimeOffer.state == "open")
    mine = update(TimeOffer).where(TimeOffer.person_id == gone.id, ~doubled)
    session.execute(mine.values(person_id=kept.id).execution_options(synchronize_session="fetch"))


def _join(by: Actor, mine: TimeAccount, theirs: TimeAccount) -> dict[str, Any]:
    keep_still(by.session, mine.id, theirs.id)
    remembered = {"from": theirs.id, "to": mine.id, "lowest": mine.lowest, "most": mine.most}
    moved = _requests_on(by.session, theirs)
    for row in moved:
        moves.rebook_hold(by.session, row.hold, mine)
    for held in _holds_of_vouchers(by.session, theirs):
        moves.rebook_hold(by.session, held, mine)
    for row in by.session.scalars(select(Exchange).where(Exchange.account_id == theirs.id)).all():
        row.account_id = mine.id
    once = f"join:{theirs.id}:{mine.id}:{clock.now().timestamp():.6f}"
    transfer = moves.move_all(by.session, theirs, mine, kind="join", once=once)
    audit.note(by, "ledger.join_accounts", mine, other=theirs.id)
    return remembered | {"transfer": transfer.id if transfer else None}


def _holds_of_vouchers(
    session: Session, account: TimeAccount, person: Person | None = None
) -> list[TimeHold]:
    """What is set aside on this account for vouchers (of this person, who gets theirs back)."""
    held = PartnerVoucher.state == "held", TimeHold.account_id == account.id
    rows = select(TimeHold).join(PartnerVoucher, PartnerVoucher.hold_id == TimeHold.id).where(*held)
    if person is not None:
        rows = rows.where(PartnerVoucher.person_id == person.id)
    return list(session.scalars(rows.order_by(TimeHold.id)))


def _requests_on(session: Session, account: TimeAccount) -> list[Exchange]:
    rows = select(Exchange).where(Exchange.account_id == account.id, Exchange.state.in_(OPEN))
    return [hold_exchange(session, row) for row in session.scalars(rows.order_by(Exchange.id)).all()]


def part(by: Actor, kept: Person, gone: Person, remembered: dict[str, Any] | None) -> None:
    """Both have their own accounts again: what came over goes back, with what the handed-back requests set aside.
    Who has spent it meanwhile owes it."""
    if not remembered:
        return
    mine = by.session.get_one(TimeAccount, remembered["to"])
    theirs = by.session.get_one(TimeAccount, remembered["from"])
    if "closed" in (mine.state, theirs.state):
        return
    keep_still(by.session, mine.id, theirs.id)
    _give_requests_back(by, kept, gone, mine, theirs)
    _give_minutes_back(by, mine, theirs, remembered["transfer"])
    audit.note(by, "ledger.part_accounts", mine, other=theirs.id)


def _give_requests_back(
    by: Actor, kept: Person, gone: Person, mine: TimeAccount, theirs: TimeAccount
) -> None:
    ours = select(Exchange).where(Exchange.account_id == mine.id, Exchange.asker_id == gone.id)
    for row in by.session.scalars(ours.order_by(Exchange.id)).all():
        if row.state in OPEN:
            moves.rebook_hold(by.session, hold_exchange(by.session, row).hold, theirs)
        row.account_id = theirs.id
    for held in _holds_of_vouchers(by.session, mine, gone):
        moves.rebook_hold(by.session, held, theirs)
    by.session.flush()


def _give_minutes_back(by: Actor, mine: TimeAccount, theirs: TimeAccount, number: int | None) -> None:
    transfer = by.session.get(TimeTransfer, number) if number else None
    if transfer is None:
        return
    for leg in _outgoing(transfer.postings):
        moves.make_room(by.session, leg.account_id, leg.minutes)
    moves.reverse(by.session, transfer)


def _outgoing(legs: Iterable[TimePosting]) -> list[TimePosting]:
    """Those from which a reversal takes."""
    return [leg for leg in legs if leg.minutes > 0]
