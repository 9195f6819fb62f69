"""Moving minutes: transfers, what is set aside and what becomes of it, and room made where the law leaves no choice.

Whoever needs several accounts keeps them still in the order of their ids first; every change of a balance is a counted
UPDATE in which the limit stands, so that of any number of rivals those who came first are counted already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app import clock
from models.base import insert_once
from models.ledger import TimeAccount, TimeHold, TimePosting, TimeTransfer, keep_still
from models.refusal import Refusal

# ---- transfers ---------------------------------------------------------------------------------------------


def transfer_of(session: Session, once: str) -> TimeTransfer | None:
    return session.scalar(select(TimeTransfer).where(TimeTransfer.once == once))


def move(
    session: Session, legs: Mapping[int, int], *, kind: str, once: str, **facts: Any
) -> tuple[TimeTransfer, bool]:
    """Write this transfer (account → minutes, summing to zero) unless its `once` is there; whether it is new.

    Refuses with ledger.short, .too_much, .closed: then the whole unit is undone by whoever opened it.
    """
    if len(legs) < 2 or 0 in legs.values() or sum(legs.values()) != 0:
        raise ValueError("a transfer has two postings at least, none of them empty, and sums to zero")
    session.flush()
    row = {"kind": kind, "once": once, "at": clock.now(), "category": "", "source": "", **facts}
    is_new = insert_once(session, TimeTransfer, **row)
    transfer = session.scalars(select(TimeTransfer).where(TimeTransfer.once == once)).one()
    if is_new:
        keep_still(session, *legs)
        for account, minutes in sorted(legs.items()):
            after = _change(session, account, minutes)
            leg = TimePosting(transfer_id=transfer.id, account_id=account, minutes=minutes, after=after)
            session.add(leg)
        session.flush()
    return transfer, is_new


def reverse(session: Session, transfer: TimeTransfer, **facts: Any) -> tuple[TimeTransfer, bool]:
    """The mirror of a transfer, once; a mirror has none of its own."""
    if transfer.kind == "reversal":
        raise Refusal("ledger.not_reversible", transfer=transfer)
    legs = {leg.account_id: -leg.minutes for leg in transfer.postings}
    facts = {"reverses_id": transfer.id, "category": transfer.category, **facts}
    return move(session, legs, kind="reversal", once=f"reverse:{transfer.id}", **facts)


def _change(session: Session, number: int, minutes: int) -> int:
    after = TimeAccount.balance + minutes
    if minutes < 0:
        rule = or_(TimeAccount.lowest.is_(None), after - TimeAccount.held >= TimeAccount.lowest)
        return _counted(session, number, rule, "ledger.short", balance=after)
    rule = or_(TimeAccount.most.is_(None), after <= TimeAccount.most)
    return _counted(session, number, rule, "ledger.too_much", balance=after)


def _counted(session: Session, number: int, rule: ColumnElement[bool], code: str, **values: Any) -> int:
    """UPDATE an open account under the rule; the balance after it, or a refusal."""
    statement = (
        update(TimeAccount)
        .where(TimeAccount.id == number, TimeAccount.state == "open", rule)
        .values(values)
        .returning(TimeAccount.balance)
        .execution_options(synchronize_session=False)
    )
    done = session.execute(statement).first()
    account = session.get_one(TimeAccount, number, populate_existing=True)
    if done is None:
        raise Refusal(code if account.state == "open" else "ledger.closed", account=account)
    return int(done[0])


# ---- setting aside -----------------------------------------------------------------------------------------


def hold(session: Session, account: TimeAccount, minutes: int, once: str) -> TimeHold:
    """Set minutes aside. Refuses with ledger.short when what is set aside already leaves too little."""
    kept = TimeAccount.held + minutes
    rule = or_(TimeAccount.lowest.is_(None), TimeAccount.balance - kept >= TimeAccount.lowest)
    _counted(session, account.id, rule, "ledger.short", held=kept)
    row = TimeHold(account_id=account.id, minutes=minutes, once=once)
    session.add(row)
    session.flush()
    return row


def end_hold(session: Session, held: TimeHold, state: str) -> bool:
    """open → captured | released by a counted UPDATE; False when it had ended."""
    statement = (
        update(TimeHold)
        .where(TimeHold.id == held.id, TimeHold.state == "open")
        .values(state=state, ended_at=clock.now())
        .returning(TimeHold.account_id)
        .execution_options(synchronize_session=False)
    )
    ended = session.execute(statement).first()
    if ended is not None:
        _let_go(session, int(ended[0]), held.minutes)
    session.refresh(held)
    return ended is not None


def rebook_hold(session: Session, held: TimeHold, to: TimeAccount) -> None:
    """What was set aside on one account is set aside on another (two records of one person); room is made."""
    keep_still(session, held.account_id, to.id)
    _let_go(session, held.account_id, held.minutes)
    make_room(session, to.id, held.minutes)
    _counted(session, to.id, TimeAccount.id == to.id, "ledger.closed", held=TimeAccount.held + held.minutes)
    held.account_id = to.id
    session.flush()


def _let_go(session: Session, number: int, minutes: int) -> None:
    less = TimeAccount.held - minutes
    _counted(session, number, TimeAccount.held >= minutes, "ledger.closed", held=less)


# ---- where the law leaves no choice -------------------------------------------------------------------------


def make_room(session: Session, number: int, minutes: int) -> None:
    """Lower the limit so far that `minutes` may leave: a person's right to be forgotten, and the joining and parting of
    records, are refused to nobody for a debt. The limit stays where the balance then stands: no new credit."""
    needed = TimeAccount.balance - TimeAccount.held - minutes
    lower = and_(TimeAccount.id == number, TimeAccount.lowest.is_not(None), TimeAccount.lowest > needed)
    session.execute(
        update(TimeAccount).where(lower).values(lowest=needed).execution_options(synchronize_session=False)
    )


def move_all(
    session: Session, account: TimeAccount, to: TimeAccount, *, kind: str, once: str, **facts: Any
) -> TimeTransfer | None:
    """Everything that stands on this account, a debt too, goes over to another; None when it is empty."""
    accounts = keep_still(session, account.id, to.id)
    balance = accounts[account.id].balance
    if balance == 0:
        return None
    make_room(session, *((account.id, balance) if balance > 0 else (to.id, -balance)))
    if balance > 0:
        without_cap = update(TimeAccount).where(TimeAccount.id == to.id).values(most=None)
        session.execute(without_cap.execution_options(synchronize_session=False))
    legs = {account.id: -balance, to.id: balance}
    return move(session, legs, kind=kind, once=once, **facts)[0]


def close(session: Session, account: TimeAccount) -> None:
    """An empty account is closed, and names nobody any more."""
    session.refresh(account)
    account.state, account.closed_at, account.person_id = "closed", clock.now(), None
    session.flush()
