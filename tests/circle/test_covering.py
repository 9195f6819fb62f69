"""Somebody is away: jobs and visits go to others, the rest to the desk or off, everybody is told, nobody is doubled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from handlers.appointments import actions as appointments
from handlers.circle import covering, jobs, providing
from models.appointments import Appointment
from models.resources import Occupation
from models.slots import free_slots
from tests.circle.conftest import (
    a_provider,
    a_service,
    days,
    house,
    jobs_in,
    linked,
    provider,
    refused,
    sent,
    service,
    sound,
)
from tests.circle.test_home import orders
from tests.neighbours import Phone, Town
from tests.staff.clerks import clerk


def books(town: Town, phone: Phone, number: int) -> int:
    """The first free time of tomorrow."""

    def unit(session: Any) -> int:
        slot = session.scalars(free_slots(service(session, number), days(1), days(1))).first()
        return appointments.book(phone.actor(session), slot).id

    return town.writing(unit)


def holder(town: Town, visit: int) -> str:
    with town.reading() as session:
        held = select(Occupation).where(Occupation.source == f"appointment:{visit}")
        return session.scalars(held).one().resource.name


def test_jobs_and_visits_of_somebody_away_go_to_another_at_the_same_time(
    sqlite_town: Town, ma: Phone
) -> None:
    repair = a_service(sqlite_town)
    a_provider(sqlite_town, does=(repair,))
    number, visit = orders(sqlite_town, ma, repair), books(sqlite_town, ma, repair)
    assert holder(sqlite_town, visit) == "李师傅"
    a_provider(sqlite_town, "陈师傅", does=(repair,))
    done = sqlite_town.writing(
        lambda s: covering.cover(house(s), provider(s, 1), days(1), days(2), "家里有事")
    )
    assert (done.moved, done.desk, done.called_off) == (2, 0, 0)
    assert jobs_in(sqlite_town)[0].provider.name == "陈师傅"  # type: ignore[union-attr]
    assert holder(sqlite_town, visit) == "陈师傅"
    assert [row.facts["number"] for row in sent(sqlite_town, "circle.moved")] == ["上门0001"]
    assert sound(sqlite_town) == []
    assert number == 1


def test_where_nobody_else_can_the_desk_arranges_and_a_visit_is_called_off(
    sqlite_town: Town, ma: Phone
) -> None:
    repair = a_service(sqlite_town)
    a_provider(sqlite_town, does=(repair,))
    orders(sqlite_town, ma, repair)
    visit = books(sqlite_town, ma, repair)
    done = sqlite_town.writing(lambda s: covering.cover(house(s), provider(s, 1), days(1), days(1)))
    assert (done.moved, done.desk, done.called_off) == (0, 1, 1)
    with sqlite_town.reading() as session:
        assert session.get_one(Appointment, visit).state == "cancelled"
    assert len(sent(sqlite_town, "appointments.called_off")) == 1
    assert len(sent(sqlite_town, "circle.desk_arranges")) == 1
    assert sound(sqlite_town) == []


def test_a_provider_takes_days_off_only_where_nothing_is_promised(sqlite_town: Town, ma: Phone) -> None:
    repair = a_service(sqlite_town)
    li = linked(sqlite_town, a_provider(sqlite_town, does=(repair,)))
    orders(sqlite_town, ma, repair)

    def takes(first: int, last: int) -> None:
        sqlite_town.writing(lambda s: covering.day_off(li.actor(s), provider(s, 1), days(first), days(last)))

    with refused("circle.promised_then"):
        takes(0, 2)
    takes(2, 3)
    with refused("circle.nobody_then"):
        orders(sqlite_town, ma, repair, ahead=3)
    sqlite_town.writing(lambda s: covering.back_again(li.actor(s), provider(s, 1), days(3)))
    orders(sqlite_town, ma, repair, ahead=3)
    with refused("circle.not_yours"):
        sqlite_town.writing(lambda s: covering.day_off(ma.actor(s), provider(s, 1), days(5), days(5)))
    assert sound(sqlite_town) == []


def test_what_a_lapsed_licence_had_promised_is_handed_over(
    sqlite_town: Town, ma: Phone, thursday: time_machine.Coordinates
) -> None:
    repair = a_service(sqlite_town)
    a_provider(sqlite_town, does=(repair,), until=days(60))
    orders(sqlite_town, ma, repair, ahead=3)
    sqlite_town.writing(
        lambda s: providing.add_licence(
            house(s), provider(s, 1), name="电工证", number="DG-1", valid_until=days(1)
        )
    )
    assert sqlite_town.writing(lambda s: jobs.look_at_papers(house(s))).endswith(
        "1 jobs taken from who may not work"
    )
    assert [one.state for one in jobs_in(sqlite_town)] == ["desk"]
    assert sound(sqlite_town) == []
    thursday.shift(timedelta(days=2))
    with sqlite_town.reading() as session:
        assert session.scalars(free_slots(service(session, repair))).all() == []


def test_a_clerk_covers_an_absence_at_the_console(sqlite_town: Town, ma: Phone) -> None:
    repair = a_service(sqlite_town)
    a_provider(sqlite_town, does=(repair,))
    orders(sqlite_town, ma, repair)
    wang = clerk(sqlite_town, "desk")
    wang.opens("/console/circle/providers/1/away")
    away = {"first": "2026-11-27", "last": "2026-11-27", "reason": "看病"}
    wang.sends("/console/circle/providers/1/away", follow=True, **away)
    assert "0单换了别的师傅,1单要您安排,0个预约停办" in wang.words
    assert "11月27日(星期五)" in wang.words
    wang.sends("/console/circle/providers/1/back", follow=True, day="2026-11-27")
    assert "这一天照常派活" in wang.words
