"""A crowd at one door: 1,000 neighbours sign up for 10 seats, 500 promise one wish, on both databases; here fewer."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.activities import actions
from handlers.wishes import actions as wishes
from models.activities import Enrolment
from models.activities_line import place_in_line
from models.refusal import Refusal
from models.wishes import Wish, no_stale_claims, one_claim_each
from tests.activities.plans import a_session, taken
from tests.activities.test_waiting import does, sound
from tests.chaos.conftest import size
from tests.neighbours import Phone, Town
from tests.races import at_once
from tests.wishes.conftest import published

pytestmark = pytest.mark.heavy
CROWD, SEATS, AT_ONCE = size(1000, least=25), 10, 10
CLAIMERS = size(500, least=25)


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


def test_five_hundred_who_claim_one_wish_are_one_lease(town: Town) -> None:
    wish, *_ = published(town, "想要第一个", "想要第二个", "想要第三个")
    phones = [town.phone(f"邻居{n}") for n in range(CLAIMERS)]
    town.writing(lambda session: [phone.actor(session) for phone in phones] and None)

    def claims(phone: Phone) -> str:
        def unit(session: Session) -> str:
            try:
                wishes.claim(phone.actor(session), session.get_one(Wish, wish))
            except Refusal as why:
                return why.code
            return "claimed"

        return town.writing(unit)

    outcomes = at_once([lambda phone=phone: claims(phone) for phone in phones])
    assert (outcomes.count("claimed"), outcomes.count("wishes.taken")) == (1, CLAIMERS - 1)
    with town.reading() as session:
        assert [*one_claim_each(session), *no_stale_claims(session)] == []
