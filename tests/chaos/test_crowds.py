"""A crowd at one door: 1,000 neighbours sign up for 10 seats, 500 promise one wish, 2,000 residents book 30 seats, on
both databases; here fewer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import time
from time import monotonic, sleep

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import Busy
from handlers.activities import actions
from handlers.appointments import actions as appointments
from handlers.appointments import seats
from handlers.wishes import actions as wishes
from models.activities import Enrolment
from models.activities_line import place_in_line
from models.appointments import Appointment, one_place_each, seats_equal_appointments
from models.base import count_rows
from models.booking_holds import SeatHold
from models.refusal import Refusal
from models.slots import Slot
from models.wishes import Wish, no_stale_claims, one_claim_each
from tests.activities.plans import a_session, taken
from tests.activities.test_waiting import does, sound
from tests.appointments.desk import opened
from tests.appointments.test_races import until_heard
from tests.chaos.conftest import size
from tests.neighbours import Phone, Town, frozen
from tests.races import at_once
from tests.wishes.conftest import published

pytestmark = pytest.mark.heavy
CROWD, SEATS, AT_ONCE = size(1000, least=25), 10, 10
CLAIMERS = size(500, least=25)
RESIDENTS, SEATS_OF_A_TIME = size(2000, least=50), 30


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


def test_two_thousand_residents_on_thirty_seats_are_thirty_and_each_hears_how_it_is(town: Town) -> None:
    """Every tenth says one sentence in the chat, and yes when asked whether it is right; the others choose and book as
    pages and the mini-program do. Whoever is busy-signalled asks again, as a phone does."""
    with frozen("2026-11-23 08:30"):
        opened(town, {1: [(time(9), time(9, 30))]}, capacity=SEATS_OF_A_TIME, horizon_days=6)
        phones = [town.phone(f"居民{n}") for n in range(RESIDENTS)]
        for at in range(0, RESIDENTS, 200):
            town.writing(lambda session, at=at: named(session, phones[at : at + 200]))  # type: ignore[misc]
        started = monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            heard = list(pool.map(comes_to_book, range(RESIDENTS), phones))
        took = monotonic() - started
        told = Counter(kind_of(words) for words in heard)
        print(f"{RESIDENTS} residents, {SEATS_OF_A_TIME} seats: {took:.1f} s, {dict(told)}")
        assert told["booked"] == SEATS_OF_A_TIME
        assert set(told) <= {"booked", "being chosen", "taken", "full"}, set(heard)
        with town.reading() as session:
            slot = session.scalars(select(Slot)).one()
            assert slot.taken == count_rows(session, select(Appointment)) == SEATS_OF_A_TIME
            assert count_rows(session, select(SeatHold)) == 0
            assert [*seats_equal_appointments(session), *one_place_each(session)] == []


def named(session: Session, phones: Sequence[Phone]) -> None:
    for phone in phones:
        phone.actor(session).me.name = "马秀兰"


def comes_to_book(turn: int, phone: Phone) -> str:
    """What this resident hears in the end."""
    if turn % 10:
        return books_on_a_page(phone)
    words = until_heard(phone, "明天上午9点约老年证")
    return until_heard(phone, "1") if "给您约" in words else words


def books_on_a_page(phone: Phone) -> str:
    town = phone.town

    def chooses(session: Session) -> str:
        try:
            seats.hold(phone.actor(session), session.scalars(select(Slot)).one())
        except Refusal as why:
            return town.site.house.refusal_words(why)
        return ""

    def books(session: Session) -> str:
        made = appointments.book(phone.actor(session), session.scalars(select(Slot)).one())
        return f"给您约好了 {made.number}"

    return patiently(lambda: town.writing(chooses)) or patiently(lambda: town.writing(books))


def patiently(work: Callable[[], str]) -> str:
    """Told that the house is too busy, a resident asks again for as long as it takes."""
    while True:
        try:
            return work()
        except Busy:
            sleep(0.2)


def kind_of(words: str) -> str:
    signs = {"booked": "给您约好了", "being chosen": "刚有人选着", "full": "约满了"}
    signs["taken"] = "刚被约走了"
    return next((kind for kind, sign in signs.items() if sign in words), words)
