"""The talks about appointments: book, again, see, move, cancel; a service's own card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.dialogue import Answered, Chat, Choose, Confirm, Go, Offer, Reply, Say
from handlers.appointments import actions, seats
from handlers.appointments.cancelling import is_late
from handlers.appointments.contact import asks_name, contact_for
from handlers.appointments.giving_back import cancelled, tell_late
from handlers.appointments.queueing import TimeOrLine, queue_for
from handlers.appointments.requests import asks, is_about, is_for_somebody_else, short_for, wants_a_time
from handlers.appointments.striking import respect_pause
from handlers.appointments.times import ChooseTime
from handlers.appointments.wished import all_full, free_by_half
from handlers.people import actions as people
from models.appointments import Appointment, last_of, upcoming_list, visitor_key
from models.booking_holds import Own
from models.booking_rules import check_cap, check_change, check_move, check_overlap, check_slot
from models.identity import Actor
from models.plans import Service, named_in, open_services, services_to_choose
from models.refusal import Refusal
from models.slots import Slot

PER_CARD = 5
NEXT_CARD = 6

chat = Chat("appointments")


# ---- booking ----------------------------------------------------------------------------------------------------


def may_book(resident: Actor) -> None:
    """Who took the consent back is told before the first question."""
    people.respect_withdrawal(resident, "service")


@chat.dialogue(
    "预约", "预约服务", "办事", "我要预约", title="预约", helper=("帮别人约", "替别人约"), may=may_book
)
async def book(resident: Actor, service: Service | None = None) -> Say:
    wanted, own = service or await which_service(resident, "which_service"), Own(resident.me.id)
    check_cap(resident.session, wanted, resident.me, visitor_key(resident.helped))
    respect_pause(resident, wanted, resident.me, visitor_key(resident.helped))
    free = None if await Answered("which_time") else free_by_half(resident.session, wanted, own)
    if free is not None and all_full(free):
        return await queue_for(resident, wanted)
    slot: Any = await TimeOrLine("which_time", resident, wanted, own, free)
    if slot is None:
        return await queue_for(resident, wanted)
    check_slot(resident.session, slot, own)
    check_overlap(resident.session, slot, resident.me, visitor_key(resident.helped))
    contact = await contact_for(resident, wanted)
    new = people.is_new(resident) and not asks_name(resident)
    await Confirm("confirm", slot=slot, service=wanted, contact=contact, helped=resident.helped, new=new)
    appointment = actions.book(resident, slot, contact=contact)
    return Say("booked", appointment=appointment, offers=offers_for(appointment))


book.lets_go(seats.let_go)


@book.undo
def give_back(resident: Actor, appointment: Appointment) -> Say:
    return Say("given_back", appointment=actions.give_back(resident, appointment))


@chat.dialogue("还约上次那个", "还约上次", "再约一次", title="再约一次", may=may_book)
async def book_again(resident: Actor) -> Say:
    last = last_of(resident.session, resident.me)
    if last is None:
        raise Refusal("appointments.nothing_before")
    return await book.run(resident.helping(last.helped) if last.helped else resident, service=last.service)


book_again.lets_go(seats.let_go)


@book_again.undo
def give_this_back(resident: Actor, appointment: Appointment) -> Say:
    return give_back(resident, appointment)


def which_service(resident: Actor, key: str) -> Choose[Service]:
    return Choose(key, services_to_choose, by_words=_named(resident.session))


# ---- mine ---------------------------------------------------------------------------------------------------------


@chat.says("我的预约", "查预约", "预约查询")
def mine(resident: Actor, page: int = 0) -> Say:
    found = upcoming_list(resident.me).page(resident.session, page * PER_CARD, PER_CARD + 1)
    if not found:
        return Say("none_waiting", offers={1: book.offer()})
    if len(found) == 1 and page == 0:
        return one_of_mine(resident, found[0])
    shown, more = found[:PER_CARD], len(found) > PER_CARD
    offers: dict[int, Offer] = {n: one.offer(appointment=row) for n, row in enumerate(shown, 1)}
    if more:
        offers[NEXT_CARD] = mine.offer(page=page + 1)
    return Say("mine", appointments=shown, more=more, offers=offers)


@chat.offered()
def one(resident: Actor, appointment: Appointment) -> Say:
    return one_of_mine(resident, appointment)


def one_of_mine(resident: Actor, appointment: Appointment) -> Say:
    waits = appointment.state == "confirmed"
    return Say("one", appointment=appointment, offers=offers_for(appointment) if waits else {1: mine.offer()})


def offers_for(appointment: Appointment) -> dict[int, Offer]:
    return {5: rebook.offer(appointment=appointment), 6: cancel.offer(appointment=appointment)}


@chat.dialogue("改约", "改时间", "改预约", title="改约", may=may_book)
async def rebook(resident: Actor, appointment: Appointment | None = None) -> Say:
    moved = appointment or the_only_one(resident) or await which_of_mine(resident, "which_to_move")
    check_change(moved)
    slot = await ChooseTime("new_time", resident, moved.service, moved.own, appointment=moved)
    check_move(resident.session, moved, slot)
    check_slot(resident.session, slot, moved.own)
    await Confirm("confirm_move", appointment=moved, slot=slot)
    before = moved.slot
    return Say(
        "moved", appointment=actions.rebook(resident, moved, slot), before=before, offers=offers_for(moved)
    )


rebook.lets_go(seats.let_go)


@rebook.undo
def move_back(resident: Actor, appointment: Appointment, before: Slot) -> Say:
    return Say("moved_back", appointment=actions.move_back(resident, appointment, before))


def the_only_one(resident: Actor) -> Appointment | None:
    """Nobody is asked which of one."""
    found = upcoming_list(resident.me).page(resident.session, 0, 2)
    return found[0] if len(found) == 1 else None


def which_of_mine(resident: Actor, key: str) -> Choose[Appointment]:
    return Choose(key, upcoming_list(resident.me))


@chat.dialogue("取消预约", "退预约", "取消", "不约了", title="取消预约")
async def cancel(resident: Actor, appointment: Appointment | None = None) -> Say:
    dropped = appointment or the_only_one(resident) or await which_of_mine(resident, "which_to_cancel")
    if is_late(dropped):
        return await tell_late(resident, dropped)
    check_change(dropped)
    await Confirm("confirm_cancel", appointment=dropped)
    return cancelled(resident, dropped)


@cancel.undo
def reinstate(resident: Actor, appointment: Appointment, why: str = "") -> Say:
    restored = actions.reinstate(resident, appointment)
    return Say("reinstated", appointment=restored, offers=offers_for(restored))


# ---- a service's card ------------------------------------------------------------------------------------------------


def card(service: Service) -> Say:
    """The whole of a service on one card; 1 books it."""
    return Say("appointments.card", service=service, offers={1: book.offer(service=service)})


@chat.listens("guides")
def service_by_name(resident: Actor, text: str) -> Reply:
    """ "理发要带什么": the card of the service that is named, with little else around its name. "明天下午三点理发" and
    "帮我妈约老年证" book it at once, and what was said is not asked again."""
    found = named_in(text, resident.session.scalars(open_services()).all())
    if len(found) != 1:
        return None
    if "每周" in text and found[0].series_most is not None and not asks(text):
        return Go(Offer("appointments.book_weekly", {"service": found[0]}), told=text)
    if wants_a_time(text, found[0]):
        return Go(book.offer(service=found[0]), told=text, helping=is_for_somebody_else(text))
    return card(found[0]) if is_about(text, found[0]) or short_for(text, found[0]) else None


# ---- reading words ---------------------------------------------------------------------------------------------------


def _named(session: Session) -> Callable[[str], list[Service] | None]:
    return lambda text: named_in(text, session.scalars(open_services()).all()) or None


chat.also_said("预约", "约个时间", "挂个号", "想约一下", "预约办事", "预约窗口", "订个时间", "约时间")
chat.also_said("我的预约", "看我的预约", "我约了啥", "我约的几点", "我预约了没有", "我约的什么时候")
chat.also_said("改约", "换个时间", "预约改时间", "改天去", "调时间", "改期")
chat.also_said("取消预约", "不想约了", "帮我取消", "我要取消", "退掉预约", "把预约取消", "预约不要了")
chat.also_said("不约了", "我不去了", "去不了了", "来不了了")
chat.also_said("还约上次那个", "跟上次一样", "照上次的约", "还是老样子", "上次那个再约", "还约一样的")
chat.also_said("帮别人约", "帮我妈约", "给老人约", "替我爸预约", "帮邻居约", "帮老人预约", "代约")
