"""The exchange in the chat: what neighbours want done, asking for help in hours, saying what one can do. One's own
hours and steps are in mine.py."""

from __future__ import annotations

from app.dialogue import Ask, Chat, Choose, Confirm, Offer, Say
from app.understanding.numbers import choice_number
from handlers.ledger import actions
from handlers.ledger.sentences import day_wanted, request_minutes_in, text_in
from handlers.people import actions as people
from models.exchange import CATEGORIES, Exchange, TimeOffer, check_may_promise
from models.identity import Actor
from models.ledger import account_of, terms
from models.ledger_lists import offers_of, open_requests
from models.refusal import Refusal

PER_PAGE = 5
NEXT_PAGE, ASK, CAN_DO, GIFTS = 6, 7, 8, 9
NOTHING = frozenset({"没有", "没了", "不用", "无", "没"})

chat = Chat("ledger")


def may_trade(resident: Actor) -> None:
    """Who took the consent back, or is not on file, hears so before the first question."""
    people.respect_withdrawal(resident, "service")
    if resident.me.joined_at is None:
        raise Refusal("ledger.join_first")


# ---- what neighbours want done -------------------------------------------------------------------------------------


@chat.says("换服务", "时间换服务", "看谁要帮忙")
def station(resident: Actor, page: int = 0) -> Say:
    rows = open_requests(resident.me).offset(page * PER_PAGE).limit(PER_PAGE + 1)
    found = list(resident.session.scalars(rows))
    offers: dict[int, Offer] = {n: card.offer(exchange=row) for n, row in enumerate(found[:PER_PAGE], 1)}
    more = len(found) > PER_PAGE
    if more:
        offers[NEXT_PAGE] = station.offer(page=page + 1)
    offers |= {ASK: ask.offer(), CAN_DO: can_do.offer(), GIFTS: Offer.of_word("单位优惠")}
    return Say("ledger.station", rows=found[:PER_PAGE], more=more, offers=offers)


@chat.offered()
def card(resident: Actor, exchange: Exchange) -> Say:
    """One request, without anything of who asks. A digit may be typed long after the list was shown."""
    if exchange.state != "asked" or exchange.asker_id == resident.me.id:
        return Say("request_gone", offers={1: station.offer()})
    return Say("request", exchange=exchange, offers={1: promise.offer(exchange=exchange), 2: station.offer()})


@chat.dialogue(title="答应帮忙", may=may_trade)
async def promise(resident: Actor, exchange: Exchange) -> Say:
    check_may_promise(resident.session, exchange, resident.me)
    await Confirm("confirm_promise", exchange=exchange, new=people.is_new(resident))
    hand = actions.promise(resident, exchange)
    return Say("promised", hand=hand, exchange=hand.exchange, offers={1: Offer.of_word("我的时间")})


@promise.undo
def unpromise(resident: Actor, hand: object, **_: object) -> Say:
    return Say("unpromised", exchange=actions.withdraw_hand(resident, hand))  # type: ignore[arg-type]


# ---- asking --------------------------------------------------------------------------------------------------------


@chat.dialogue("请人帮忙", "请邻居帮忙", "用时间请人", title="请人帮忙", may=may_trade)
async def ask(resident: Actor) -> Say:
    category = await Choose("which_help", CATEGORIES)
    free = _free(resident)
    minutes = await Ask("how_long", lambda words: _covered(words, free), again=("ledger.short",), free=free)
    day = await Ask("which_day", day_wanted)
    text = await Ask("what_exactly", _text, any_words=True)
    await Confirm(
        "confirm_ask",
        category=category,
        minutes=minutes,
        day=day,
        text=text,
        new=people.is_new(resident),
    )
    row = actions.ask(resident, category, minutes, day, text=text)
    return Say("asked", exchange=row, offers={1: Offer.of_word("我的时间")})


@ask.undo
def unask(resident: Actor, exchange: Exchange, **_: object) -> Say:
    return Say("unasked", exchange=actions.cancel(resident, exchange))


def _free(resident: Actor) -> int:
    """What may still be spent; a newcomer has the community's credit."""
    account = account_of(resident.session, resident.me)
    return account.free if account is not None else terms(resident.session).credit


def _covered(words: str, free: int) -> int:
    """Said at once, not after three more questions; the ledger itself asks again when it is set aside."""
    minutes = request_minutes_in(words)
    if minutes > free:
        raise Refusal("ledger.short_of", free=max(free, 0))
    return minutes


def _text(words: str) -> str:
    if words.strip("。.!！ ") in NOTHING or choice_number(words) == 0:
        return ""
    return text_in(words)


# ---- offering ------------------------------------------------------------------------------------------------------


@chat.dialogue("我能帮忙", "我会做什么", "我能帮什么", title="我能帮忙", may=may_trade)
async def can_do(resident: Actor) -> Say:
    category = await Choose("which_skill", CATEGORIES)
    text = await Ask("which_skill_exactly", _text, any_words=True)
    await Confirm("confirm_offer", category=category, text=text, new=people.is_new(resident))
    return Say("offered", offer=actions.offer(resident, category, text=text))


@can_do.undo
def cannot(resident: Actor, offer: TimeOffer, **_: object) -> Say:
    return Say("offer_stopped", offer=actions.stop_offer(resident, offer))


@chat.dialogue("不再帮忙", "停止帮忙", title="不再帮忙")
async def stop(resident: Actor) -> Say:
    chosen: TimeOffer = await Choose("which_offer", offers_of(resident.me))
    return Say("offer_stopped", offer=actions.stop_offer(resident, chosen))


@stop.undo
def go_on(resident: Actor, offer: TimeOffer) -> Say:
    return Say("offered", offer=actions.open_again(resident, offer))


chat.also_said("换服务", "时间换帮忙", "拿时间换服务", "谁需要帮忙", "看看谁要帮")
chat.also_said("请人帮忙", "找邻居帮忙", "请个人帮忙", "想请人帮忙", "用时间换人帮忙")
chat.also_said("我能帮忙", "我想帮人", "我会理发", "我会修水管", "我可以帮忙")
