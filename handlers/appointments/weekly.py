"""Week after week in chat: which dates can be had and which cannot is read out before the yes; one of them or all of
them can be given back later."""

from __future__ import annotations

from typing import Any

from app import clock
from app.dialogue import Ask, Choose, Confirm, Say
from app.understanding.numbers import number_word, plain
from handlers.appointments import seats, series
from handlers.appointments.cancelling import is_late
from handlers.appointments.chat import chat, may_book
from handlers.appointments.contact import asks_name, contact_for
from handlers.appointments.giving_back import cancelled, tell_late
from handlers.appointments.series import give_back
from handlers.appointments.striking import respect_pause
from handlers.appointments.times import ChooseTime
from handlers.people import actions as people
from models.appointments import Appointment, visitor_key
from models.booking_holds import Own
from models.booking_rules import check_cap, check_change, check_overlap, check_slot, most_in_series
from models.booking_series import BookingSeries, series_of, still_to_come
from models.identity import Actor
from models.plans import Service, named_in, weekly_services
from models.refusal import Refusal
from models.slots import Slot

STOPPED = "本人都取消了"  # the reason by which a stop is taken back
ONE, ALL = "one", "all"
WEEKS = ("周", "次", "回", "个星期", "星期", "个礼拜", "礼拜")


@chat.dialogue(
    "每周约", "每周都约", "连着约", "固定约", title="每周约", helper=("帮别人每周约",), may=may_book
)
async def book_weekly(resident: Actor, service: Service | None = None) -> Say:
    wanted = service or await which_weekly(resident)
    visitor, own = visitor_key(resident.helped), Own(resident.me.id)
    respect_pause(resident, wanted, resident.me, visitor)
    series.check_weekly(wanted)
    check_cap(resident.session, wanted, resident.me, visitor, 2)
    slot = await ChooseTime("first_time", resident, wanted, own)
    check_slot(resident.session, slot, own)
    check_overlap(resident.session, slot, resident.me, visitor)
    most = most_in_series(resident.session, wanted, resident.me, visitor)
    times = await Ask("how_many_times", lambda text: times_in(text, most), most=most, slot=slot)
    contact = await contact_for(resident, wanted)
    wish = wish_of(wanted, slot, times)
    new = people.is_new(resident) and not asks_name(resident)
    facts: dict[str, Any] = {"slot": slot, "service": wanted, "helped": resident.helped, "new": new}
    await Confirm("confirm_weekly", **facts | _foreseen(resident, wish), contact=contact)
    return Say("booked_weekly", series=series.book_mine(resident, wish, contact))


book_weekly.lets_go(seats.let_go)


@book_weekly.undo
def give_weekly_back(resident: Actor, series: BookingSeries) -> Say:
    return Say("weekly_given_back", series=series, count=give_back(resident, series))


@chat.dialogue("取消每周", "取消每周约", "每周的不来了", "每周都不来了", title="取消每周约")
async def stop_weekly(resident: Actor) -> Say:
    """One of the dates, or all that are still to come."""
    chosen = the_only_one(resident) or await which_series(resident)
    if await Choose("one_or_all", [ONE, ALL], shown_as="one_or_all_shown", row=chosen) == ONE:
        dates = still_to_come(chosen, chosen.first_day)
        dropped: Appointment = await Choose("which_date_to_cancel", dates, row=chosen)
        if is_late(dropped):
            return await tell_late(resident, dropped)
        check_change(dropped)
        await Confirm("confirm_cancel", appointment=dropped)
        return cancelled(resident, dropped)
    coming = resident.session.scalars(still_to_come(chosen, chosen.first_day)).all()
    given = [one.slot.starts for one in coming if one.can_be_changed]
    if not given:
        raise Refusal("appointments.too_late", appointment=coming[0])
    await Confirm("confirm_stop", row=chosen, given=given, stays=len(coming) - len(given))
    return Say("stopped_weekly", row=chosen, count=series.stop_mine(resident, chosen, STOPPED))


@stop_weekly.undo
def take_weekly_up(resident: Actor, row: BookingSeries, **_: object) -> Say:
    back, lost = series.take_up(resident, row, STOPPED)
    return Say("weekly_taken_up", row=row, back=back, lost=lost)


def which_series(resident: Actor) -> Choose[BookingSeries]:
    return Choose("which_weekly_to_stop", series_of(resident.me))


def the_only_one(resident: Actor) -> BookingSeries | None:
    """Nobody is asked which of one."""
    found = list(resident.session.scalars(series_of(resident.me).limit(2)))
    return found[0] if len(found) == 1 else None


def wish_of(service: Service, slot: Slot, times: int) -> series.Wish:
    first = clock.local(slot.starts)
    return series.Wish(service, first.date(), first.time(), times)


def which_weekly(resident: Actor) -> Choose[Service]:
    services = weekly_services()
    return Choose(
        "which_weekly",
        services,
        by_words=lambda text: named_in(text, resident.session.scalars(services).all()) or None,
    )


def _foreseen(resident: Actor, wish: series.Wish) -> dict[str, Any]:
    """Which dates can be had, and which cannot and why. Refuses when none can."""
    dates = series.foresee(resident, wish)
    good = [starts for starts, why in dates if why is None]
    if not good:
        raise Refusal("appointments.none_of_series", service=wish.service)
    return {"good": good, "bad": [(starts, why) for starts, why in dates if why is not None]}


def times_in(text: str, most: int) -> int:
    """8, 8次, 八周. Refuses with appointments.no_series for a number that cannot be; ValueError when it is none."""
    words = plain(text).strip()
    for unit in WEEKS:
        words = words.removesuffix(unit)
    found = number_word(words.removeprefix("约").removeprefix("连着"))
    if found is None:
        raise ValueError(text)
    if not 2 <= found <= most:
        raise Refusal("appointments.no_series", most=most)
    return found


chat.also_said("每周约", "每周都来", "每个星期都约", "每礼拜约", "固定时间约", "天天约一样的")
chat.also_said("取消每周", "每周的取消", "每周不约了", "固定的不约了")
