"""A room and a person are in one place at a time, however many want them."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from models.refusal import Refusal
from models.resources import Occupation, Resource, leave, occupy, one_at_a_time
from tests.neighbours import Town
from tests.races import at_once

HOUR = timedelta(hours=1)


def opened(town: Town, *, buffer: int = 0) -> list[int]:
    def unit(session: Session) -> list[int]:
        rows = [
            Resource(kind="room", name="接待室", buffer_minutes=buffer),
            Resource(kind="person", name="张主任"),
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]

    return town.writing(unit)


def take(town: Town, ids: list[int], after: timedelta, source: str) -> bool:
    starts = clock.at(clock.today(), time()) + after

    def unit(session: Session) -> None:
        rows = [session.get_one(Resource, number) for number in ids]
        occupy(session, rows, starts, starts + HOUR, source)

    try:
        town.writing(unit)
    except Refusal as refused:
        if refused.code != "appointments.resource_taken":
            raise
        return False
    return True


def test_twelve_who_want_one_room_and_one_leader_at_once_are_one(town: Town) -> None:
    room, leader = opened(town)
    both = [[room, leader], [leader, room]]
    got = at_once([lambda n=n: take(town, both[n % 2], HOUR, f"appointment:{n}") for n in range(12)])
    assert got.count(True) == 1
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Occupation)) == 2
        assert one_at_a_time(session) == []


def test_who_cannot_have_both_gets_neither(town: Town) -> None:
    room, leader = opened(town)
    assert take(town, [leader], HOUR, "closed:leave")
    assert not take(town, [room, leader], HOUR, "appointment:1")
    assert take(town, [room], HOUR, "appointment:2")


@pytest.mark.parametrize(("minutes", "free"), [(59, False), (60, False), (69, False), (70, True)])
def test_after_each_use_a_room_is_aired(town: Town, minutes: int, free: bool) -> None:
    room, _leader = opened(town, buffer=10)
    assert take(town, [room], HOUR, "appointment:1")
    assert take(town, [room], HOUR + timedelta(minutes=minutes), "appointment:2") is free


def test_what_was_left_can_be_taken_again(town: Town) -> None:
    room, leader = opened(town)
    assert take(town, [room, leader], HOUR, "appointment:1")
    town.writing(lambda session: leave(session, "appointment:1"))
    assert take(town, [room, leader], HOUR, "appointment:2")
