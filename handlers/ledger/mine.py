"""我的时间: how many hours one has, what waits for one's word, the last entries, and giving hours away."""

from __future__ import annotations

from typing import Any

from app.dialogue import Ask, Choose, Confirm, Offer, Reply, Say
from handlers.ledger import actions, contact
from handlers.ledger.chat import ask, chat, station
from handlers.ledger.rights import hand_words, request_words, signed, what_of
from handlers.ledger.sentences import minutes_in, reason_in
from handlers.people import actions as people
from models.exchange import OPEN, Exchange, ExchangeHand
from models.identity import Actor, Person
from models.ledger import TimeTransfer, account_of, terms
from models.ledger_lists import entries_of, hands_waiting, open_hands, requests_of, reversed_among
from models.refusal import Refusal

MOST_SHOWN, ENTRIES = 4, 6
ASK, HELP, GIVE, BOOK = 6, 7, 8, 9
POOL, KIN = "社区互助池", "家里人"
SHORT_ANSWERS = frozenset({"帮完了", "忙帮完了", "互助办好了"})


# ---- hours and open things -----------------------------------------------------------------------------------------


@chat.says("我的时间", "时间银行", "时间余额", "我的幸福指数", "幸福指数", "我的互助")
def mine(resident: Actor) -> Say:
    """Hours and points; what waits for a word stands first, each a digit away from its next step."""
    account = account_of(resident.session, resident.me)
    things = _things(resident)[:MOST_SHOWN]
    offers: dict[int, Offer] = {}
    for digit, thing in enumerate(things, 1):
        asked = isinstance(thing, Exchange)
        offers[digit] = own_request.offer(exchange=thing) if asked else own_promise.offer(hand=thing)
    offers |= {ASK: ask.offer(), HELP: station.offer(), GIVE: give.offer(), BOOK: book.offer()}
    facts: dict[str, Any] = {"lines": [_line(thing) for thing in things], "offers": offers}
    per_point = terms(resident.session).minutes_per_point
    if account is None:
        return Say("ledger.mine", balance="0分钟", held=0, points="0", credit=_credit(resident), **facts)
    points = f"{account.balance / per_point:.1f}".removesuffix(".0")
    credit = max(-(account.lowest or 0), 0)
    return Say(
        "ledger.mine",
        balance=signed(account.balance),
        held=account.held,
        points=points,
        credit=credit,
        **facts,
    )


def _credit(resident: Actor) -> int:
    return terms(resident.session).credit


def _things(resident: Actor) -> list[Exchange | ExchangeHand]:
    """Requests that wait for this person's word, promises to keep, then what waits for others."""
    session, me = resident.session, resident.me
    asked = session.scalars(requests_of(me).where(Exchange.state.in_(OPEN)).limit(MOST_SHOWN)).all()
    hands = session.scalars(open_hands(me).limit(MOST_SHOWN)).all()
    return [
        *(one for one in asked if one.state == "done" or one.waiting),
        *hands,
        *(one for one in asked if one.state != "done" and not one.waiting),
        *session.scalars(hands_waiting(me).limit(MOST_SHOWN)),
    ]


def _line(thing: Exchange | ExchangeHand) -> str:
    if isinstance(thing, Exchange):
        return f"请的{thing.category}{thing.number}号,{request_words(thing)}"
    return f"答应的{thing.exchange.category}{thing.exchange.number}号,{hand_words(thing)}"


@chat.offered()
def book(resident: Actor) -> Say:
    """The last entries of one's own book."""
    account = account_of(resident.session, resident.me)
    rows = [] if account is None else list(resident.session.scalars(entries_of(account).limit(ENTRIES)))
    corrected = reversed_among(resident.session, [one.transfer_id for one in rows])
    lines = [(one, what_of(one), one.transfer_id in corrected) for one in rows]
    return Say("book", lines=lines, offers={1: mine.offer()})


# ---- the asker's steps ---------------------------------------------------------------------------------------------


@chat.offered()
def own_request(resident: Actor, exchange: Exchange) -> Say:
    if exchange.asker_id != resident.me.id:
        raise Refusal("ledger.not_yours")
    steps: dict[int, Offer] = {}
    waiting = contact.candidates(resident, exchange)
    if waiting:
        steps |= {1: agree.offer(hand=waiting[0].hand), 2: decline.offer(hand=waiting[0].hand)}
    elif exchange.state in ("done", "matched"):
        steps |= {1: confirm.offer(exchange=exchange), 2: dispute.offer(exchange=exchange)}
    if exchange.state in ("asked", "matched"):
        steps[3] = cancel.offer(exchange=exchange)
    steps[4] = mine.offer()
    seen = contact.of_helpers(resident, exchange)
    facts: dict[str, Any] = {"exchange": exchange, "helpers": seen, "waiting": waiting}
    facts["state"] = request_words(exchange)
    return Say("asked_by_me", offers=steps, **facts)


@chat.dialogue(title="请他来")
async def agree(resident: Actor, hand: ExchangeHand) -> Say:
    await Confirm("confirm_agree", exchange=hand.exchange, name=_name(hand))
    come = actions.agree(resident, hand)
    seen = come.person.phone if come.person else ""
    return Say("agreed", exchange=come.exchange, name=_name(come), seen=seen)


@chat.dialogue(title="换别人")
async def decline(resident: Actor, hand: ExchangeHand) -> Say:
    await Confirm("confirm_decline", exchange=hand.exchange, name=_name(hand))
    return Say("declined", exchange=actions.decline(resident, hand))


def _name(hand: ExchangeHand) -> str:
    return (hand.person.name if hand.person else "") or ""


@chat.dialogue(title="确认办好")
async def confirm(resident: Actor, exchange: Exchange) -> Say:
    await Confirm("confirm_done", exchange=exchange, hands=len(exchange.live))
    row = actions.confirm(resident, exchange)
    return Say("confirmed", exchange=row, paid=row.state == "paid")


@confirm.undo
def unconfirm(resident: Actor, exchange: Exchange, **_: object) -> Say:
    return Say("unconfirmed", exchange=actions.take_back_confirmation(resident, exchange))


@chat.dialogue(title="说哪里不对")
async def dispute(resident: Actor, exchange: Exchange) -> Say:
    words = await Ask("what_is_wrong", reason_in, any_words=True)
    await Confirm("confirm_dispute", words=words)
    return Say("disputed", exchange=actions.dispute(resident, exchange, words))


@chat.dialogue(title="取消请人")
async def cancel(resident: Actor, exchange: Exchange) -> Say:
    await Confirm("confirm_cancel", exchange=exchange, hands=len(exchange.live))
    return Say("cancelled_request", exchange=actions.cancel(resident, exchange))


# ---- the helper's steps --------------------------------------------------------------------------------------------


@chat.offered()
def own_promise(resident: Actor, hand: ExchangeHand) -> Say:
    if hand.person_id != resident.me.id:
        raise Refusal("ledger.not_yours")
    steps: dict[int, Offer] = {4: mine.offer()}
    if hand.state == "promised" and hand.exchange.state == "matched":
        steps[1] = finish.offer(hand=hand)
    if hand.state == "promised" and hand.exchange.state in ("asked", "matched"):
        steps[3] = withdraw.offer(hand=hand)
    seen = contact.of_asker(resident, hand)
    return Say("own_promise", hand=hand, exchange=hand.exchange, asker=seen, offers=steps)


@chat.dialogue(title="说帮完了")
async def finish(resident: Actor, hand: ExchangeHand) -> Say:
    await Confirm("confirm_finish", exchange=hand.exchange)
    row = actions.mark_done(resident, hand)
    return Say("finished", exchange=row, hand=hand, paid=row.state == "paid")


@finish.undo
def unfinish(resident: Actor, hand: ExchangeHand, **_: object) -> Say:
    return Say("unfinished", exchange=actions.take_back_done(resident, hand))


@chat.dialogue(title="退出帮忙")
async def withdraw(resident: Actor, hand: ExchangeHand) -> Say:
    await Confirm("confirm_withdraw", exchange=hand.exchange)
    return Say("withdrawn_hand", exchange=actions.withdraw_hand(resident, hand))


@chat.listens("guides")
def short_answer(resident: Actor, text: str) -> Reply:
    """ "帮完了" from somebody with a promise open means that one; from others it is just a word."""
    if text not in SHORT_ANSWERS:
        return None
    return mine.run(resident) if resident.session.scalar(open_hands(resident.me).limit(1)) else None


# ---- giving --------------------------------------------------------------------------------------------------------


def may_give(resident: Actor) -> None:
    people.respect_withdrawal(resident, "service")
    account = account_of(resident.session, resident.me)
    if account is None or account.balance - account.held <= 0:
        raise Refusal("ledger.nothing_to_give")


@chat.dialogue("送时间", "赠送时间", "捐时间", title="送时间", may=may_give)
async def give(resident: Actor) -> Say:
    whom = await Choose("gift_to_whom", (POOL, KIN))
    to: Person | None = None
    if whom == KIN:
        to = await Choose("which_kin", contact.kin_of(resident), shown_as="kin")
    minutes = await Ask("how_much", minutes_in, again=("ledger.earned_only",))
    await Confirm("confirm_gift", minutes=minutes, to=to.name if to else POOL)
    transfer = actions.give(resident, to, minutes)
    return Say("given_away", transfer=transfer, minutes=minutes, offers={1: mine.offer()})


@give.undo
def take_gift_back(resident: Actor, transfer: TimeTransfer, **_: object) -> Say:
    return Say("gift_taken_back", transfer=actions.take_back_gift(resident, transfer))


chat.also_said("我的时间", "我有多少时间", "查时间", "我攒了多少时间", "我还有几个小时")
chat.also_said("送时间", "把时间送人", "把时间给家里人", "把时间捐出去")
