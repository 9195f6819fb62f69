"""A person's hours as a whole: what we keep of them, erasing it, joining two records of one person and parting them.

Nothing of the ledger is ever taken out: what stands on the account of somebody who leaves goes to the community's pool,
a debt too, and the account then names nobody. Words and requests lose what was said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import audit, clock
from app.words import day_words, hours_words, moment_words
from handlers.ledger import messages
from handlers.ledger.asking import end
from handlers.ledger.helping import pay
from models import ledger_moves as moves
from models.exchange import OPEN, Exchange, ExchangeHand, TimeOffer, go_to, hold_exchange
from models.identity import Actor, Person
from models.ledger import (
    TimeAccount,
    TimePosting,
    TimeTransfer,
    TimeWords,
    account_of,
    house_account,
    keep_still,
)
from models.ledger_lists import entries_of, hands_of, requests_of, words_of
from models.time_desk import TimeOrder

KINDS = {
    "post": "记入",
    "stamp": "手册印花",
    "exchange": "互助",
    "gift": "赠送",
    "grant": "互助池帮助",
    "reversal": "更正",
    "close": "销户",
    "join": "账户合并",
}
STATES = {
    "asked": "等邻居答应",
    "matched": "有邻居答应了",
    "done": "等您确认",
    "paid": "办完了",
    "disputed": "等工作人员处理",
    "cancelled": "取消了",
    "expired": "过期了",
}
HANDS = {"promised": "答应了", "done": "说办好了", "paid": "时间记上了", "withdrawn": "退出了"}


def hand_words(hand: ExchangeHand) -> str:
    """How a promise stands; one that the desk has to settle is nobody else's turn."""
    return STATES["disputed"] if hand.exchange.state == "disputed" else HANDS[hand.state]


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """The whole book, requests, promises and offers, the newest first."""
    account = account_of(session, person)
    told: dict[str, Any] = {}
    if account is not None:
        entries = session.scalars(entries_of(account)).all()
        words = words_of(session, [one.transfer_id for one in entries])
        told["余额"] = signed(account.balance)
        told["记录"] = [_entry(one, words.get(one.transfer_id, "")) for one in entries]
    told["请人帮忙"] = [_request(one) for one in session.scalars(requests_of(person))]
    told["答应帮忙"] = [_hand(one) for one in session.scalars(hands_of(person))]
    offers = session.scalars(select(TimeOffer).where(TimeOffer.person_id == person.id).order_by(TimeOffer.id))
    told["能帮什么"] = [{"类别": one.category, "说明": one.text or ""} for one in offers]
    return told


def signed(minutes: int) -> str:
    """ "2小时30分钟", "欠1小时"."""
    return hours_words(minutes) if minutes >= 0 else f"欠{hours_words(-minutes)}"


def _entry(entry: TimePosting, words: str) -> dict[str, Any]:
    line = {"时间": moment_words(entry.transfer.at), "什么": what_of(entry), "分钟": entry.minutes}
    return line | {"余额": entry.after} | ({"说明": words} if words else {})


def what_of(entry: TimePosting) -> str:
    """ "互助:小修", "更正:小修", "赠送"."""
    kind, category = KINDS[entry.transfer.kind], entry.transfer.category
    return f"{kind}:{category}" if category else kind


def _request(row: Exchange) -> dict[str, Any]:
    told = {"号": row.number, "什么": row.category, "多久": hours_words(row.minutes), "人数": row.hands}
    told |= {"哪天": day_words(row.wanted_on), "情况": STATES[row.state]}
    return told | ({"说明": row.text} if row.text else {}) | ({"原因": row.reason} if row.reason else {})


def _hand(row: ExchangeHand) -> dict[str, Any]:
    asked = row.exchange
    return {
        "号": asked.number,
        "什么": asked.category,
        "多久": hours_words(asked.minutes),
        "哪天": day_words(asked.wanted_on),
        "情况": hand_words(row),
    }


# ---- forgetting --------------------------------------------------------------------------------------------


def forget(by: Actor, person: Person) -> None:
    """Open requests end, promises are given back, words go; the balance goes to the pool and the account closes."""
    requests = by.session.scalars(requests_of(person)).all()
    for row in requests:
        _forget_request(by, hold_exchange(by.session, row))
    for hand in by.session.scalars(select(ExchangeHand).where(ExchangeHand.person_id == person.id)).all():
        _forget_hand(by, hand)
    gone = {"person_id": None, "text": None, "state": "closed"}
    by.session.execute(update(TimeOffer).where(TimeOffer.person_id == person.id).values(gone))
    account = account_of(by.session, person)
    if account is not None:
        _close(by, account)
    audit.note(by, "ledger.forget", person, requests=len(requests))


def _forget_request(by: Actor, row: Exchange) -> None:
    """What a hand says to have done waits for the desk; anything else that is open ends."""
    if row.state in ("asked", "matched"):
        end(by, row, "cancelled")
    elif row.state in OPEN:
        _settle_without(by, row)
    row.text = row.reason = None
    row.asker = None
    by.session.flush()


def _settle_without(by: Actor, row: Exchange) -> None:
    """The asker leaves before the word that it was done: whoever did it is paid, since nobody will ever say no."""
    if any(one.person_id is not None for one in row.live):
        pay(by, row, row.minutes)
    else:
        end(by, row, "cancelled")


def _forget_hand(by: Actor, hand: ExchangeHand) -> None:
    row = hold_exchange(by.session, hand.exchange)
    if hand.state in ("promised", "done") and row.state in OPEN:
        _take_out(by, row, hand)
    hand.person = None
    by.session.flush()


def _take_out(by: Actor, row: Exchange, hand: ExchangeHand) -> None:
    """One hand less: others may promise again; where it was done or disputed and no hand is left, it ends."""
    hand.state, hand.ended_at = "withdrawn", clock.now()
    if row.state == "matched":
        go_to(row, "asked")
        messages.tell(by, row, row.asker, "ledger.withdrawn")
    elif row.state in ("done", "disputed") and not row.live:
        end(by, row, "cancelled")
        messages.tell(by, row, row.asker, "ledger.ended")


def _close(by: Actor, account: TimeAccount) -> None:
    pool = house_account(by.session, "pool")
    moves.move_all(by.session, account, pool, kind="close", once=f"close:{account.id}")
    _forget_words(by.session, account)
    orders = (TimeOrder.giver_id == account.id) | (TimeOrder.taker_id == account.id)
    by.session.execute(update(TimeOrder).where(orders).values(words=None))
    waiting = update(TimeOrder).where(orders, TimeOrder.state == "waiting").values(state="refused")
    by.session.execute(waiting)
    moves.close(by.session, account)


def _forget_words(session: Session, account: TimeAccount) -> None:
    mine = select(TimePosting.transfer_id).where(TimePosting.account_id == account.id)
    session.execute(delete(TimeWords).where(TimeWords.transfer_id.in_(mine)))


# ---- joining and parting -----------------------------------------------------------------------------------


def merge(by: Actor, kept: Person, gone: Person) -> dict[str, Any] | None:
    """Two records of one person: what stands on the second account goes over to the first, and what it has set aside
    with it. Where one record would help the other, that promise ends."""
    _no_help_to_oneself(by, (kept, gone))
    _move_offers(by.session, kept, gone)
    for row in by.session.scalars(requests_of(gone)).all():
        row.asker = kept
    for hand in by.session.scalars(select(ExchangeHand).where(ExchangeHand.person_id == gone.id)).all():
        hand.person = kept
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
            _take_out(by, row, hand)
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
    for row in by.session.scalars(select(Exchange).where(Exchange.account_id == theirs.id)).all():
        row.account_id = mine.id
    once = f"join:{theirs.id}:{mine.id}:{clock.now().timestamp():.6f}"
    transfer = moves.move_all(by.session, theirs, mine, kind="join", once=once)
    audit.note(by, "ledger.join_accounts", mine, other=theirs.id)
    return remembered | {"transfer": transfer.id if transfer else None}


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
