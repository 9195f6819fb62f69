"""What only the desk does: accounts of teams and partners, limits and terms, paper stamps, moves that need two."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app import audit, clock
from app.understanding.lines import line_for_others
from handlers.ledger import moves
from handlers.ledger.sentences import reason_in, stamp_in
from handlers.ledger.standing import must_be_staff
from models.base import insert_once
from models.identity import Actor
from models.ledger import TimeAccount, TimeTerms, TimeTransfer, house_account, is_used, keep_still, terms
from models.refusal import Refusal
from models.time_desk import TimeOrder, TimeStamp, live_stamp

NAMED = ("team", "organisation")
LOWEST_EVER, HIGHEST = -6000, 60_000
MINUTES_OF_A_POINT = (15, 30, 60, 120)


def open_named(by: Actor, kind: str, name: str, *, lowest: int = 0) -> TimeAccount:
    """An account of a team or partner; opened twice it is one."""
    must_be_staff(by)
    called = line_for_others(name)
    if kind not in NAMED or not 2 <= len(called) <= 40 or not LOWEST_EVER <= lowest <= 0:
        raise Refusal("ledger.bad_account")
    is_new = insert_once(by.session, TimeAccount, kind=kind, name=called, lowest=lowest)
    same = select(TimeAccount).where(TimeAccount.kind == kind, TimeAccount.name == called)
    row = by.session.scalars(same).one()
    if is_new:
        audit.note(by, "ledger.open_account", row, kind=kind)
    return row


def change_limit(by: Actor, account: TimeAccount, lowest: int, reason: str) -> TimeAccount:
    """How far this account may go below zero; never above where it stands now."""
    must_be_staff(by)
    why = reason_in(reason)
    row = keep_still(by.session, account.id)[account.id]
    if row.kind == "issue" or not LOWEST_EVER <= lowest <= 0 or row.balance - row.held < lowest:
        raise Refusal("ledger.bad_limit", account=row)
    before, row.lowest = row.lowest, lowest
    audit.note(by, "ledger.change_limit", row, before=before, after=lowest, words=len(why))
    return row


def change_terms(
    by: Actor, *, minutes_per_point: int, credit: int, most: int | None, two_above: int
) -> TimeTerms:
    """What an hour is worth (before the first transfer only), and what new accounts begin with."""
    must_be_staff(by)
    keep_still(
        by.session, house_account(by.session, "issue").id
    )  # every posting waits here: none slips in between
    known = terms(by.session)
    if minutes_per_point != known.minutes_per_point and is_used(by.session):
        raise Refusal("ledger.rate_is_fixed")
    fits = minutes_per_point in MINUTES_OF_A_POINT and 0 <= credit <= -LOWEST_EVER and two_above > 0
    if not fits or (most is not None and not 0 < most <= HIGHEST):
        raise Refusal("ledger.bad_terms")
    row = by.session.merge(TimeTerms(id=1))
    row.minutes_per_point, row.credit, row.most, row.two_above = minutes_per_point, credit, most, two_above
    audit.note(by, "ledger.change_terms", row, credit=credit, most=most, two_above=two_above)
    return row


# ---- stamps of the paper book ------------------------------------------------------------------------------


def enter_stamp(by: Actor, account: TimeAccount, number: str, minutes: int, *, category: str) -> TimeStamp:
    """A numbered stamp of the paper book becomes a transfer, once. Refuses with ledger.stamp_used, which says by whom
    and when it was entered."""
    must_be_staff(by)
    stamp = stamp_in(number)
    known = live_stamp(by.session, stamp)
    if known is not None:
        who = known.staff.name if known.staff else ""
        raise Refusal("ledger.stamp_used", number=stamp, who=who, at=known.at)
    before = by.session.scalar(select(func.count()).where(TimeStamp.number == stamp))  # entered and reversed
    once = f"stamp:{stamp}:{before}"
    transfer = moves.post(
        by, account, minutes, once=once, source=f"stamp:{stamp}", category=category, kind="stamp"
    )
    row = TimeStamp(number=stamp, account_id=account.id, transfer_id=transfer.id)
    row.staff_id = by.staff.id if by.staff else None
    by.session.add(row)
    audit.note(by, "ledger.enter_stamp", row, minutes=minutes)
    return row


# ---- two people --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the desk wants to move, and why."""

    kind: str
    minutes: int
    words: str
    giver: TimeAccount | None = None
    taker: TimeAccount | None = None
    reverses: TimeTransfer | None = None
    category: str = ""


def order(by: Actor, wanted: Wanted, *, once: str) -> TimeOrder:
    """The desk moves minutes: at once, or above the limit when a second person of the staff has said yes. The same
    `once` again is the same order."""
    staff = must_be_staff(by)
    if staff is None:
        raise Refusal("ledger.staff_only")
    known = by.session.scalar(select(TimeOrder).where(TimeOrder.once == once))
    if known is not None:
        return known
    moves.check_minutes(wanted.minutes)
    row = TimeOrder(kind=wanted.kind, giver=wanted.giver, taker=wanted.taker, reverses=wanted.reverses)
    row.minutes, row.category, row.once = wanted.minutes, wanted.category, once
    row.words, row.asked_by_id = reason_in(wanted.words), staff.id
    by.session.add(row)
    audit.note(by, "ledger.order", row, kind=row.kind, minutes=row.minutes)
    if row.minutes <= terms(by.session).two_above:
        _carry_out(by, row)
    return row


def decide(by: Actor, row: TimeOrder, *, yes: bool) -> TimeOrder:
    """Somebody else of the staff says yes or no."""
    staff = must_be_staff(by)
    row = by.session.get_one(TimeOrder, row.id, with_for_update={"key_share": True}, populate_existing=True)
    if row.state != "waiting":
        raise Refusal("ledger.decided")
    if staff is None or staff.id == row.asked_by_id:
        raise Refusal("ledger.second_person")
    row.decided_by_id = staff.id
    if yes:
        _carry_out(by, row)
    else:
        row.state, row.decided_at = "refused", clock.now()
    audit.note(by, "ledger.decide", row, yes=yes)
    return row


def _carry_out(by: Actor, row: TimeOrder) -> None:
    transfer = _done(by, row)
    row.transfer_id, row.state, row.decided_at = transfer.id, "done", clock.now()


def _done(by: Actor, row: TimeOrder) -> TimeTransfer:
    words, once = row.words or "", f"order:{row.id}"
    if row.kind == "reversal" and row.reverses is not None:
        return moves.reverse(by, row.reverses, words)
    if row.taker is None:
        raise Refusal("ledger.bad_account")
    if row.kind == "grant":
        return moves.grant(by, row.taker, row.minutes, words=words, once=once)
    if row.kind == "gift" and row.giver is not None:
        return moves.move_gift(by, row.giver, row.taker, row.minutes, words=words, once=once)
    return moves.post(by, row.taker, row.minutes, once=once, source=once, category=row.category)
