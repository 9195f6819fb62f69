"""A crowd at one door: 1,000 neighbours sign up for 10 seats, on both databases; here a fiftieth of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.activities import actions
from models.activities import Enrolment
from models.activities_line import place_in_line
from tests.activities.plans import a_session, taken
from tests.activities.test_waiting import does, sound
from tests.chaos.conftest import size
from tests.neighbours import Town
from tests.races import at_once

pytestmark = pytest.mark.heavy
CROWD, SEATS, AT_ONCE = size(1000, least=25), 10, 10


def test_a_thousand_on_ten_seats_are_ten_and_an_orderly_line(town: Town) -> None:
    number = a_session(town, starts="2035-01-08 09:00", capacity=SEATS)
    phones = [town.phone(f"邻居{n}") for n in range(CROWD)]
    town.writing(lambda session: [phone.actor(session) for phone in phones] and None)
    results: list[str] = []
    for at in range(0, CROWD, AT_ONCE):
        batch = phones[at : at + AT_ONCE]
        results += at_once([lambda phone=phone: does(town, phone, number, actions.wait) for phone in batch])
    assert (results.count("joined"), results.count("waiting")) == (SEATS, CROWD - SEATS)
    assert taken(town, number) == SEATS
    with town.reading() as session:
        waiting = select(Enrolment).where(Enrolment.state == "waiting").order_by(Enrolment.line)
        line = session.scalars(waiting).all()
        assert [row.line for row in line] == list(range(1, CROWD - SEATS + 1))
        assert [place_in_line(session, row) for row in (line[0], line[-1])] == [1, CROWD - SEATS]
    sound(town)


def test_all_who_have_seats_leave_at_once_and_the_first_in_line_are_offered_them(town: Town) -> None:
    number = a_session(town, starts="2035-01-08 09:00", capacity=SEATS)
    phones = [town.phone(f"邻居{n}") for n in range(SEATS * 3)]
    town.writing(lambda session: [phone.actor(session) for phone in phones] and None)
    for phone in phones:
        does(town, phone, number, actions.wait)
    at_once([lambda phone=phone: does(town, phone, number, actions.leave) for phone in phones[:SEATS]])
    with town.reading() as session:
        offered = session.scalars(select(Enrolment.line).where(Enrolment.state == "offered")).all()
        assert sorted(offered) == list(range(1, SEATS + 1))
    assert taken(town, number) == SEATS
    sound(town)
