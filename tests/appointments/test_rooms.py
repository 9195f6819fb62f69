"""A service that needs a room and a person takes one of each; what is closed under a promise is made good or called
off."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions, rooms, waiting
from models.appointments import Appointment
from models.booking_rooms import kinds_missing, rooms_belong_to_visits, rooms_of
from models.plans import Service
from models.refusal import Refusal
from models.resources import Occupation, Resource, one_at_a_time
from models.slots import free_slots
from models.waiting import Wished
from tests.appointments.desk import (
    KNOWN,
    TUESDAY,
    booked,
    clerk,
    get,
    messages,
    opened,
    refusal,
    slot_at,
    sound,
)
from tests.neighbours import Phone, Town
from tests.races import at_once
from tests.staff.clerks import clerk as at_console

LAW = "法律咨询"


def law(town: Town, *, people: int = 2, room_count: int = 1, buffer: int = 0, **facts: Any) -> dict[str, int]:
    """A service of two at a time that needs a room and a lawyer: their ids by name."""
    number = opened(town, name=LAW, **{"capacity": 2} | facts)

    def unit(session: Session) -> dict[str, int]:
        by, service = clerk(session), session.get_one(Service, number)
        named = [("room", f"调解室{n}") for n in range(room_count)] + [
            ("person", f"律师{n}") for n in range(people)
        ]
        made = [rooms.add(by, kind, name, buffer_minutes=buffer) for kind, name in named]
        session.flush()
        for one in made:
            rooms.serve(by, one, [service])
        return {one.name: one.id for one in made}

    return town.writing(unit)


def comes(town: Town, name: str, moment: str = "09:00") -> int:
    def unit(session: Session) -> int:
        return actions.book(
            town.phone(name).actor(session), slot_at(session, TUESDAY, moment, LAW), contact=KNOWN
        ).id

    return town.writing(unit)


def has(town: Town, number: int) -> list[str]:
    with town.reading() as session:
        return [one.name for one in rooms_of(session, get(session, number))]


def close(town: Town, number: int, opens: time = time(9), closes: time = time(11)) -> list[str | None]:
    """What each visit that was hit moved to."""

    def unit(session: Session) -> list[str | None]:
        row = session.get_one(Resource, number)
        ends = clock.at(TUESDAY, opens), clock.at(TUESDAY, closes)
        return [one.to and one.to.name for one in rooms.close(clerk(session), row, *ends, "漏水")]

    return town.writing(unit)


def orderly(town: Town) -> bool:
    with town.reading() as session:
        broken = [*one_at_a_time(session), *rooms_belong_to_visits(session)]
    assert not broken, broken
    return sound(town)


def test_a_visit_takes_one_room_and_the_person_who_has_least_to_do(sqlite_town: Town, monday: Any) -> None:
    law(sqlite_town)
    first, second = comes(sqlite_town, "马秀兰"), comes(sqlite_town, "才让卓玛", "09:30")
    assert has(sqlite_town, first) == ["调解室0", "律师0"]
    assert has(sqlite_town, second) == ["调解室0", "律师1"]
    assert orderly(sqlite_town)


def test_a_time_without_a_free_room_is_not_offered_and_refused_with_others(
    sqlite_town: Town, monday: Any
) -> None:
    law(sqlite_town)
    comes(sqlite_town, "马秀兰")
    with sqlite_town.reading() as session:
        slot = slot_at(session, TUESDAY, "09:00", LAW)
        assert slot.free == 1
        assert slot.id not in {one.id for one in session.scalars(free_slots(slot.service))}

    def unit(session: Session) -> None:
        with refusal("nobody_free") as told:
            actions.book(
                sqlite_town.phone("韩世杰").actor(session),
                slot_at(session, TUESDAY, "09:00", LAW),
                contact=KNOWN,
            )
        assert len(told.value.instead) == 2

    sqlite_town.writing(unit)


def test_two_services_share_a_room_and_its_buffer(sqlite_town: Town, monday: Any) -> None:
    ids = law(sqlite_town, buffer=10)
    other = opened(sqlite_town, name="心理咨询")
    sqlite_town.writing(
        lambda s: rooms.serve(
            clerk(s),
            s.get_one(Resource, ids["调解室0"]),
            [s.get_one(Service, other), s.get_one(Service, other - 1)],
        )
    )
    comes(sqlite_town, "马秀兰")
    with sqlite_town.reading() as session:
        free = {
            f"{clock.local(one.starts):%H:%M}"
            for one in session.scalars(free_slots(session.get_one(Service, other), TUESDAY, TUESDAY))
        }
    assert free == {"10:00", "10:30"}


def test_moving_cancelling_and_taking_back_keep_rooms_true(sqlite_town: Town, monday: Any) -> None:
    law(sqlite_town, buffer=10)
    number = comes(sqlite_town, "马秀兰")

    def move(session: Session) -> None:
        visit = get(session, number)
        actions.rebook(
            sqlite_town.phone("马秀兰").actor(session), visit, slot_at(session, TUESDAY, "09:30", LAW)
        )

    sqlite_town.writing(move)
    assert orderly(sqlite_town)
    sqlite_town.writing(
        lambda s: actions.cancel(sqlite_town.phone("马秀兰").actor(s), get(s, number)) and None
    )
    assert has(sqlite_town, number) == []
    sqlite_town.writing(
        lambda s: actions.reinstate(sqlite_town.phone("马秀兰").actor(s), get(s, number)) and None
    )
    assert has(sqlite_town, number) == ["调解室0", "律师0"]
    assert orderly(sqlite_town)


def test_a_closed_room_moves_its_visits_where_another_is_free_and_tells_them(
    sqlite_town: Town, monday: Any
) -> None:
    ids = law(sqlite_town, room_count=2, people=3)
    first, second = comes(sqlite_town, "马秀兰"), comes(sqlite_town, "才让卓玛", "09:30")
    assert (has(sqlite_town, first)[0], has(sqlite_town, second)[0]) == ("调解室0", "调解室1")
    assert close(sqlite_town, ids["调解室0"]) == ["调解室1"]
    assert has(sqlite_town, first)[0] == "调解室1"
    assert [row.facts["now"] for row in messages(sqlite_town, "room_changed")] == ["调解室1"]
    assert [row.facts["place"] for row in messages(sqlite_town, "reminder") if row.state == "waiting"] == [
        "2号窗口调解室1"
    ] * 2
    assert orderly(sqlite_town)


def test_who_has_no_other_room_is_called_off_with_new_times(sqlite_town: Town, monday: Any) -> None:
    ids = law(sqlite_town)
    number = comes(sqlite_town, "马秀兰")
    assert close(sqlite_town, ids["调解室0"], closes=time(10)) == [None]
    with sqlite_town.reading() as session:
        assert get(session, number).called_off_at is not None
    (told,) = messages(sqlite_town, "called_off")
    assert [one[:16] for one in told.facts["instead"]] == ["2026-11-23T02:30", "2026-11-24T02:00"]
    assert orderly(sqlite_town)


def test_another_use_of_the_room_stands_against_its_closing(sqlite_town: Town, monday: Any) -> None:
    ids = law(sqlite_town)

    def unit(session: Session) -> None:
        starts = clock.at(TUESDAY, time(9))
        row = session.get_one(Resource, ids["调解室0"])
        session.add(
            Occupation(resource=row, starts=starts, ends=starts + timedelta(hours=1), source="petition:1")
        )

    sqlite_town.writing(unit)
    with refusal("resource_taken"):
        close(sqlite_town, ids["调解室0"])


def test_a_service_that_comes_to_need_a_room_gives_one_to_those_who_were_promised(
    sqlite_town: Town, monday: Any
) -> None:
    opened(sqlite_town, capacity=2)
    booked(sqlite_town)
    booked(sqlite_town, name="才让卓玛")

    def unit(session: Session) -> int:
        row = rooms.add(clerk(session), "room", "小会议室")
        session.flush()
        return rooms.serve(clerk(session), row, list(session.scalars(select(Service))))

    assert sqlite_town.writing(unit) == 1
    with sqlite_town.reading() as session:
        assert [kinds for _, kinds in kinds_missing(session)] == [["room"]]
    assert orderly(sqlite_town)


def test_twelve_on_two_seats_one_room_and_two_lawyers_at_once_are_one(town: Town, monday: Any) -> None:
    law(town)
    phones = [town.phone(f"邻居{n}") for n in range(12)]
    town.writing(lambda s: [phone.actor(s) for phone in phones] and None)

    def tries(phone: Phone) -> bool:
        try:
            return comes(town, phone.name) > 0
        except Refusal as why:
            if why.code != "appointments.nobody_free":
                raise
            return False

    assert at_once([lambda phone=phone: tries(phone) for phone in phones]).count(True) == 1
    assert orderly(town)


def test_the_desk_enters_a_room_and_closes_it_after_a_look(sqlite_town: Town, monday: Any) -> None:
    ids = law(sqlite_town)
    comes(sqlite_town, "马秀兰")
    desk = at_console(sqlite_town, "desk")
    desk.opens("/console/appointments/rooms")
    assert "给 法律咨询" in desk.words
    facts = {"kind": "room", "name": "大会议室", "buffer_minutes": "5", "services": "1", "is_open": "y"}
    desk.sends("/console/appointments/rooms", follow=True, **facts)
    assert "大会议室" in desk.words
    where = f"/console/appointments/rooms/{ids['律师0']}/close"
    typed = {"day": f"{TUESDAY}", "opens": "09:00", "closes": "12:00", "reason": "请假"}
    desk.sends(where, **typed, sure="")
    assert "影响 1 个预约,其中 0 个要取消" in desk.words
    assert "换到律师1" in desk.words
    desk.sends(where, follow=True, **typed, sure=f"{TUESDAY} 09:00:00 12:00:00")
    assert "1位换了地方或人,0位取消了" in desk.words
    with sqlite_town.reading() as session:
        closed = session.scalar(select(Occupation.id).where(Occupation.source == "closed:请假"))
    desk.sends(f"/console/appointments/rooms/closed/{closed}/reopen", follow=True)
    assert "恢复了" in desk.page


@pytest.mark.parametrize("path", ["", "/1", "/1/close"])
def test_a_grid_worker_does_not_see_the_rooms(sqlite_town: Town, monday: Any, path: str) -> None:
    law(sqlite_town)
    worker = at_console(sqlite_town, "grid")
    assert worker.opens(f"/console/appointments/rooms{path}").status_code == 403
    with sqlite_town.reading() as session:
        assert session.scalar(select(func.count(Appointment.id))) == 0


def test_what_is_kept_for_one_who_waits_moves_with_the_rest_or_they_wait_on(
    sqlite_town: Town, monday: Any
) -> None:
    ids = law(sqlite_town)
    number = comes(sqlite_town, "马秀兰")
    waits = sqlite_town.phone("才让卓玛")

    def joins(session: Session) -> None:
        slot = slot_at(session, TUESDAY, "09:00", LAW)
        waiting.wait(waits.actor(session), slot.service, Wished.at(slot), contact=KNOWN)

    sqlite_town.writing(joins)
    sqlite_town.writing(lambda s: actions.give_back(clerk(s), get(s, number)) and None)
    offered = select(Occupation.resource_id).where(Occupation.source.startswith("wait:"))
    with sqlite_town.reading() as session:
        kept = set(session.scalars(offered))
    assert ids["调解室0"] in kept
    lawyer = next(one for one in kept if one != ids["调解室0"])
    close(sqlite_town, lawyer)
    with sqlite_town.reading() as session:
        assert set(session.scalars(offered)) == {ids["调解室0"], ids["律师0"] + ids["律师1"] - lawyer}
    close(sqlite_town, ids["调解室0"])
    assert len(messages(sqlite_town, "offer_gone")) == 1
    assert orderly(sqlite_town)
