"""Scans of all ways (screen, digits, pass, typed, ticked) give the same attendance, in whatever order they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.cli import check_invariants
from handlers.volunteers import actions, passes
from models.activities import ActivitySession
from models.identity import Person
from models.passes import digits_of, pass_token
from models.place_code import code_at
from models.refusal import Refusal
from models.volunteers import Scan
from tests.activities.plans import a_session, house, wall
from tests.neighbours import Phone, Town, frozen
from tests.volunteers.test_actions import attendance, known
from tests.volunteers.test_any_order import LENGTHS, OPENS, forget_scans, wipe
from tests.volunteers.test_chat import wrong

NAMES = ("马秀兰", "张桂英")


@dataclass(frozen=True)
class Happening:
    """Somebody at a session, by one of the ways, so many seconds after the one before."""

    who: int
    where: int
    way: str
    after: int


happenings = st.lists(
    st.builds(
        Happening,
        who=st.integers(0, 1),
        where=st.integers(0, 1),
        way=st.sampled_from(["screen", "digits", "pass", "typed", "in", "out"]),
        after=st.one_of(st.integers(0, 90), st.integers(600, 3000)),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), log=happenings)
def test_what_happened_by_all_ways_is_told_again_in_any_order_twice(
    sqlite_town: Town, data: st.DataObject, log: list[Happening]
) -> None:
    town = sqlite_town
    with frozen("2026-11-23 08:30") as moved:
        wipe(town)
        numbers = [a_session(town, name, at, hours=hours) for name, (at, hours) in LENGTHS.items()]
        phones = [known(town, name) for name in NAMES]
        when = OPENS
        for one in log:
            when += timedelta(seconds=one.after)
            moved.move_to(when)
            happens(town, phones[one.who], numbers[one.where], one.way)
            happens(town, phones[one.who], numbers[one.where], one.way)
        moved.move_to(wall("2026-11-23 15:00"))
        settled(town)
        once, told = attendance(town), scans(town)
        forget_scans(town)
        order = data.draw(st.permutations(told))
        for scan in [*order, *data.draw(st.permutations(told))]:
            tell_again(town, scan)
        assert attendance(town) == once
        assert check_invariants(town.site) == []


def happens(town: Town, phone: Phone, number: int, way: str) -> None:
    """By this way, now; a rule may say no."""

    def unit(session: Session) -> Any:
        held, now = session.get_one(ActivitySession, number), clock.now()
        me, by = phone.person(session), house(session)
        if way == "screen":
            link = code_at(held, now).token
            return actions.check(phone.actor(session), held, token=link, nonce=f"link:{link}")
        if way == "digits":
            return actions.check(phone.actor(session), held, digits=code_at(held, now).digits)
        if way == "pass":
            return passes.redeem(by, held, f"/h5/pass/{pass_token(me, now)}", admit=True)
        if way == "typed":
            return passes.redeem(by, held, digits_of(session, held, me), admit=True)
        return actions.tick(by, held, me, way)  # type: ignore[arg-type]

    try:
        town.writing(unit)
    except Refusal:
        return


def scans(town: Town) -> list[dict[str, Any]]:
    with town.reading() as session:
        return [
            {
                "person": one.person_id,
                "session": one.session_id,
                "way": one.way,
                "nonce": one.nonce,
                "at": one.occurred_at,
            }
            for one in session.scalars(select(Scan))
        ]


def tell_again(town: Town, scan: dict[str, Any]) -> None:
    def unit(session: Session) -> None:
        held, person = (
            session.get_one(ActivitySession, scan["session"]),
            session.get_one(Person, scan["person"]),
        )
        actions.tick(house(session), held, person, scan["way"], nonce=scan["nonce"], occurred_at=scan["at"])

    town.writing(unit)


def settled(town: Town) -> None:
    """The job has ended what was forgotten."""

    def unit(session: Session) -> None:
        for scan in session.scalars(select(Scan)).all():
            actions.recount(house(session), session.get_one(Person, scan.person_id), scan.session)

    town.writing(unit)


def test_the_same_person_by_two_ways_within_a_minute_is_one_stay(town: Town) -> None:
    with frozen("2026-11-23 09:00") as moved:
        number, ma = a_session(town), known(town, "马秀兰")
        for way in ("screen", "pass", "typed", "digits"):
            happens(town, ma, number, way)
            moved.shift(10)
        assert [(row[3], row[4]) for row in attendance(town)] == [(None, None)]
        moved.shift(3600)
        happens(town, ma, number, "pass")
        assert [row[4] for row in attendance(town)] == [60]


@pytest.mark.parametrize("way", ["pass", "typed", "in"])
def test_five_wrong_digits_are_forgiven_by_whoever_was_seen(sqlite_town: Town, way: str) -> None:
    with frozen("2026-11-23 09:00"):
        number, ma = a_session(sqlite_town), known(sqlite_town, "马秀兰")
        ma.says("签到")
        for _ in range(5):
            ma.says(wrong(sqlite_town, number))
        happens(sqlite_town, ma, number, way)
        assert len(attendance(sqlite_town)) == 1
