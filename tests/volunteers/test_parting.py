"""Two neighbours who were taken for one and are parted: each has exactly what they had. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cli import check_invariants
from handlers.activities import actions as activities
from handlers.people import actions as people
from handlers.people import jobs
from handlers.volunteers import actions
from models.activities import Activity, ActivitySession, Enrolment
from models.identity import Actor
from models.linking import Merging
from models.volunteers import Attendance, Guesses, Scan, minutes_of
from tests.activities.plans import a_session, digits, house, taken, token, wall
from tests.neighbours import Phone, Town, frozen
from tests.people.homes import staff

MA, HAN = "马秀兰", "韩世杰"
LATER = "2026-11-24 09:00"


@pytest.fixture
def nine() -> Iterator[time_machine.Coordinates]:
    with frozen("2026-11-23 09:00:10") as clock:
        yield clock


@pytest.fixture
def two(town: Town, nine: Any) -> tuple[Phone, Phone]:
    """The first is the one whose record will be kept."""
    phones = town.phone(MA), town.phone(HAN)
    for phone in phones:
        town.writing(lambda s, p=phone: p.actor(s) and None)
    return phones


def signs_up(town: Town, phone: Phone, *numbers: int, and_leaves: bool = False) -> None:
    def unit(session: Session) -> None:
        for number in numbers:
            held = session.get_one(ActivitySession, number)
            activities.sign_up(phone.actor(session), held)
            if and_leaves:
                activities.leave(phone.actor(session), held)

    town.writing(unit)


def scans(town: Town, phone: Phone, number: int, nonce: str | None = None) -> str:
    shown = token(town, number)

    def unit(session: Session) -> str:
        held = session.get_one(ActivitySession, number)
        return actions.check(phone.actor(session), held, token=shown, nonce=nonce).kind

    return town.writing(unit)


def ticked(town: Town, phone: Phone, number: int, came: str, left: str) -> None:
    """In and out by the leader's list, later."""

    def unit(session: Session) -> None:
        held = session.get_one(ActivitySession, number)
        for way, at in (("in", came), ("out", left)):
            moment = wall(f"2026-11-23 {at}")
            actions.tick(house(session), held, phone.person(session), way, nonce=at, occurred_at=moment)

    town.writing(unit)


def linked(town: Town, one: Phone, other: Phone) -> int:
    def unit(session: Session) -> int:
        by = staff(session)
        return people.link_at_desk(by, one.person(session), other.person(session), reason="看错了").id

    return town.writing(unit)


def parted(town: Town, merging: int) -> None:
    town.writing(lambda s: people.part(staff(s), s.get_one(Merging, merging)) and None)


def everything(town: Town) -> dict[str, list[tuple[Any, ...]]]:
    """All that activities and check-ins keep of anybody. A stay's id is no fact of its own: scans are."""
    tables: dict[type[Any], tuple[str, ...]] = {
        Enrolment: ("id", "session_id", "person_id", "state", "how", "changed_at"),
        ActivitySession: ("id", "taken", "capacity", "state"),
        Activity: ("id", "leader_id"),
        Scan: ("id", "session_id", "person_id", "nonce", "way", "occurred_at", "flags"),
        Attendance: (
            "session_id",
            "person_id",
            "came_at",
            "left_at",
            "minutes",
            "auto_out",
            "state",
            "flags",
        ),
        Guesses: ("session_id", "person_id", "wrong"),
    }
    with town.reading() as session:
        return {
            table.__tablename__: sorted(
                (tuple(getattr(row, name) for name in names) for row in session.scalars(select(table))),
                key=repr,
            )
            for table, names in tables.items()
        }


def sound(town: Town) -> None:
    assert check_invariants(town.site) == []


def test_joined_and_parted_both_have_every_place_and_every_minute_that_they_had(
    town: Town, nine: Any, two: tuple[Phone, Phone]
) -> None:
    ma, han = two
    here, there = a_session(town, leader=han), a_session(town, "义剪")
    both, only_han, ma_left, han_left = (a_session(town, f"活动{n}", LATER) for n in range(4))
    signs_up(town, ma, both, han_left)
    signs_up(town, han, both, only_han, ma_left)
    signs_up(town, ma, ma_left, and_leaves=True)
    signs_up(town, han, han_left, and_leaves=True)
    assert [scans(town, phone, here, "link:same") for phone in two] == ["in", "in"]
    nine.shift(1800)
    assert (scans(town, han, here), scans(town, han, there)) == ("out", "in")
    ma.says("0000")
    han.scans(f"session:{there}")
    before = everything(town)
    sound(town)

    merging = linked(town, ma, han)
    sound(town)
    assert [taken(town, number) for number in (both, only_han, ma_left, han_left)] == [1, 1, 1, 1]
    assert "活动1" in han.says("我的活动")
    nine.shift(600)
    parted(town, merging)
    sound(town)
    assert everything(town) == before


def test_stays_that_met_in_one_session_become_one_and_then_two_again(
    town: Town, nine: Any, two: tuple[Phone, Phone]
) -> None:
    ma, han = two
    number, next_door = a_session(town), a_session(town, "义剪")
    nine.shift(3 * 3600)
    ticked(town, ma, number, "09:00", "10:00")
    ticked(town, han, number, "09:30", "10:30")
    ticked(town, han, next_door, "10:40", "10:50")
    before = everything(town)

    merging = linked(town, ma, han)
    sound(town)
    with town.reading() as session:
        assert minutes_of(session, ma.person(session)) == 60 + 10
    parted(town, merging)
    sound(town)
    assert everything(town) == before


def test_what_was_done_after_joining_stays_with_who_did_it(
    town: Town, nine: Any, two: tuple[Phone, Phone]
) -> None:
    ma, han = two
    number = a_session(town)
    later = a_session(town, "义剪", LATER)
    signs_up(town, ma, later)
    signs_up(town, han, later)
    merging = linked(town, ma, han)
    assert "签到好了" in ma.says(digits(town, number))
    assert "已经退出" in ma.says("我的活动", "2", "1")
    parted(town, merging)
    sound(town)
    with town.reading() as session:
        places = dict(session.execute(select(Enrolment.person_id, Enrolment.state).where(Enrolment.session_id == later)).all())  # type: ignore[arg-type]  # fmt: skip
        assert places == {ma.person(session).id: "left", han.person(session).id: "joined"}
        assert session.scalars(select(Attendance.person_id)).all() == [ma.person(session).id]


def test_a_seat_that_went_to_somebody_else_meanwhile_is_added(town: Town, two: tuple[Phone, Phone]) -> None:
    ma, han = two
    number = a_session(town, "义剪", LATER, capacity=2)
    signs_up(town, ma, number)
    signs_up(town, han, number)
    merging = linked(town, ma, han)
    signs_up(town, town.phone("第三个人"), number)
    parted(town, merging)
    sound(town)
    with town.reading() as session:
        held = session.get_one(ActivitySession, number)
        assert (held.taken, held.capacity) == (3, 3)


def test_a_place_in_a_session_that_is_over_comes_back_too(
    town: Town, nine: Any, two: tuple[Phone, Phone]
) -> None:
    ma, han = two
    number = a_session(town)
    for phone in two:
        scans(town, phone, number)
    merging = linked(town, ma, han)
    nine.shift(3 * 3600)
    town.writing(lambda s: actions.close_session(house(s), s.get_one(ActivitySession, number)) and None)
    parted(town, merging)
    sound(town)
    with town.reading() as session:
        stays = session.execute(select(Attendance.person_id, Attendance.minutes, Attendance.auto_out)).all()
        assert sorted(stays) == sorted((phone.person(session).id, 119, True) for phone in two)
    assert taken(town, number) == 2


@pytest.mark.parametrize("end", ["settled", "erased"])
def test_what_was_put_aside_goes_after_thirty_days_or_with_the_person(
    town: Town, nine: Any, two: tuple[Phone, Phone], end: str
) -> None:
    ma, han = two
    here, later = a_session(town), a_session(town, "义剪", "2027-01-11 09:00")
    for phone in two:
        scans(town, phone, here, "link:same")
        signs_up(town, phone, later)
    linked(town, ma, han)
    if end == "erased":
        town.writing(lambda s: people.erase(staff(s), ma.person(s)))
    else:
        nine.shift(timedelta(days=30))
        town.writing(lambda s: jobs.settle_linked(Actor(s, channel="job")))
    with town.reading() as session:
        merging = session.scalars(select(Merging)).one()
        for table in (Enrolment, Scan, Guesses):
            assert gone_rows(session, table, merging.gone_id) == 0
        assert gone_rows(session, Enrolment, merging.kept_id) == (0 if end == "erased" else 2)
    sound(town)


def gone_rows(session: Session, table: Any, person: int) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.person_id == person)) or 0
