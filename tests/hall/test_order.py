"""The order of the line, for any numbers, bookings, late comers and absent ones: nobody is overtaken unfairly."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from models.plans import Service
from models.tickets import BEHIND, Ticket, due_of, place_behind, whose_turn

NINE = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
GRACE = timedelta(minutes=15)
OTHERS = Service(name="老年证", minutes=10)

# who comes: (minute of coming, minute of the booked time or None)
comers = st.lists(
    st.tuples(st.integers(0, 120), st.none() | st.integers(0, 12).map(lambda n: n * 10)), max_size=12
)


def minute(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


def tickets(people: list[tuple[int, int | None]]) -> list[Ticket]:
    """Each with the place that the rules give on coming; numbers in the order of coming."""
    rows = []
    for number, (came, booked) in enumerate(sorted(people, key=lambda one: one[0]), 1):
        due = due_of(minute(booked), minute(came), GRACE) if booked is not None else None
        rows.append(
            Ticket(
                id=number, number=number, came_at=minute(came), since=minute(came), due=due, service=OTHERS
            )
        )
    return rows


def called_one_by_one(rows: list[Ticket], each: int) -> list[tuple[datetime, Ticket]]:
    """One window, `each` minutes a visit, from nine until nobody is left."""
    left, at, order = list(rows), NINE, []
    while left:
        here = [one for one in left if one.came_at <= at]
        turn = whose_turn(here, at)
        if turn is not None:
            order.append((at, turn))
            left.remove(turn)
        at += timedelta(minutes=each if turn is not None else 1)
    return order


@settings(max_examples=300, deadline=None)
@given(comers, st.sampled_from([5, 10, 25]))
def test_everybody_is_called_once_and_nobody_who_has_not_come(
    people: list[tuple[int, int | None]], each: int
) -> None:
    rows = tickets(people)
    order = called_one_by_one(rows, each)
    assert sorted(one.number for _, one in order) == [one.number for one in rows]
    assert all(one.came_at <= at for at, one in order)


@settings(max_examples=300, deadline=None)
@given(comers, st.sampled_from([5, 10, 25]))
def test_nobody_is_overtaken_but_by_one_whose_booked_time_has_come(
    people: list[tuple[int, int | None]], each: int
) -> None:
    order = called_one_by_one(tickets(people), each)
    for place, (_, first) in enumerate(order):
        for at, second in order[:place]:
            overtook = second.came_at > first.came_at and first.came_at <= at
            if overtook:
                assert second.due is not None or first.due is not None
                if first.due is None:
                    assert second.due is not None
                    assert second.due <= at, "booked, here, and their time has come"
                elif second.due is not None:
                    assert second.due <= first.due, "the earlier time goes first"
                else:
                    assert first.due > at, "who is early for a booked time lets others go first"


@settings(max_examples=200, deadline=None)
@given(comers)
def test_walk_ins_keep_their_order_and_so_do_the_booked(people: list[tuple[int, int | None]]) -> None:
    order = [one for _, one in called_one_by_one(tickets(people), 10)]
    came = [one for one in order if one.due is None]
    assert came == sorted(came, key=lambda one: (one.since, one.id))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=0, max_size=9), st.integers(61, 90))
def test_who_comes_back_from_aside_stands_behind_two_and_before_the_third(
    minutes: list[int], now: int
) -> None:
    waiting = tickets([(one, None) for one in minutes])
    back = Ticket(id=99, number=99, came_at=NINE, since=place_behind(waiting, minute(now)), service=OTHERS)
    line, left = [], [*waiting, back]
    while left:
        turn = whose_turn(left, minute(now))
        assert turn is not None
        line.append(turn)
        left.remove(turn)
    assert line.index(back) == min(BEHIND, len(waiting)) or _same_moment(line, back)
    assert [one for one in line if one is not back] == waiting


def _same_moment(line: list[Ticket], back: Ticket) -> bool:
    """Several came in one and the same microsecond: then the numbers decide, and nobody loses more than those."""
    place = line.index(back)
    return all(one.since == other.since for one, other in pairwise(line[BEHIND - 1 : place]))
