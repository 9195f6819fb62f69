"""The hall in chat: take a number, where mine stands, I am here, I wait no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app import clock
from app.dialogue import Chat, Choose, Offer, Reply, Say
from handlers.hall import actions
from handlers.people import actions as people
from models import hall as model
from models.appointments import Appointment
from models.identity import Actor
from models.plans import Service, named_in
from models.refusal import Refusal
from models.tickets import Ticket, live_of, my_visits_today
from models.waiting import waits_of

MOST = 3
HERE, LEAVE = 5, 6

chat = Chat("hall")


def may_take(resident: Actor) -> None:
    people.respect_withdrawal(resident, "service")
    day = model.today(resident.session)
    if day is not None and day.closed_at is not None:
        raise Refusal("hall.closed_today")


@chat.dialogue("取号", "现场取号", "排队", title="取号", may=may_take)
async def take(resident: Actor, service: Service | None = None) -> Say:
    wanted: Service = (
        service
        if service is not None
        else await Choose(
            "which_line",
            model.hall_services(),
            by_words=_named(resident),
            new=people.is_new(resident),
        )
    )
    ticket = actions.take_number(resident, wanted)
    return Say("taken", ticket=ticket, **_place(resident, ticket), offers=_offers())


@take.undo
def give_this_back(resident: Actor, ticket: Ticket, **_: object) -> Say:
    return Say("taken_off", ticket=actions.give_back(resident, ticket))


@chat.says("我的号", "排到几号了", "还有几个人", "叫到几号了")
def mine(resident: Actor) -> Reply:
    """Every number that counts, and booked visits of today that have not said that they are here."""
    rows = resident.session.scalars(live_of(resident.me)).all()
    visits = my_visits_today(resident.session, resident.me)[:MOST]
    if not rows and not visits:
        return Say("none", offers={1: take.offer()})
    offers: dict[int, Offer] = {n: arrive.offer(appointment=one) for n, one in enumerate(visits, 1)}
    aside = [one for one in rows if one.state == "aside"]
    offers |= ({HERE: back.offer(ticket=aside[0])} if aside else {}) | (
        {LEAVE: leave.offer()} if rows else {}
    )
    shown = [(one, actions.place_of(resident, one)) for one in rows]
    return Say("mine", rows=shown, visits=visits, aside=bool(aside), offers=offers)


@chat.says("到大厅了", "我到大厅了", "大厅签到")
def here(resident: Actor) -> Reply:
    visits = my_visits_today(resident.session, resident.me)[:MOST]
    aside = [one for one in resident.session.scalars(live_of(resident.me)) if one.state == "aside"]
    if aside:
        return _back(resident, aside[0])
    if len(visits) == 1:
        return _arrived(resident, visits[0])
    if not visits:
        return mine.run(resident)
    return Say(
        "which_visit",
        visits=visits,
        offers={n: arrive.offer(appointment=one) for n, one in enumerate(visits, 1)},
    )


@chat.offered()
def arrive(resident: Actor, appointment: Appointment) -> Reply:
    return _arrived(resident, appointment)


@chat.offered()
def back(resident: Actor, ticket: Ticket) -> Reply:
    return _back(resident, ticket)


@chat.says("不等了", "退号")
def leave(resident: Actor) -> Reply:
    rows = resident.session.scalars(live_of(resident.me)).all()
    if not rows and resident.session.scalar(waits_of(resident.me).limit(1)) is not None:
        return Say("waits_for_a_time", offers={1: Offer.of_word("不排了")})
    if not rows:
        return Say("none", offers={1: take.offer()})
    if len(rows) == 1:
        return drop.run(resident, rows[0])
    return Say(
        "which_to_leave", rows=rows, offers={n: drop.offer(ticket=one) for n, one in enumerate(rows, 1)}
    )


@chat.offered()
def drop(resident: Actor, ticket: Ticket) -> Reply:
    given = actions.give_back(resident, ticket)
    return Say("left", ticket=given, undo=stay.offer(ticket=given))


@chat.offered()
def stay(resident: Actor, ticket: Ticket) -> Reply:
    again = actions.stay(resident, ticket)
    return Say("stays", ticket=again, **_place(resident, again), offers=_offers())


def _arrived(resident: Actor, appointment: Appointment) -> Say:
    ticket = actions.arrive(resident, appointment)
    return Say("arrived", ticket=ticket, **_place(resident, ticket), offers=_offers())


def _back(resident: Actor, ticket: Ticket) -> Say:
    again = actions.come_back(resident, ticket)
    return Say("is_back", ticket=again, **_place(resident, again), offers=_offers())


def _offers() -> dict[int, Offer]:
    return {1: mine.offer(), LEAVE: leave.offer()}


def _place(resident: Actor, ticket: Ticket) -> dict[str, Any]:
    """How many are called before, and about when; they were called already: nobody, now."""
    place = actions.place_of(resident, ticket)
    return {"before": place.before, "about": place.about} if place else {"before": 0, "about": clock.now()}


def _named(resident: Actor) -> Callable[[str], Sequence[Service] | None]:
    return lambda text: named_in(text, resident.session.scalars(model.hall_services()).all()) or None


chat.also_said("取号", "我要取号", "拿个号", "排个号", "我要排队", "取个号", "领个号")
chat.also_said("我的号", "到我了吗", "前面还有几个人", "轮到我没有", "看我的号")
chat.also_said("到大厅了", "我在大厅了", "我来办事了", "预约的我到了")
chat.also_said("不等了", "号不要了", "把号退了")
