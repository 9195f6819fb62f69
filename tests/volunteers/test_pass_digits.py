"""The four digits of one person at one session: everybody's own, the same whoever asks, on both databases."""

from __future__ import annotations

from sqlalchemy import func, select

from models.activities import ActivitySession
from models.passes import SessionPass, digits_of, known_digits, person_of
from tests.activities.plans import a_session
from tests.neighbours import Phone, Town, frozen
from tests.races import at_once
from tests.volunteers.test_actions import known


def drawn(town: Town, number: int, phone: Phone) -> str:
    return town.writing(
        lambda session: digits_of(session, session.get_one(ActivitySession, number), phone.person(session))
    )


def test_everybody_has_digits_of_their_own_and_keeps_them(town: Town) -> None:
    number = a_session(town)
    phones = [known(town, name) for name in ("马秀兰", "张桂英", "韩世杰")]
    digits = [drawn(town, number, phone) for phone in phones]
    assert len(set(digits)) == 3
    assert all(len(one) == 4 and one.isdigit() for one in digits)
    assert [drawn(town, number, phone) for phone in phones] == digits
    with town.reading() as session:
        held = session.get_one(ActivitySession, number)
        assert [person_of(session, held, one) for one in digits] == [one.person(session) for one in phones]


def test_digits_are_worth_nothing_at_another_session(town: Town) -> None:
    here, there = a_session(town), a_session(town, "社区义剪")
    ma = known(town, "马秀兰")
    digits = drawn(town, here, ma)
    with town.reading() as session:
        other = session.get_one(ActivitySession, there)
        assert person_of(session, other, digits) is None
        assert known_digits(session, other, ma.person(session)) is None


def test_many_who_ask_at_once_agree(town: Town) -> None:
    with frozen("2026-11-23 09:00"):
        number = a_session(town)
        ma, zhang = known(town, "马秀兰"), known(town, "张桂英")
        asked = [lambda one=one: drawn(town, number, one) for one in (ma, zhang, ma, zhang, ma, zhang)]
        found = at_once(asked)
    assert len(set(found)) == 2
    assert found[0] == found[2] == found[4]
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(SessionPass)) == 2
