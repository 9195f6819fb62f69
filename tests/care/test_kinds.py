"""Whose eyes a cry for help is for: a child's danger and a relapse belong to specialists, while there are any."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.staff import actions
from models.confidential import ConfidentialMatter
from models.identity import Actor
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, audited, clerk, hire

CRIES = {"suicide": "我不想活了", "minor": "有人打孩子,打得厉害", "relapse": "我又想吸了,控制不住"}
NAMES = {"suicide": "轻生", "minor": "孩子有危险", "relapse": "复吸"}
SEES = {"care": {"suicide"}, "children": {"minor"}, "recovery": {"relapse"}}


@pytest.fixture
def house(sqlite_town: Town) -> Town:
    for name, cry in CRIES.items():
        sqlite_town.phone(name).says(cry)
    assert set(numbers(sqlite_town)) == set(CRIES)
    return sqlite_town


def numbers(house: Town) -> dict[str, int]:
    with house.site.confidential.reading() as session:
        return {one.kind: one.id for one in session.scalars(select(ConfidentialMatter))}


def seen(person: Clerk) -> set[str]:
    person.opens("/console/care")
    return {kind for kind, words in NAMES.items() if words in person.words}


@pytest.mark.parametrize("role", SEES)
def test_b14_with_specialists_each_sees_and_opens_their_own_kind(house: Town, role: str) -> None:
    people = {each: clerk(house, each, login=each) for each in SEES}
    one = people[role]
    assert seen(one) == SEES[role]
    one.opens("/console/")
    assert f"紧急求助 {len(SEES[role])}" in one.words
    for kind, number in numbers(house).items():
        mine = kind in SEES[role]
        assert one.opens(f"/console/care/{number}").status_code == (200 if mine else 404)
        assert (CRIES[kind] in one.page) is mine
        one.sends(f"/console/care/{number}/handled", outcome="打过电话了")
        with house.site.confidential.reading() as session:
            assert (session.get_one(ConfidentialMatter, number).handled_at is not None) is mine
    with house.reading() as session:
        assert len(audited(session, "care.refused")) == 2


def test_while_nobody_is_the_specialist_care_sees_that_kind_too(house: Town) -> None:
    """A child's cry that nobody can read would be worse than one read by the wrong clerk."""
    zhao = clerk(house, "care", login="zhao")
    assert seen(zhao) == set(CRIES)
    special = hire(house, "children", login="sun", name="孙老师")
    assert seen(zhao) == {"suicide", "relapse"}

    def close(session: Session) -> None:
        actions.deactivate(Actor(session, channel="job"), special.member(session))

    house.writing(close)
    assert seen(zhao) == set(CRIES)


def test_a_specialist_who_has_never_chosen_a_password_is_none_yet(house: Town) -> None:
    def invite(session: Session) -> None:
        actions.add(Actor(session, channel="job"), login="sun", name="孙老师", roles=["children"])

    house.writing(invite)
    assert seen(clerk(house, "care", login="zhao")) == set(CRIES)


def test_who_is_both_sees_both(house: Town) -> None:
    hire(house, "recovery", login="qian")
    assert seen(clerk(house, "care", "children", login="zhao")) == {"suicide", "minor"}


def test_opening_asks_for_a_fresh_proof_and_noting_what_was_done_does_not(house: Town) -> None:
    with frozen("2026-11-23 09:00") as time:
        zhao = clerk(house, "care", login="zhao")
        number = numbers(house)["suicide"]
        zhao.opens(f"/console/care/{number}")
        assert CRIES["suicide"] in zhao.words
        time.shift(timedelta(minutes=6))
        assert (
            zhao.opens(f"/console/care/{number}")
            .headers["Location"]
            .startswith("/console/again?back=/console/care/")
        )
        zhao.sends(f"/console/care/{number}/handled", outcome="陪着说了半小时,女儿到了", follow=True)
        assert "记下了" in zhao.words
