"""What partners give to neighbours who help: offers made at the desk, pieces taken, given back, used at the partner's.

The partner types its number on the resident's own page, or the desk types the voucher's: nothing lies open to whoever
has an address, and whoever learns the partner's number can only use up what is their own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import update

from app import audit, clock
from app.understanding.lines import line_for_others
from app.understanding.numbers import plain
from handlers.ledger import messages
from handlers.ledger.standing import must_be_joined, must_be_staff
from handlers.people import actions as people
from models import ledger_moves as moves
from models.identity import Actor
from models.ledger import TimeAccount, keep_still, open_account
from models.partners import (
    HIGHEST_PRICE,
    MOST_EACH,
    MOST_PIECES,
    MOST_TRIES,
    NUMBER_DIGITS,
    PartnerOffer,
    PartnerVoucher,
    TimePartner,
    code_index,
    end_voucher,
    give_piece_back,
    is_partners_number,
    new_code,
    number_hash,
    take_piece,
    voucher_with,
)
from models.refusal import Refusal

CATEGORY = "单位优惠"


@dataclass(frozen=True, slots=True)
class Gift:
    """What a partner gives: so many pieces until a day, for minutes or for nothing."""

    title: str
    pieces: int
    minutes: int
    until: date
    text: str = ""
    each_person: int = 1


def make_offer(by: Actor, partner: TimeAccount, gift: Gift) -> PartnerOffer:
    must_be_staff(by)
    title, text = line_for_others(gift.title), line_for_others(gift.text)
    fits = 2 <= len(title) <= 20 and len(text) <= 80 and 1 <= gift.pieces <= MOST_PIECES
    fits = fits and 0 <= gift.minutes <= HIGHEST_PRICE and 1 <= gift.each_person <= MOST_EACH
    if partner.kind != "organisation" or not fits or gift.until < clock.today():
        raise Refusal("ledger.bad_offer", pieces=MOST_PIECES, hours=HIGHEST_PRICE // 60, each=MOST_EACH)
    row = PartnerOffer(account=partner, title=title, text=text, minutes=gift.minutes, pieces=gift.pieces)
    row.each_person, row.until = gift.each_person, gift.until
    by.session.add(row)
    audit.note(by, "ledger.make_offer", row, pieces=row.pieces, minutes=row.minutes)
    return row


def close_offer(by: Actor, offer: PartnerOffer) -> PartnerOffer:
    """Nothing more is taken; what is held stays good until its day."""
    must_be_staff(by)
    if offer.state == "open":
        offer.state = "closed"
        audit.note(by, "ledger.close_offer", offer)
    return offer


def new_partner_number(by: Actor, partner: TimeAccount) -> str:
    """A new number for the partner's till; the one before is over. It is said this once."""
    must_be_staff(by)
    if partner.kind != "organisation":
        raise Refusal("ledger.bad_account")
    number = "".join(secrets.choice("0123456789") for _ in range(NUMBER_DIGITS))
    row = by.session.get(TimePartner, partner.id) or TimePartner(account_id=partner.id)
    row.number_hash, row.changed_at = number_hash(partner.id, number), clock.now()
    by.session.add(row)
    audit.note(by, "ledger.new_partner_number", partner)
    return number


# ---- the resident ------------------------------------------------------------------------------------------


def take(by: Actor, offer: PartnerOffer) -> PartnerVoucher:
    """One piece for a resident on file; what it costs is set aside until it is used.

    Refuses with ledger.offer_gone, .offer_taken, .short, .join_first, people.consent_needed.
    """
    people.agree_to_service(by)
    must_be_joined(by)
    account = open_account(by.session, by.me)
    row = take_piece(by.session, offer, by.me)
    held = None
    if row.minutes:
        account = keep_still(by.session, account.id)[account.id]
        held = moves.hold(by.session, account, row.minutes, f"voucher:{secrets.token_urlsafe(16)}")
    code = new_code()
    voucher = PartnerVoucher(offer=row, person=by.me, hold=held, code=code, code_index=code_index(code))
    by.session.add(voucher)
    audit.note(by, "ledger.take_voucher", voucher, offer=row.id, minutes=row.minutes)
    return voucher


def give_back(by: Actor, voucher: PartnerVoucher) -> PartnerVoucher:
    """Not wanted any more: somebody else may have it, and the minutes are free."""
    if by.staff is None and (by.person is None or by.person.id != voucher.person_id):
        raise Refusal("ledger.not_yours")
    _end(by, voucher, "returned")
    audit.note(by, "ledger.return_voucher", voucher)
    return voucher


def use_here(by: Actor, voucher: PartnerVoucher, number: str) -> bool:
    """The partner types its number on the holder's own phone. False for a wrong number, which is counted: after a few
    the desk must do it. Refuses with ledger.not_yours, .voucher_over, .voucher_locked."""
    if by.person is None or by.person.id != voucher.person_id:
        raise Refusal("ledger.not_yours")
    by.session.refresh(voucher, with_for_update={"key_share": True})
    if voucher.state != "held" or voucher.offer.until < clock.today():
        raise Refusal("ledger.voucher_over")
    if voucher.tries >= MOST_TRIES:
        raise Refusal("ledger.voucher_locked")
    if not is_partners_number(by.session, voucher.offer.account_id, "".join(plain(number).split())):
        voucher.tries += 1
        audit.note(by, "ledger.wrong_number", voucher, tries=voucher.tries)
        return False
    _use(by, voucher)
    return True


# ---- the desk ----------------------------------------------------------------------------------------------


def voucher_called(by: Actor, code: str) -> PartnerVoucher:
    """The one with these digits, however they are typed. Refuses with ledger.no_voucher, .voucher_over."""
    must_be_staff(by)
    digits = "".join(c for c in plain(code) if c.isdigit())
    voucher = voucher_with(by.session, digits)
    if voucher is None:
        raise Refusal("ledger.no_voucher")
    if voucher.state != "held" or voucher.offer.until < clock.today():
        raise Refusal("ledger.voucher_over", at=voucher.ended_at)
    return voucher


def use_at_desk(by: Actor, code: str) -> PartnerVoucher:
    """The partner read the digits out, or sent the day's slips."""
    voucher = voucher_called(by, code)
    _use(by, voucher)
    return voucher


def expire_voucher(by: Actor, voucher: PartnerVoucher) -> bool:
    """The offer's last day is over: the minutes come back."""
    if voucher.state != "held" or voucher.offer.until >= clock.today():
        return False
    _end(by, voucher, "expired")
    audit.note(by, "ledger.expire_voucher", voucher)
    return True


# ---- steps -------------------------------------------------------------------------------------------------


def _use(by: Actor, voucher: PartnerVoucher) -> None:
    if not end_voucher(by.session, voucher, "used"):
        raise Refusal("ledger.voucher_over", at=voucher.ended_at)
    if voucher.hold is not None:
        _pay(by, voucher)
    audit.note(by, "ledger.use_voucher", voucher, offer=voucher.offer_id)
    messages.tell_used(by, voucher)


def _pay(by: Actor, voucher: PartnerVoucher) -> None:
    held, partner = voucher.hold, voucher.offer.account_id
    if held is None:
        return
    keep_still(by.session, held.account_id, partner)
    moves.end_hold(by.session, held, "captured")
    legs = {held.account_id: -held.minutes, partner: held.minutes}
    once = f"voucher:{voucher.id}"
    transfer, _ = moves.move(by.session, legs, kind="exchange", once=once, source=once, category=CATEGORY)
    voucher.transfer_id = transfer.id


def _end(by: Actor, voucher: PartnerVoucher, state: str) -> None:
    if not end_voucher(by.session, voucher, state):
        raise Refusal("ledger.voucher_over", at=voucher.ended_at)
    give_piece_back(by.session, voucher)
    if voucher.hold is not None:
        moves.end_hold(by.session, voucher.hold, "released")


def forget_vouchers(by: Actor, vouchers: list[PartnerVoucher]) -> None:
    """Somebody leaves: what they hold goes back, what they used is counted without them."""
    for voucher in vouchers:
        if voucher.state == "held":
            _end(by, voucher, "returned")
    numbers = [one.id for one in vouchers]
    gone = update(PartnerVoucher).where(PartnerVoucher.id.in_(numbers)).values(person_id=None, code=None)
    by.session.execute(gone.execution_options(synchronize_session="fetch"))
