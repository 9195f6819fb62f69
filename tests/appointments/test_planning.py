"""The staff's plans, and what time does: days that differ, weeks that change, nights that pass."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments.jobs import extend, forget_words, settle
from handlers.appointments.planning import (
    as_usual,
    change_service,
    close_day,
    open_day,
    open_service,
    set_week,
)
from models.appointments import appointments_on
from models.plans import Service
from models.slots import Slot
from tests.appointments.desk import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    booked,
    clerk,
    get,
    house,
    messages,
    only,
    opened,
    refusal,
    slot_at,
    sound,
)
from tests.neighbours import Town, frozen


def test_closing_a_day_calls_off_its_visits_and_offers_others(sqlite_town: Town, monday: Any) -> None:
    service = opened(sqlite_town)
    booked(sqlite_town, WEDNESDAY, "10:00")
    other = booked(sqlite_town, TUESDAY, "09:00", "才让卓玛")

    def close(session: Session) -> list[int]:
        return [one.id for one in close_day(clerk(session), session.get(Service, service), WEDNESDAY, "停电")]

    assert sqlite_town.writing(close) != [other]
    (word,) = messages(sqlite_town, "called_off")
    assert word.facts["reason"] == "停电"
    assert len(word.facts["instead"]) == 2
    assert [row.state for row in messages(sqlite_town, "reminder")] == ["cancelled", "waiting"]
    with sqlite_town.reading() as session:
        assert session.scalars(appointments_on(WEDNESDAY)).all() == []
        assert len(session.scalars(appointments_on(TUESDAY)).all()) == 1
    assert sound(sqlite_town)


def test_a_closed_day_opens_again(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    sqlite_town.writing(lambda s: close_day(clerk(s), None, WEDNESDAY, "停电"))
    with sqlite_town.reading() as session:
        assert not slot_at(session, WEDNESDAY, "09:00").is_open
    sqlite_town.writing(lambda s: as_usual(clerk(s), None, WEDNESDAY))
    booked(sqlite_town, WEDNESDAY)
    assert sound(sqlite_town)


def test_a_special_day_has_its_own_hours(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    saturday = MONDAY + timedelta(days=5)
    sqlite_town.writing(lambda s: open_day(clerk(s), None, saturday, [(time(15), time(16))], "补办"))
    with sqlite_town.reading() as session:
        assert slot_at(session, saturday, "15:30").is_open
    sqlite_town.writing(lambda s: open_day(clerk(s), None, saturday))
    with sqlite_town.reading() as session:
        assert not slot_at(session, saturday, "15:30").is_open
        assert slot_at(session, saturday, "09:00").is_open


def test_a_day_that_is_over_is_not_closed(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    with refusal("day_over"):
        sqlite_town.writing(lambda s: close_day(clerk(s), None, MONDAY - timedelta(days=1), "停电"))


def test_the_houses_closed_day_does_not_close_the_barber(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, name="理发", kind="circle", keeps_office_days=False)
    opened(sqlite_town)
    sqlite_town.writing(lambda s: close_day(clerk(s), None, WEDNESDAY, "停电"))
    with sqlite_town.reading() as session:
        assert slot_at(session, WEDNESDAY, "09:00", "理发").is_open
        assert not slot_at(session, WEDNESDAY, "09:00").is_open


def test_fewer_seats_take_nothing_from_who_is_booked(sqlite_town: Town, monday: Any) -> None:
    service = opened(sqlite_town, capacity=3)
    booked(sqlite_town)
    booked(sqlite_town, name="才让卓玛")
    sqlite_town.writing(lambda s: change_service(clerk(s), s.get_one(Service, service), capacity=1))
    with sqlite_town.reading() as session:
        assert slot_at(session, TUESDAY, "09:00").capacity == 2
        assert slot_at(session, TUESDAY, "09:30").capacity == 1
    assert sound(sqlite_town)


def test_longer_visits_are_not_laid_over_promised_ones(sqlite_town: Town, monday: Any) -> None:
    service = opened(sqlite_town)
    booked(sqlite_town, TUESDAY, "09:30")
    sqlite_town.writing(lambda s: change_service(clerk(s), s.get_one(Service, service), minutes=60))
    with sqlite_town.reading() as session:
        assert not slot_at(session, TUESDAY, "09:00").is_open
        assert slot_at(session, TUESDAY, "09:30").taken == 1
        assert slot_at(session, TUESDAY, "10:00").is_open
        assert slot_at(session, WEDNESDAY, "09:00").ends == clock.at(WEDNESDAY, time(10))
    assert sound(sqlite_town)


def test_a_new_week_keeps_promised_visits(sqlite_town: Town, monday: Any) -> None:
    service = opened(sqlite_town)
    number = booked(sqlite_town)
    week = {2: [(time(14), time(15))]}
    sqlite_town.writing(lambda s: set_week(clerk(s), s.get_one(Service, service), week))
    with sqlite_town.reading() as session:
        assert get(session, number).state == "confirmed"
        assert not slot_at(session, TUESDAY, "09:00").is_open
        assert slot_at(session, WEDNESDAY, "14:30").is_open


def test_a_week_that_overlaps_itself_is_no_plan(sqlite_town: Town, monday: Any) -> None:
    with pytest.raises(ValueError, match="no plan"):
        opened(sqlite_town, {0: [(time(9), time(11)), (time(10), time(12))]})


def test_a_service_that_is_closed_or_without_licence_offers_nothing(sqlite_town: Town, monday: Any) -> None:
    service = opened(sqlite_town)
    sqlite_town.writing(
        lambda s: change_service(clerk(s), s.get_one(Service, service), licensed_until=TUESDAY)
    )
    with sqlite_town.reading() as session:
        assert slot_at(session, TUESDAY, "09:00").is_open
        assert not slot_at(session, WEDNESDAY, "09:00").is_open
    sqlite_town.writing(lambda s: change_service(clerk(s), s.get_one(Service, service), is_open=False))
    with refusal("slot_closed"):
        booked(sqlite_town)


def test_laying_out_twice_changes_nothing(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    assert sqlite_town.writing(lambda s: extend(house(s))) == "0 new times"


# ---- nights ---------------------------------------------------------------------------------------------------------------


def test_each_night_a_new_day_comes_within_the_horizon(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    with frozen("2026-11-24 00:10"):
        assert sqlite_town.writing(lambda s: extend(house(s))) == "4 new times"
    with sqlite_town.reading() as session:
        assert slot_at(session, MONDAY + timedelta(days=15), "09:00").is_open


def test_a_visit_that_nobody_marked_counts_as_done_after_a_week(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    booked(sqlite_town)
    with frozen("2026-11-30 09:00"):
        assert sqlite_town.writing(lambda s: settle(house(s))) == "0 settled"
    with frozen("2026-12-02 01:10"):
        assert sqlite_town.writing(lambda s: settle(house(s))) == "1 settled"
    made = only(sqlite_town)
    assert (made.state, made.marked_by) == ("done", None)
    assert sound(sqlite_town)


def test_personal_words_of_old_visits_go_after_two_years(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, asks_phone=True)
    booked(sqlite_town)
    with frozen("2028-11-20 03:20"):
        assert sqlite_town.writing(lambda s: forget_words(house(s))) == "0 forgotten"
    with frozen("2028-11-24 03:20"):
        assert sqlite_town.writing(lambda s: forget_words(house(s))) == "1 forgotten"
    assert only(sqlite_town).phone is None


def test_the_seed_opens_services_with_times(sqlite_town: Town, monday: Any) -> None:
    sqlite_town.seed("appointments")
    with sqlite_town.reading() as session:
        services = session.scalars(select(Service)).all()
        assert len(services) == 9
        free = {slot.service_id for slot in session.scalars(select(Slot).where(Slot.is_open))}
        assert free == {service.id for service in services}


def test_a_service_cannot_be_opened_by_a_resident(sqlite_town: Town, monday: Any) -> None:
    with refusal("staff_only"):
        sqlite_town.writing(lambda s: open_service(sqlite_town.phone("马秀兰").actor(s), {}, name="x"))
