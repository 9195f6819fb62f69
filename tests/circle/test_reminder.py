"""A word on the evening before somebody comes to the door: when it is agreed, and no longer than it holds."""

from __future__ import annotations

from contextlib import suppress
from datetime import time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import clock
from handlers.circle import actions
from models.appointments import Contact
from models.circle_fit import HalfDay
from models.circle_jobs import HomeJob
from models.identity import Actor
from models.refusal import Refusal
from models.staff import member_by_login
from tests.circle.conftest import (
    a_provider,
    a_service,
    days,
    house,
    joined,
    linked,
    provider,
    sent,
    service,
)
from tests.circle.test_home import DOOR, orders
from tests.neighbours import Phone, Town
from tests.races import at_once
from tests.staff.clerks import clerk


def waiting(town: Town) -> list[str]:
    """When reminders that still wait are due."""
    rows = [row for row in sent(town, "circle.reminder") if row.state == "waiting"]
    return [f"{clock.local(row.due):%m.%d %H:%M}" for row in rows]


@pytest.fixture
def li(sqlite_town: Town, thursday: Any) -> Phone:
    number = a_service(sqlite_town)
    return linked(sqlite_town, a_provider(sqlite_town, does=(number,)))


def test_the_evening_before_once_somebody_has_said_yes(sqlite_town: Town, ma: Phone, li: Phone) -> None:
    orders(sqlite_town, ma, 1, ahead=2)
    assert waiting(sqlite_town) == []
    li.says("1")
    assert waiting(sqlite_town) == ["11.27 18:30"]
    (row,) = sent(sqlite_town, "circle.reminder")
    assert row.facts["service"] == "水电维修"
    sqlite_town.writing(lambda s: actions.take_back(ma.actor(s), s.get_one(HomeJob, 1)) and None)
    assert waiting(sqlite_town) == []


def test_who_gives_it_back_takes_the_word_along_and_the_next_yes_brings_another(
    sqlite_town: Town, ma: Phone, li: Phone
) -> None:
    orders(sqlite_town, ma, 1, ahead=2)
    li.says("1")
    town = sqlite_town
    town.writing(lambda s: actions.decline(li.actor(s), s.get_one(HomeJob, 1)) and None)
    assert waiting(town) == []

    def assign(session: Session) -> None:
        desk = Actor(session, staff=member_by_login(session, "wang"), channel="console")
        actions.assign(desk, session.get_one(HomeJob, 1), provider(session, 1), clock.at(days(3), time(10)))

    clerk(town, "desk", login="wang")
    town.writing(assign)
    assert waiting(town) == ["11.28 18:30"]


def test_what_is_agreed_on_the_last_evening_needs_no_word(
    sqlite_town: Town, ma: Phone, li: Phone, thursday: Any
) -> None:
    thursday.shift(10 * 3600)
    orders(sqlite_town, ma, 1, ahead=1)
    li.says("1")
    assert waiting(sqlite_town) == []


def test_yes_and_never_mind_at_once_leave_a_word_only_where_somebody_comes(town: Town, thursday: Any) -> None:
    number = a_service(town)
    li, ma = linked(town, a_provider(town, does=(number,))), joined(town, "马秀兰", "13900000001")

    def order(session: Session) -> int:
        contact, half = Contact(None, None, DOOR), HalfDay(days(2), "am")
        return actions.order(ma.actor(session), service(session, number), half, contact).id

    for _ in range(3):
        job = town.writing(order)

        def does(phone: Phone, step: Any, job: int = job) -> None:
            with suppress(Refusal):
                town.writing(lambda s: step(phone.actor(s), s.get_one(HomeJob, job)) and None)

        at_once([lambda: does(li, actions.accept), lambda: does(ma, actions.take_back)])
        with town.reading() as session:
            comes = session.get_one(HomeJob, job).state == "accepted"
        assert len(waiting(town)) == comes
        if comes:
            town.writing(lambda s, job=job: actions.take_back(house(s), s.get_one(HomeJob, job)) and None)
