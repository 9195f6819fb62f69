"""In chat: one's place in the line, the answer to a seat that is kept, telling late, why, and what was noted."""

from __future__ import annotations

from app import clock
from app.dialogue import Choose, Offer, Say
from app.links import link_to
from handlers.appointments import cancelling, waiting
from handlers.appointments.chat import chat, give_back, may_book, offers_for, which_service
from handlers.appointments.queueing import queue_for
from models.appointments import Appointment
from models.identity import Actor
from models.strikes import Strike, paused_until, strikes_of
from models.waiting import SlotWait, ahead_of, offered_to, waits_of
from models.waiting_offers import is_live

MOST = 5


@chat.dialogue("排队等", "排队等位", "等空位", "排队等空位", title="排队等位", may=may_book)
async def line_up(resident: Actor) -> Say:
    return await queue_for(resident, await which_service(resident, "which_service"))


@chat.says("我的排队", "排队排到哪了", "我排到哪了")
def my_line(resident: Actor) -> Say:
    rows = list(resident.session.scalars(waits_of(resident.me).limit(MOST)))
    if not rows:
        return Say("not_waiting_for", offers={1: Offer.of_word("预约")})
    if len(rows) == 1:
        return one_of_line(resident, rows[0])
    return Say("my_line", rows=rows, offers={n: one_place.offer(row=row) for n, row in enumerate(rows, 1)})


@chat.offered()
def one_place(resident: Actor, row: SlotWait) -> Say:
    return one_of_line(resident, row)


def one_of_line(resident: Actor, row: SlotWait) -> Say:
    if is_live(row):
        offers = {1: take_seat.offer(row=row), 2: pass_seat.offer(row=row), 3: leave_line.offer(row=row)}
        return Say("seat_kept", row=row, offers=offers)
    ahead = ahead_of(resident.session, row)
    return Say("place_in_line", row=row, ahead=ahead, offers={6: leave_line.offer(row=row)})


@chat.dialogue("要这个时间", "我要这个时间", "要这个位子", title="要这个时间")
async def take_seat(resident: Actor, row: SlotWait | None = None) -> Say:
    only = row or _the_only_offer(resident)
    kept: SlotWait = only if only is not None else await Choose("which_seat", offered_to(resident.me))
    appointment = waiting.take(resident, kept)
    return Say("booked", appointment=appointment, offers=offers_for(appointment))


@take_seat.undo
def give_seat_up(resident: Actor, appointment: Appointment) -> Say:
    return give_back(resident, appointment)


@chat.dialogue("让给别人", "这个时间不要", title="让给别人")
async def pass_seat(resident: Actor, row: SlotWait | None = None) -> Say:
    only = row or _the_only_offer(resident)
    kept: SlotWait = only if only is not None else await Choose("which_seat", offered_to(resident.me))
    return Say("let_pass", row=waiting.let_pass(resident, kept))


def _the_only_offer(resident: Actor) -> SlotWait | None:
    found = list(resident.session.scalars(offered_to(resident.me).limit(2)))
    return found[0] if len(found) == 1 else None


@chat.dialogue("不排了", "退出排队", title="不排了")
async def leave_line(resident: Actor, row: SlotWait | None = None) -> Say:
    left: SlotWait = row if row is not None else await Choose("which_line", waits_of(resident.me))
    return Say("left_line", row=waiting.leave(resident, left))


# ---- giving back ---------------------------------------------------------------------------------------------------


@chat.offered()
def why(resident: Actor, appointment: Appointment, code: str) -> Say:
    return Say("thanks_for_why", appointment=cancelling.say_why(resident, appointment, code))


# ---- what was noted ------------------------------------------------------------------------------------------------


@chat.says("没来的记录", "我没来的记录", "为什么不能约")
def noted(resident: Actor) -> Say:
    """Here is how it stands; what was the matter is told on the page."""
    rows = list(
        resident.session.scalars(strikes_of(resident.me).where(Strike.ended_at.is_(None)).limit(MOST))
    )
    paused = [
        until
        for one in rows
        if (until := paused_until(resident.session, resident.me, one.visitor, one.kind)) is not None
    ]
    return Say(
        "noted" if rows else "nothing_noted",
        rows=rows,
        paused=clock.local(max(paused)) if paused else None,
        link=link_to("/h5/missed"),
    )


chat.also_said("排队等", "没有号了怎么办", "约满了怎么办", "有空位叫我", "等别人退")
chat.also_said("我的排队", "查排队", "我排的队", "我在排队吗")
chat.also_said("不排了", "不想排了", "取消排队", "不想等了")
