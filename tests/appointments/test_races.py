"""Seats under many hands: twenty neighbours on two seats, changes that cross, and any order of any acts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import time
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.appointments import actions
from handlers.appointments.planning import close_time
from models.appointments import Appointment, Contact
from models.outbox import OutboxRow
from models.refusal import Refusal
from tests.appointments.desk import TUESDAY, WEDNESDAY, booked, clerk, get, only, opened, slot_at, sound
from tests.neighbours import Phone, Town
from tests.races import at_once

T = TypeVar("T")
NEIGHBOURS = "马赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤"


def until_heard(phone: Phone, words: str) -> str:
    """Say it again as long as the house is too busy to hear."""
    said = phone.says(words)
    return until_heard(phone, words) if any(busy in said for busy in ("刚才没办成", "人太多")) else said


def answer(town: Town, unit: Callable[[Session], Any]) -> str:
    """ "yes", or the code of the refusal."""
    try:
        town.writing(unit)
    except Refusal as why:
        return why.code
    return "yes"


def test_twenty_neighbours_on_two_seats_give_two_bookings(town: Town, monday: Any) -> None:
    opened(town, capacity=2)
    phones = [town.phone(f"{surname}兰花") for surname in NEIGHBOURS]
    for phone in phones:
        assert "3 明天 周二 上午10点\n" in phone.says("预约", "1", "明天")
    answers = at_once([lambda phone=phone: until_heard(phone, "3") for phone in phones])
    told = Counter(
        "asked" if "您的姓名" in said else "held" if "刚有人选着" in said else said for said in answers
    )
    assert told == {"asked": 2, "held": 18}
    last = [phone for phone, said in zip(phones, answers, strict=True) if "您的姓名" in said]
    answers = at_once([lambda phone=phone: phone.says("兰花花", "1") for phone in last])
    assert all("约好了" in said for said in answers)
    with town.reading() as session:
        assert session.scalar(select(func.count(Appointment.id))) == 2
        assert session.scalar(select(func.count(OutboxRow.id))) == 2
    assert sound(town)


def test_one_neighbour_on_many_devices_gets_one_place(town: Town, monday: Any) -> None:
    opened(town, capacity=8)
    town.writing(lambda s: setattr(town.phone("马秀兰").actor(s).me, "name", "马秀兰"))

    def book(session: Session) -> None:
        actor = town.phone("马秀兰").actor(session)
        actions.book(actor, slot_at(session, TUESDAY, "09:00"), contact=Contact("马秀兰"))

    told = Counter(at_once([lambda: answer(town, book)] * 8))
    assert told == {"yes": 1, "appointments.overlap": 7}
    assert sound(town)


def test_a_cap_holds_when_bookings_come_together(town: Town, monday: Any) -> None:
    opened(town, per_person=2)
    town.writing(lambda s: setattr(town.phone("马秀兰").actor(s).me, "name", "马秀兰"))

    def book(moment: str) -> str:
        def unit(session: Session) -> None:
            actor = town.phone("马秀兰").actor(session)
            actions.book(actor, slot_at(session, TUESDAY, moment), contact=Contact("马秀兰"))

        return answer(town, unit)

    told = Counter(at_once([lambda m=m: book(m) for m in ("09:00", "09:30", "10:00", "10:30")]))
    assert told == {"yes": 2, "appointments.too_many": 2}


def test_a_cancellation_repeated_at_once_gives_one_seat_back(town: Town, monday: Any) -> None:
    opened(town, capacity=3)
    number = booked(town)
    booked(town, name="才让卓玛")

    def cancel(session: Session) -> None:
        actions.cancel(town.phone("马秀兰").actor(session), get(session, number))

    told = Counter(at_once([lambda: answer(town, cancel)] * 5))
    assert told == {"yes": 1, "appointments.not_waiting": 4}
    assert sound(town)


def test_two_who_change_places_at_once_lose_nothing(town: Town, monday: Any) -> None:
    opened(town, capacity=2)
    first, second = booked(town), booked(town, WEDNESDAY, name="才让卓玛")

    def move(name: str, number: int, day: Any) -> str:
        def unit(session: Session) -> None:
            slot = slot_at(session, day, "09:00")
            actions.rebook(town.phone(name).actor(session), get(session, number), slot)

        return answer(town, unit)

    told = at_once([lambda: move("马秀兰", first, WEDNESDAY), lambda: move("才让卓玛", second, TUESDAY)])
    assert told == ["yes", "yes"]
    assert sound(town)


def test_moving_while_cancelling_leaves_one_truth(town: Town, monday: Any) -> None:
    opened(town)
    number = booked(town)

    def move(session: Session) -> None:
        slot = slot_at(session, WEDNESDAY, "09:00")
        actions.rebook(town.phone("马秀兰").actor(session), get(session, number), slot)

    def cancel(session: Session) -> None:
        actions.cancel(town.phone("马秀兰").actor(session), get(session, number))

    moved, cancelled = at_once([lambda: answer(town, move), lambda: answer(town, cancel)])
    assert (moved, cancelled) in [("yes", "yes"), ("appointments.not_waiting", "yes")]
    assert only(town).state == "cancelled"
    assert sound(town)


def test_two_clerks_move_two_visits_onto_the_last_seat(town: Town, monday: Any) -> None:
    opened(town)
    first, second = booked(town), booked(town, TUESDAY, "09:30", "才让卓玛")
    town.writing(clerk)

    def move(number: int) -> str:
        def unit(session: Session) -> None:
            one = get(session, number)
            actions.rebook(clerk(session), one, slot_at(session, WEDNESDAY, "09:00"), seen=0)

        return answer(town, unit)

    told = sorted(at_once([lambda: move(first), lambda: move(second)]))
    assert told == ["appointments.slot_full", "yes"]
    assert sound(town)


def test_two_clerks_move_one_visit_and_one_of_them_hears_of_the_other(town: Town, monday: Any) -> None:
    opened(town)
    number = booked(town)
    town.writing(clerk)

    def move(moment: str) -> str:
        def unit(session: Session) -> None:
            slot = slot_at(session, WEDNESDAY, moment)
            actions.rebook(clerk(session), get(session, number), slot, seen=0)

        return answer(town, unit)

    told = sorted(at_once([lambda: move("09:00"), lambda: move("10:00")]))
    assert told == ["appointments.changed_meanwhile", "yes"]
    assert sound(town)


def test_hours_closed_while_neighbours_book_leave_nobody_in_them(town: Town, monday: Any) -> None:
    opened(town, capacity=4)
    town.writing(clerk)
    names = ["马秀兰", "才让卓玛", "韩世杰"]
    for name in names:
        town.writing(lambda s, who=name: setattr(town.phone(who).actor(s).me, "name", who))

    def book(name: str) -> str:
        def unit(session: Session) -> None:
            actions.book(town.phone(name).actor(session), slot_at(session, TUESDAY, "09:30"))

        return answer(town, unit)

    def close(session: Session) -> None:
        close_time(clerk(session), None, TUESDAY, (time(9), time(10)), "停电")

    told = at_once([*(lambda who=name: book(who) for name in names), lambda: answer(town, close)])
    assert told[-1] == "yes"
    assert set(told[:-1]) <= {"yes", "appointments.slot_closed", "appointments.slot_full"}
    with town.reading() as session:
        assert session.scalar(select(func.count()).where(Appointment.state == "confirmed")) == 0
        off = session.scalar(select(func.count()).where(Appointment.called_off_at.is_not(None)))
        assert off == told.count("yes") - 1
        assert slot_at(session, TUESDAY, "09:30").taken == 0
    assert sound(town)


# ---- any acts in any order -----------------------------------------------------------------------------------------

ACTS = ("book", "cancel", "rebook", "reinstate", "give_back", "move_back")
act = st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 3))
rounds = itertools.count(1)


def do(town: Town, this: int, what: str, who: int, where: int) -> None:
    """One act of one of three neighbours on one of four times, or on their n-th appointment; refused or not."""

    def unit(session: Session) -> None:
        actor = town.phone(f"{who}号{this}").actor(session)
        slot = slot_at(session, TUESDAY, ("09:00", "09:30", "10:00", "10:30")[where], f"服务{this}")
        if what == "book":
            actions.book(actor, slot, contact=Contact("马兰花"))
            return
        theirs = select(Appointment).where(Appointment.person_id == actor.me.id).order_by(Appointment.id)
        mine = session.scalars(theirs).all()
        if mine:
            moving = what in ("rebook", "move_back")
            getattr(actions, what)(actor, mine[where % len(mine)], *([slot] if moving else []))

    answer(town, unit)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(act, min_size=5, max_size=25))
def test_seats_and_places_agree_after_any_acts(sqlite_town: Town, monday: Any, acts: list[Any]) -> None:
    this = next(rounds)
    opened(sqlite_town, {1: [(time(9), time(11))]}, name=f"服务{this}", capacity=2, per_person=3)
    for what, who, where in acts:
        do(sqlite_town, this, what, who, where)
        assert sound(sqlite_town)
