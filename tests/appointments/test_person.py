"""One person's appointments as a whole: carried home, forgotten, joined with those of another record."""

from __future__ import annotations

from datetime import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions
from handlers.appointments.mine import forget, kept_of, merge
from handlers.people import actions as people
from models.appointments import Appointment, upcoming
from models.linking import Merging
from models.outbox import OutboxRow
from tests.appointments.desk import (
    KNOWN,
    TUESDAY,
    WEDNESDAY,
    booked,
    clerk,
    house,
    messages,
    only,
    opened,
    slot_at,
    sound,
)
from tests.neighbours import Town
from tests.staff.clerks import clerk as at_console


def test_a_person_carries_everything_home(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, home_visit=True, asks_phone=True)
    booked(sqlite_town)
    with sqlite_town.reading() as session:
        told = kept_of(session, sqlite_town.phone("马秀兰").person(session))
    assert told == {
        "预约": [
            {
                "预约号": "0001",
                "服务": "老年证",
                "时间": "11月24日(星期二)上午9点",
                "地点": "社区大厅",
                "情况": "约好了",
                "手机": "13900001234",
                "门牌": "5号楼301",
            }
        ]
    }


def test_who_is_forgotten_gives_the_place_back(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, home_visit=True, asks_phone=True)
    booked(sqlite_town)
    sqlite_town.writing(lambda s: forget(house(s), sqlite_town.phone("马秀兰").person(s)))
    made = only(sqlite_town)
    assert (made.state, made.phone, made.address) == ("cancelled", None, None)
    assert [row.state for row in messages(sqlite_town, "reminder")] == ["cancelled"]
    assert sound(sqlite_town)


def test_joining_two_records_keeps_one_of_two_equal_places(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, capacity=2)
    booked(sqlite_town, TUESDAY, "09:00")
    booked(sqlite_town, TUESDAY, "09:00", "马秀兰的小程序")
    booked(sqlite_town, WEDNESDAY, "09:00", "马秀兰的小程序")

    def unit(session: Session) -> None:
        kept, gone = (sqlite_town.phone(n).person(session) for n in ("马秀兰", "马秀兰的小程序"))
        assert len(merge(house(session), kept, gone)) == 1

    sqlite_town.writing(unit)
    with sqlite_town.reading() as session:
        mine = session.scalars(upcoming(sqlite_town.phone("马秀兰").person(session))).all()
        assert [one.slot.starts for one in mine] == [clock.at(TUESDAY, time(9)), clock.at(WEDNESDAY, time(9))]
    assert sorted(row.state for row in messages(sqlite_town, "reminder")) == [
        "cancelled",
        "cancelled",
        "waiting",
        "waiting",
    ]
    assert sound(sqlite_town)


def test_after_parting_two_records_each_is_reminded_of_their_own(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    booked(sqlite_town, TUESDAY, "09:00")
    booked(sqlite_town, WEDNESDAY, "09:00", "才让卓玛")

    def join(session: Session) -> int:
        one, other = (sqlite_town.phone(name).person(session) for name in ("马秀兰", "才让卓玛"))
        return people.link_at_desk(clerk(session), one, other, reason="同一个人").id

    merging = sqlite_town.writing(join)
    sqlite_town.writing(lambda s: people.part(clerk(s), s.get_one(Merging, merging)))
    with sqlite_town.reading() as session:
        waiting = session.scalars(select(OutboxRow).where(OutboxRow.kind == "appointments.reminder"))
        reminded = {(row.person_id, row.facts["number"]) for row in waiting if row.state == "waiting"}
        persons = [session.get_one(Appointment, number).person_id for number in (1, 2)]
        assert len(set(persons)) == 2
    assert reminded == {(persons[0], "0001"), (persons[1], "0002")}
    assert sound(sqlite_town)


def linked(town: Town) -> int:
    def join(session: Session) -> int:
        one, other = (town.phone(name).person(session) for name in ("马秀兰", "才让卓玛"))
        return people.link_at_desk(clerk(session), one, other, reason="同一个人").id

    return town.writing(join)


def test_two_visits_that_meet_after_joining_wait_for_the_desk(sqlite_town: Town, monday: Any) -> None:
    """Each had booked something else for the same hour: which one stays is not for us to say."""
    opened(sqlite_town)
    opened(sqlite_town, name="理发", kind="circle")
    booked(sqlite_town)
    booked(sqlite_town, WEDNESDAY, "09:00")

    def barber(session: Session) -> None:
        other = sqlite_town.phone("才让卓玛").actor(session)
        actions.book(other, slot_at(session, TUESDAY, "09:00", "理发"), contact=KNOWN)

    sqlite_town.writing(barber)
    wang = at_console(sqlite_town, "desk", login="wang")
    wang.opens("/console/")
    assert "同一时间约了两处的 0" in wang.words
    linked(sqlite_town)
    wang.opens("/console/")
    assert "同一时间约了两处的 1" in wang.words
    assert "/console/appointments/3" in wang.page
    sqlite_town.writing(lambda s: actions.cancel(clerk(s), s.get_one(Appointment, 3), reason="重了") and None)
    wang.opens("/console/")
    assert "同一时间约了两处的 0" in wang.words


def test_a_time_that_both_held_is_held_by_both_again_after_parting(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, capacity=2)
    booked(sqlite_town, TUESDAY, "09:00")
    booked(sqlite_town, TUESDAY, "09:00", "才让卓玛")
    merging = linked(sqlite_town)
    assert sound(sqlite_town)
    sqlite_town.writing(lambda s: people.part(clerk(s), s.get_one(Merging, merging)))
    with sqlite_town.reading() as session:
        held = {row.person_id for row in session.scalars(select(Appointment)) if row.state == "confirmed"}
        assert held == {sqlite_town.phone(name).person(session).id for name in ("马秀兰", "才让卓玛")}
    assert sorted(row.state for row in messages(sqlite_town, "reminder"))[-2:] == ["waiting", "waiting"]
    assert sound(sqlite_town)


def test_a_time_that_went_to_somebody_else_meanwhile_is_called_off(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, capacity=2)
    booked(sqlite_town, TUESDAY, "09:00")
    booked(sqlite_town, TUESDAY, "09:00", "才让卓玛")
    merging = linked(sqlite_town)
    booked(sqlite_town, TUESDAY, "09:00", "第三个人")
    sqlite_town.writing(lambda s: people.part(clerk(s), s.get_one(Merging, merging)))
    with sqlite_town.reading() as session:
        theirs = sqlite_town.phone("才让卓玛").person(session).id
    (told,) = messages(sqlite_town, "called_off")
    assert (told.person_id, told.facts["reason"]) == (theirs, "位子被别人约走了")
    assert sound(sqlite_town)
