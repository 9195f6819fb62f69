"""A person's hours as a whole: what we keep of them, and forgetting it.

Nothing of the ledger is ever taken out: what stands on the account of somebody who leaves goes to the community's pool,
a debt too, and the account then names nobody. Words and requests lose what was said.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import audit, clock
from app.words import day_words, hours_words, moment_words
from handlers.ledger import messages
from handlers.ledger.asking import end
from handlers.ledger.helping import pay
from handlers.ledger.vouchers import forget_vouchers
from models import ledger_moves as moves
from models.exchange import OPEN, Exchange, ExchangeHand, TimeOffer, go_to, hold_exchange
from models.identity import Actor, Person
from models.ledger import (
    TimeAccount,
    TimePosting,
    TimeWords,
    account_of,
    house_account,
)
from models.ledger_debts import remember_debt
from models.ledger_lists import entries_of, hands_of, requests_of, words_of
from models.partners import PartnerVoucher, vouchers_of
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
VOUCHERS = {"held": "没用", "used": "用了", "returned": "退了", "expired": "过期了"}
HANDS = {"promised": "答应了", "done": "说办好了", "paid": "时间记上了", "withdrawn": "退出了"}


def request_words(row: Exchange) -> str:
    """How a request stands for who asked."""
    return "有邻居说能来,等您点头" if row.waiting and row.state in ("asked", "matched") else STATES[row.state]


def hand_words(hand: ExchangeHand) -> str:
    """How a promise stands; one that the desk has to settle is nobody else's turn."""
    if hand.state == "promised" and hand.agreed_at is None:
        return "等邻居点头"
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
    told["单位优惠券"] = [_voucher(one) for one in session.scalars(vouchers_of(person))]
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


def _voucher(row: PartnerVoucher) -> dict[str, Any]:
    told = {"什么": row.offer.title, "单位": row.offer.account.name or "", "情况": VOUCHERS[row.state]}
    return told | {"多久": hours_words(row.offer.minutes), "时间": moment_words(row.at)}


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
    forget_vouchers(by, list(by.session.scalars(vouchers_of(person))))
    gone = {"person_id": None, "text": None, "state": "closed"}
    by.session.execute(update(TimeOffer).where(TimeOffer.person_id == person.id).values(gone))
    account = account_of(by.session, person)
    if account is not None:
        _close(by, account, person)
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
        take_out(by, row, hand)
    hand.person = None
    by.session.flush()


def take_out(by: Actor, row: Exchange, hand: ExchangeHand) -> None:
    """One hand less: others may promise again; where it was done or disputed and no hand is left, it ends."""
    hand.state, hand.ended_at = "withdrawn", clock.now()
    if row.state == "matched":
        go_to(row, "asked")
        messages.tell(by, row, row.asker, "ledger.withdrawn")
    elif row.state in ("done", "disputed") and not row.live:
        end(by, row, "cancelled")
        messages.tell(by, row, row.asker, "ledger.ended")


def _close(by: Actor, account: TimeAccount, person: Person) -> None:
    pool = house_account(by.session, "pool")
    by.session.refresh(account)
    if account.balance < 0:
        remember_debt(by.session, person, -account.balance)
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
