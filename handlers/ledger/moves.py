"""Minutes that change hands outside a request: hours posted, gifts, grants of the pool, group work, reversals.

Every unit writes the transfer, the audit line and the message together; what may be repeated carries its `once`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import update

from app import audit, clock
from handlers.ledger import messages
from handlers.ledger.sentences import MOST_AT_ONCE, reason_in, text_in
from handlers.ledger.standing import must_be_staff, must_not_be_own
from handlers.people import actions as people
from models import ledger_moves as moves
from models.identity import Actor, Person
from models.ledger import TimeAccount, TimeTransfer, TimeWords, house_account, keep_still, open_account
from models.refusal import Refusal
from models.time_desk import TimeStamp

UNDO_WITHIN = timedelta(minutes=15)  # ten for the resident, and the time a message takes
MOST_IN_GROUP = 60


def post_hours(
    by: Actor, person: Person, minutes: int, *, once: str, source: str, category: str = "志愿服务"
) -> TimeTransfer:
    """Post verified hours to a person's account; the same `once` again is the same transfer.

    For other features and the desk. Refuses with ledger.staff_only, .no_hours, .posted_otherwise (the same `once` with
    other minutes or another person), .too_much, .closed.
    """
    account = open_account(by.session, person)
    return post(by, account, minutes, once=once, source=source, category=category)


def post(
    by: Actor,
    account: TimeAccount,
    minutes: int,
    *,
    once: str,
    source: str,
    category: str = "",
    kind: str = "post",
) -> TimeTransfer:
    """The community issues minutes to an account: a person's, a team's or a partner's."""
    must_be_staff(by)
    must_not_be_own(by, account.person_id)
    check_minutes(minutes)
    issue = house_account(by.session, "issue")
    legs = {issue.id: -minutes, account.id: minutes}
    transfer, is_new = _move(by, legs, kind=kind, once=once, source=source, category=category)
    if not is_new:
        return same_or_refused(transfer, legs)
    audit.note(by, "ledger.post", transfer, account=account.id, minutes=minutes, source=source)
    messages.tell_holder(by, account, "ledger.posted", f"{transfer.id}", minutes=minutes, what=category)
    return transfer


def give(
    by: Actor, to: Person | None, minutes: int, *, words: str = "", once: str | None = None
) -> TimeTransfer:
    """A resident gives of their own to another, or to the community's pool (`to` None). Nobody gives what they have
    not earned: the credit is for asking. Refuses with ledger.short, .gift_to_self, .earned_only."""
    check_minutes(minutes)
    people.agree_to_service(by)
    if to is not None and to.id == by.me.id:
        raise Refusal("ledger.gift_to_self")
    mine = open_account(by.session, by.me)
    theirs = open_account(by.session, to) if to is not None else house_account(by.session, "pool")
    once = once or f"gift:{secrets.token_urlsafe(16)}"
    _must_have_earned(by, mine, theirs, minutes, once)
    transfer, is_new = _move(by, {mine.id: -minutes, theirs.id: minutes}, kind="gift", once=once, words=words)
    if is_new:
        audit.note(by, "ledger.give", transfer, minutes=minutes, to=theirs.kind)
        messages.tell_holder(by, theirs, "ledger.given", f"{transfer.id}", minutes=minutes)
    return transfer


def move_gift(
    by: Actor, giver: TimeAccount, taker: TimeAccount, minutes: int, *, words: str, once: str
) -> TimeTransfer:
    """The desk moves minutes of somebody who asked for it there; both are told."""
    must_be_staff(by)
    must_not_be_own(by, giver.person_id, taker.person_id)
    check_minutes(minutes)
    if giver.id == taker.id:
        raise Refusal("ledger.gift_to_self")
    _must_have_earned(by, giver, taker, minutes, once)
    legs = {giver.id: -minutes, taker.id: minutes}
    transfer, is_new = _move(by, legs, kind="gift", once=once, words=reason_in(words))
    if not is_new:
        return same_or_refused(transfer, legs)
    audit.note(by, "ledger.give", transfer, minutes=minutes, giver=giver.id, to=taker.id)
    messages.tell_holder(by, taker, "ledger.given", f"{transfer.id}", minutes=minutes)
    messages.tell_holder(by, giver, "ledger.gave", f"{transfer.id}", minutes=minutes)
    return transfer


def grant(by: Actor, taker: TimeAccount, minutes: int, *, words: str, once: str) -> TimeTransfer:
    """The pool gives to somebody who cannot earn, for a reason that is kept."""
    must_be_staff(by)
    must_not_be_own(by, taker.person_id)
    check_minutes(minutes)
    legs = {house_account(by.session, "pool").id: -minutes, taker.id: minutes}
    transfer, is_new = _move(by, legs, kind="grant", once=once, words=reason_in(words))
    if not is_new:
        return same_or_refused(transfer, legs)
    audit.note(by, "ledger.grant", transfer, minutes=minutes, to=taker.id)
    messages.tell_holder(by, taker, "ledger.granted", f"{transfer.id}", minutes=minutes)
    return transfer


def pay_together(
    by: Actor, payers: Sequence[TimeAccount], taker: TimeAccount, minutes: int, *, category: str, once: str
) -> TimeTransfer:
    """Many to one: each of those whom somebody served at once (a class, a group) pays the same."""
    must_be_staff(by)
    must_not_be_own(by, taker.person_id, *(one.person_id for one in payers))
    check_minutes(minutes)
    numbers = {one.id for one in payers}
    if not 1 <= len(numbers) <= MOST_IN_GROUP or len(numbers) != len(payers) or taker.id in numbers:
        raise Refusal("ledger.bad_group", most=MOST_IN_GROUP)
    legs = dict.fromkeys(numbers, -minutes) | {taker.id: minutes * len(numbers)}
    transfer, is_new = _move(by, legs, kind="exchange", once=once, category=category)
    if not is_new:
        return same_or_refused(transfer, legs)
    audit.note(by, "ledger.pay_together", transfer, minutes=minutes, count=len(numbers), to=taker.id)
    messages.tell_holder(
        by, taker, "ledger.posted", f"{transfer.id}", minutes=minutes * len(numbers), what=category
    )
    for payer in payers:
        messages.tell_holder(
            by, payer, "ledger.spent", f"{transfer.id}:{payer.id}", minutes=minutes, what=category
        )
    return transfer


def reverse(by: Actor, transfer: TimeTransfer, reason: str, *, source: str = "") -> TimeTransfer:
    """Mirror a transfer, for a reason; the second time is the first. Refuses with ledger.short where what was posted
    has been spent (lower the limit, or have the pool give first), .not_reversible, .staff_only; with .of_hours what a
    record of hours posted, which is put right with the record (`source`)."""
    must_be_staff(by)
    if transfer.source.startswith("hours:") and source != transfer.source:
        raise Refusal("ledger.of_hours")
    must_not_be_own(by, *(leg.account.person_id for leg in transfer.postings))
    if transfer.kind in ("close", "join"):
        raise Refusal("ledger.not_reversible", transfer=transfer)
    mirror, is_new = _mirror(by, transfer, reason_in(reason))
    if is_new:
        audit.note(by, "ledger.reverse", mirror, reverses=transfer.id)
        for leg in transfer.postings:
            messages.tell_holder(
                by, leg.account, "ledger.reversed", f"{mirror.id}:{leg.account_id}", minutes=abs(leg.minutes)
            )
    return mirror


def take_back_gift(by: Actor, transfer: TimeTransfer) -> TimeTransfer:
    """Undo a gift of the last minutes; whoever got it may have spent it: then it is refused."""
    mine = {leg.account_id: leg for leg in transfer.postings}
    own = open_account(by.session, by.me)
    if transfer.kind != "gift" or own.id not in mine or mine[own.id].minutes > 0:
        raise Refusal("ledger.not_yours")
    if transfer.at < clock.now() - UNDO_WITHIN:
        raise Refusal("ledger.too_late")
    mirror, is_new = _mirror(by, transfer, "")
    if is_new:
        audit.note(by, "ledger.take_back_gift", mirror, reverses=transfer.id)
        messages.take_back(by, "ledger.given", f"{transfer.id}")
    return mirror


# ---- steps -------------------------------------------------------------------------------------------------


def check_minutes(minutes: int) -> None:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < minutes <= MOST_AT_ONCE:
        raise Refusal("ledger.no_hours", most=MOST_AT_ONCE // 60)


def same_or_refused(transfer: TimeTransfer, legs: Mapping[int, int]) -> TimeTransfer:
    """The same key for something else is a mistake that must be seen."""
    if {leg.account_id: leg.minutes for leg in transfer.postings} != legs:
        raise Refusal("ledger.posted_otherwise", transfer=transfer)
    return transfer


def _move(
    by: Actor, legs: Mapping[int, int], *, kind: str, once: str, words: str = "", **facts: str
) -> tuple[TimeTransfer, bool]:
    said = text_in(words)
    staff = {"staff_id": by.staff.id} if by.staff else {}
    transfer, is_new = moves.move(by.session, legs, kind=kind, once=once, **staff, **facts)
    _keep_words(by, transfer, said if is_new else "")
    return transfer, is_new


def _mirror(by: Actor, transfer: TimeTransfer, words: str) -> tuple[TimeTransfer, bool]:
    """Behind it a stamp may be entered again."""
    staff = {"staff_id": by.staff.id} if by.staff else {}
    mirror, is_new = moves.reverse(by.session, transfer, **staff)
    _keep_words(by, mirror, words if is_new else "")
    stamps = update(TimeStamp).where(TimeStamp.transfer_id == transfer.id).values(void=True)
    by.session.execute(stamps.execution_options(synchronize_session=False))
    return mirror, is_new


def _keep_words(by: Actor, transfer: TimeTransfer, words: str) -> None:
    if words:
        by.session.add(TimeWords(transfer_id=transfer.id, text=words))


def _must_have_earned(by: Actor, giver: TimeAccount, taker: TimeAccount, minutes: int, once: str) -> None:
    """What is given away must be there, not lent; asked once for each gift."""
    own = keep_still(by.session, giver.id, taker.id)[giver.id]
    short = own.kind in ("person", "team") and own.balance - own.held < minutes
    if short and moves.transfer_of(by.session, once) is None:
        raise Refusal("ledger.earned_only", account=own, earned=max(own.balance - own.held, 0))
