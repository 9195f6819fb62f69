"""What partners give, in the chat: the list, one of them, taking it, and one's own vouchers."""

from __future__ import annotations

from app.dialogue import Confirm, Offer, Say
from handlers.ledger import actions
from handlers.ledger.chat import PER_PAGE, chat, may_trade
from handlers.people import actions as people
from models.identity import Actor
from models.partners import PartnerOffer, PartnerVoucher, held_vouchers, open_offers

NEXT_PAGE, MY_VOUCHERS = 6, 7


@chat.says("单位优惠", "换优惠", "看单位送什么")
def gifts(resident: Actor, page: int = 0) -> Say:
    wanted = open_offers().offset(page * PER_PAGE).limit(PER_PAGE + 1)
    found = list(resident.session.scalars(wanted))
    offers: dict[int, Offer] = {n: gift.offer(gift=row) for n, row in enumerate(found[:PER_PAGE], 1)}
    more = len(found) > PER_PAGE
    if more:
        offers[NEXT_PAGE] = gifts.offer(page=page + 1)
    offers[MY_VOUCHERS] = vouchers.offer()
    return Say("ledger.gifts", rows=found[:PER_PAGE], more=more, offers=offers)


@chat.offered()
def gift(resident: Actor, gift: PartnerOffer) -> Say:
    return Say("gift", gift=gift, offers={1: take.offer(gift=gift), 2: gifts.offer()})


@chat.dialogue(title="领单位优惠", may=may_trade)
async def take(resident: Actor, gift: PartnerOffer) -> Say:
    await Confirm("confirm_gift_taken", gift=gift, new=people.is_new(resident))
    voucher = actions.take(resident, gift)
    return Say("voucher_taken", gift=gift, voucher=voucher, offers={1: vouchers.offer()})


@take.undo
def untake(resident: Actor, voucher: PartnerVoucher, **_: object) -> Say:
    return Say("voucher_back", gift=actions.give_back(resident, voucher).offer)


@chat.says("我的券", "看我的券")
def vouchers(resident: Actor) -> Say:
    """The digits of each: shown to its holder alone."""
    held = list(resident.session.scalars(held_vouchers(resident.me).limit(PER_PAGE)))
    offers: dict[int, Offer] = {n: own_voucher.offer(voucher=one) for n, one in enumerate(held, 1)}
    return Say("ledger.vouchers", rows=held, offers=offers | {NEXT_PAGE: gifts.offer()})


@chat.offered()
def own_voucher(resident: Actor, voucher: PartnerVoucher) -> Say:
    mine = voucher.person_id == resident.me.id and voucher.state == "held"
    if not mine:
        return Say("voucher_gone", offers={1: gifts.offer()})
    return Say("own_voucher", voucher=voucher, offers={1: hand_back.offer(voucher=voucher), 2: gifts.offer()})


@chat.dialogue(title="退券")
async def hand_back(resident: Actor, voucher: PartnerVoucher) -> Say:
    await Confirm("confirm_return", gift=voucher.offer)
    return Say("voucher_back", gift=actions.give_back(resident, voucher).offer)


chat.also_said("单位优惠", "用时间换电影票", "用时间换停车", "有什么优惠")
