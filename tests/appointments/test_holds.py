"""A time that a resident has chosen stays theirs while they tell the rest, for five minutes and no longer."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions, seats
from models.booking_holds import DeskHold, SeatHold
from models.identity import Actor
from models.refusal import Refusal
from models.slots import Slot, free_slots
from tests.appointments.desk import (
    KNOWN,
    TUESDAY,
    WEDNESDAY,
    booked,
    clerk,
    get,
    opened,
    refusal,
    slot_at,
    sound,
)
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.staff.clerks import clerk as at_console

FIVE = timedelta(minutes=5)


def holds(town: Town) -> list[tuple[str, timedelta]]:
    """(the time that is held, for how long still), swept or not."""
    with town.reading() as session:
        found = session.execute(select(SeatHold.slot_id, SeatHold.until)).all()
        times = [(session.get_one(Slot, one), till) for one, till in found]
        return [(f"{clock.local(slot.starts):%H:%M}", till - clock.now()) for slot, till in times]


def holds_it(town: Town, name: str, moment: str = "09:00", day: Any = TUESDAY) -> None:
    town.writing(lambda s: seats.hold(town.phone(name).actor(s), slot_at(s, day, moment)))


def test_in_the_chat_the_seat_is_held_from_the_time_to_the_yes(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天10点")
    assert holds(sqlite_town) == [("10:00", FIVE)]
    rival = sqlite_town.phone("才让卓玛")
    assert "上午10点\n" not in rival.says("预约", "1", "明天")
    assert "2 明天 周二 上午10点30分" in rival.says("明天10点")
    assert "给您约好了" in ma.says("马秀兰", "1")
    assert holds(sqlite_town) == []
    assert sound(sqlite_town)


def test_each_answer_puts_the_end_off_but_not_for_ever(sqlite_town: Town, ma: Phone, monday: Any) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天10点")
    for _ in range(3):
        monday.shift(timedelta(minutes=4))
        ma.says("马兰1")
    assert holds(sqlite_town) == [("10:00", timedelta(minutes=3))]
    monday.shift(timedelta(minutes=3))
    holds_it(sqlite_town, "才让卓玛", "10:00")
    assert "刚有人选着" in ma.says("马秀兰")


def test_who_begins_again_and_again_keeps_no_time_from_others(town: Town, monday: Any) -> None:
    """To and fro between two times, each a fresh hold: after three they may still book, and hold nothing."""
    opened(town)
    for _ in range(3):
        holds_it(town, "黄牛", "10:00")
        monday.shift(timedelta(minutes=4))
        holds_it(town, "黄牛", "10:30")
        monday.shift(timedelta(minutes=4))
    holds_it(town, "黄牛", "10:00")
    assert holds(town) == []
    holds_it(town, "才让卓玛", "10:00")
    monday.shift(timedelta(hours=3))
    holds_it(town, "黄牛", "10:00")
    assert ("10:00", FIVE) in holds(town)


def test_back_leave_and_another_time_give_the_seat_up(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天10点", "0")
    assert holds(sqlite_town) == []
    ma.says("明天9点")
    assert holds(sqlite_town) == [("09:00", FIVE)]
    ma.says("取消", "1")
    assert holds(sqlite_town) == []
    ma.says("预约", "1", "明天9点", "重来")
    assert holds(sqlite_town) == []


def test_who_moves_keeps_the_old_place_and_holds_the_new_one(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    number = booked(sqlite_town)
    ma.says("改约", "后天9点30分")
    with sqlite_town.reading() as session:
        assert get(session, number).slot.starts == slot_at(session, TUESDAY, "09:00").starts
        wanted = slot_at(session, WEDNESDAY, "09:30")
        assert wanted.id not in {one.id for one in session.scalars(free_slots(wanted.service))}
    assert "改好了" in ma.says("1")
    assert holds(sqlite_town) == []
    assert sound(sqlite_town)


def test_a_hold_past_its_end_stands_in_nobodys_way_swept_or_not(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    holds_it(sqlite_town, "马秀兰")
    monday.shift(FIVE)
    booked(sqlite_town, name="才让卓玛")
    assert len(holds(sqlite_town)) == 1
    assert sqlite_town.writing(lambda s: seats.sweep(Actor(s, channel="job"))) == 1
    assert holds(sqlite_town) == []
    assert sound(sqlite_town)


def test_the_desk_and_others_are_told_that_somebody_is_choosing(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    holds_it(sqlite_town, "马秀兰")

    def unit(session: Session) -> None:
        other = sqlite_town.phone("才让卓玛").actor(session)
        with refusal("slot_held") as told:
            actions.book(other, slot_at(session, TUESDAY, "09:00"), contact=KNOWN)
        assert [f"{clock.local(one.starts):%H:%M}" for one in told.value.instead] == ["10:30", "09:30"]

    sqlite_town.writing(unit)


def test_of_ten_who_choose_the_last_seat_at_once_one_holds_it(town: Town, monday: Any) -> None:
    opened(town)
    phones = [town.phone(f"邻居{n}") for n in range(10)]
    town.writing(lambda s: [phone.actor(s) for phone in phones] and None)

    def tries(phone: Phone) -> bool:
        def unit(session: Session) -> bool:
            seats.hold(phone.actor(session), slot_at(session, TUESDAY, "09:00"))
            return True

        try:
            return town.writing(unit)
        except Refusal as why:
            if why.code != "appointments.slot_held":
                raise
            return False

    assert at_once([lambda phone=phone: tries(phone) for phone in phones]).count(True) == 1


def test_a_page_holds_the_time_that_is_being_confirmed(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    with sqlite_town.reading() as session:
        number = slot_at(session, TUESDAY, "09:00").id
    visitor = Visitor(sqlite_town, ma)
    assert "给您留5分钟" in visitor.opens(f"/h5/book/{number}").words
    assert holds(sqlite_town) == [("09:00", FIVE)]
    other = Visitor(sqlite_town, sqlite_town.phone("才让卓玛"))
    assert "刚有人选着" in other.opens(f"/h5/book/{number}").words
    assert "暂时没空" in other.opens(f"/h5/services/1/times?day={TUESDAY}").words
    assert "暂时没空" not in visitor.opens(f"/h5/services/1/times?day={TUESDAY}").words


# ---- by the clerk, for whoever stands at the desk -------------------------------------------------------------------


def held_at_the_desk(town: Town) -> list[timedelta]:
    """For how long still, swept or not."""
    with town.reading() as session:
        return [one.until - clock.now() for one in session.scalars(select(DeskHold))]


def address(town: Town, moment: str = "09:00") -> str:
    with town.reading() as session:
        return f"/console/appointments/book/{slot_at(session, TUESDAY, moment).id}"


def test_the_time_is_kept_while_the_clerk_fills_in_and_is_free_again_after(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    opened(sqlite_town)
    wang, path = at_console(sqlite_town, "desk"), address(sqlite_town)
    wang.opens(path)
    assert "这个时间给您留到 08:35" in wang.words
    assert "9点\n" not in ma.says("预约", "1", "明天")
    monday.shift(timedelta(minutes=4))
    wang.sends(path, phone="13900001234")
    assert held_at_the_desk(sqlite_town) == [FIVE]
    wang.sends(f"{path}/leave", follow=True)
    assert held_at_the_desk(sqlite_town) == []
    ma.says("明天9点", "马秀兰", "1")
    wang.opens(path)
    assert "刚被约走了,这些时间还有" in wang.words
    assert "给您留到" not in wang.words


def test_the_booking_ends_the_hold_of_the_clerk(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    wang, path = at_console(sqlite_town, "desk"), address(sqlite_town)
    wang.opens(path)
    wang.sends(path, phone="13900001234")
    newcomer = {"looked": "13900001234", "name": "马兰", "agreed": "y"}
    wang.sends(path, follow=True, phone="13900001234", **newcomer)
    assert "约好了" in wang.words
    assert held_at_the_desk(sqlite_town) == []
    assert sound(sqlite_town)


def test_another_time_gives_the_first_one_up_and_the_clerk_has_a_quarter_of_an_hour(
    sqlite_town: Town, monday: Any
) -> None:
    opened(sqlite_town)
    wang = at_console(sqlite_town, "desk")
    wang.opens(address(sqlite_town))
    wang.opens(address(sqlite_town, "09:30"))
    booked(sqlite_town, name="才让卓玛")
    for _ in range(3):
        monday.shift(timedelta(minutes=4))
        wang.opens(address(sqlite_town, "09:30"))
    assert held_at_the_desk(sqlite_town) == [timedelta(minutes=3)]
    monday.shift(FIVE)
    booked(sqlite_town, moment="09:30", name="韩世杰")
    assert sqlite_town.writing(lambda s: seats.sweep(Actor(s, channel="job"))) == 1


def test_of_a_clerk_and_nine_residents_at_once_one_has_the_last_seat(town: Town, monday: Any) -> None:
    opened(town)
    phones = [town.phone(f"邻居{n}") for n in range(9)]
    town.writing(lambda s: clerk(s) and [phone.actor(s) for phone in phones] and None)

    def tries(which: int) -> bool:
        def unit(session: Session) -> None:
            slot = slot_at(session, TUESDAY, "09:00")
            if which == 9:
                seats.hold_at_desk(clerk(session), slot)
            else:
                seats.hold(phones[which].actor(session), slot)

        with suppress(Refusal):
            town.writing(unit)
            return True
        return False

    assert at_once([lambda which=which: tries(which) for which in range(10)]).count(True) == 1
    assert len(holds(town)) + len(held_at_the_desk(town)) == 1


def test_only_the_desk_holds_for_others(sqlite_town: Town, ma: Phone, monday: Any) -> None:
    opened(sqlite_town)
    grid, path = at_console(sqlite_town, "grid"), address(sqlite_town)
    assert grid.opens(path).status_code == 403
    assert grid.sends(f"{path}/leave").status_code == 403
    with sqlite_town.reading() as session, refusal("staff_only"):
        seats.hold_at_desk(ma.actor(session), slot_at(session, TUESDAY, "09:00"))
    assert held_at_the_desk(sqlite_town) == []
