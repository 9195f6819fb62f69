"""What planning, joining, cancelling, erasing and merging do to the rows; what races runs on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.activities import actions, linked
from handlers.activities.mine import my_enrolments
from models.activities import Activity, ActivitySession, Enrolment
from models.activities_line import broken_lines
from models.activities_seats import wrong_counts
from models.identity import Actor
from models.outbox import OutboxRow
from models.refusal import Refusal
from tests.activities.plans import a_session, house, taken, wall
from tests.neighbours import Phone, Town, frozen
from tests.races import at_once

EVE = "2026-11-22 20:00"


def join(town: Town, phone: Phone, number: int) -> str:
    """ "joined", or the code of the refusal."""

    def unit(session: Session) -> str:
        actions.sign_up(phone.actor(session), session.get_one(ActivitySession, number))
        return "joined"

    try:
        return town.writing(unit)
    except Refusal as why:
        return why.code


def test_ten_neighbours_at_once_on_three_seats_are_three(town: Town) -> None:
    number = a_session(town, starts="2035-01-08 09:00", capacity=3)
    phones = [town.phone(f"邻居{n}") for n in range(10)]
    town.writing(lambda session: [phone.actor(session) for phone in phones] and None)
    results = at_once([lambda phone=phone: join(town, phone, number) for phone in phones])
    assert sorted(map(str, results)) == ["activities.full"] * 7 + ["joined"] * 3
    assert taken(town, number) == 3
    with town.reading() as session:
        assert wrong_counts(session) == []


def test_one_neighbour_joining_twice_at_once_has_one_seat(town: Town) -> None:
    number = a_session(town, starts="2035-01-08 09:00")
    phone = town.phone("马秀兰")
    town.writing(lambda session: phone.actor(session) and None)
    assert at_once([lambda: join(town, phone, number)] * 4) == ["joined"] * 4
    assert taken(town, number) == 1


@pytest.mark.parametrize(
    ("starts", "ends", "capacity", "code"),
    [
        ("2026-11-23 09:00", "2026-11-23 09:00", 5, "activities.bad_times"),
        ("2026-11-23 09:00", "2026-11-23 08:00", 5, "activities.bad_times"),
        ("2026-11-23 09:00", "2026-11-24 09:00", 5, "activities.bad_times"),
        ("2026-11-23 09:00", "2026-11-23 10:00", 0, "activities.bad_capacity"),
        ("2026-11-23 09:00", "2026-11-23 10:00", 1001, "activities.bad_capacity"),
    ],
)
def test_a_session_with_impossible_times_or_seats_is_refused(
    sqlite_town: Town, starts: str, ends: str, capacity: int, code: str
) -> None:
    a_session(sqlite_town)

    def unit(session: Session) -> None:
        activity = session.scalars(select(Activity)).one()
        actions.plan_session(
            house(session), activity, starts=wall(starts), ends=wall(ends), capacity=capacity
        )

    with pytest.raises(Refusal, match=code):
        sqlite_town.writing(unit)


def test_an_activity_with_too_long_a_name_is_refused(sqlite_town: Town) -> None:
    def unit(session: Session) -> None:
        actions.plan_activity(house(session), title="长" * 21, sentence="", place="", leader="某人")

    with pytest.raises(Refusal, match="too_long"):
        sqlite_town.writing(unit)


def test_a_stranger_may_neither_open_nor_cancel(sqlite_town: Town) -> None:
    number = a_session(sqlite_town, leader=sqlite_town.phone("张河长"))
    for step in (actions.open_session, actions.cancel_session, actions.mark_closed):

        def unit(session: Session, step: Callable[..., object] = step) -> None:
            step(sqlite_town.phone("路人").actor(session), session.get_one(ActivitySession, number))

        with pytest.raises(Refusal, match="not_leader"):
            sqlite_town.writing(unit)


def test_the_leader_may_open_and_opening_twice_is_opening_once(sqlite_town: Town) -> None:
    leader = sqlite_town.phone("张河长")
    number = a_session(sqlite_town, leader=leader)
    for _ in range(2):
        sqlite_town.writing(
            lambda s: actions.open_session(leader.actor(s), s.get_one(ActivitySession, number)).state
        )
    with sqlite_town.reading() as session:
        assert session.get_one(ActivitySession, number).state == "open"


def test_cancelling_tells_everybody_who_joined_once(sqlite_town: Town) -> None:
    with frozen(EVE):
        number = a_session(sqlite_town)
        sqlite_town.phone("马秀兰").says("活动", "1", "1")
        sqlite_town.phone("张桂英").says("活动", "1", "1")

        def unit(session: Session) -> None:
            held = session.get_one(ActivitySession, number)
            actions.cancel_session(house(session), held, why="下大雪")

        sqlite_town.writing(unit)
        with pytest.raises(Refusal, match="is_over"):
            sqlite_town.writing(unit)
        with sqlite_town.reading() as session:
            rows = list(session.scalars(select(OutboxRow).where(OutboxRow.kind == "activities.cancelled")))
            form = sqlite_town.site.words.form("activities.cancelled")
            words = sqlite_town.site.words.fill(form.text, rows[0].facts)
    assert len(rows) == 2
    assert words.startswith("11月23日(星期一)")
    assert "因为下大雪,请不用来了" in words


def test_a_session_that_has_begun_is_neither_joined_nor_left(sqlite_town: Town) -> None:
    with frozen(EVE) as clock:
        number = a_session(sqlite_town)
        phone = sqlite_town.phone("马秀兰")
        assert join(sqlite_town, phone, number) == "joined"
        clock.shift(14 * 3600)
        assert join(sqlite_town, sqlite_town.phone("张桂英"), number) == "activities.is_over"
        with pytest.raises(Refusal, match="has_begun"):
            sqlite_town.writing(
                lambda s: actions.leave(phone.actor(s), s.get_one(ActivitySession, number)) and None
            )


def test_the_leader_admits_beyond_the_seats(sqlite_town: Town) -> None:
    with frozen(EVE):
        number = a_session(sqlite_town, capacity=1)
        join(sqlite_town, sqlite_town.phone("马秀兰"), number)

        def unit(session: Session) -> None:
            held = session.get_one(ActivitySession, number)
            actions.admit(house(session), held, sqlite_town.phone("张桂英").actor(session).me)

        sqlite_town.writing(unit)
        with sqlite_town.reading() as session:
            held = session.get_one(ActivitySession, number)
            assert (held.taken, held.capacity) == (2, 2)
            assert wrong_counts(session) == []


def test_erasing_gives_seats_back_and_export_is_empty_afterwards(sqlite_town: Town) -> None:
    with frozen(EVE):
        number = a_session(sqlite_town)
        phone = sqlite_town.phone("马秀兰")
        join(sqlite_town, phone, number)
        with sqlite_town.reading() as session:
            kept = my_enrolments(session, phone.person(session))
        assert kept["报名的活动"][0]["活动"] == "河道清洁"
        sqlite_town.writing(lambda s: actions.forget(house(s), phone.person(s)))
        assert taken(sqlite_town, number) == 0
        with sqlite_town.reading() as session:
            assert my_enrolments(session, phone.person(session)) == {"报名的活动": []}


def test_merging_two_rows_of_one_person_keeps_one_seat_in_each_session(sqlite_town: Town) -> None:
    with frozen(EVE):
        both, one = a_session(sqlite_town), a_session(sqlite_town, "义剪", "2026-11-24 09:00")
        kept, gone = sqlite_town.phone("马秀兰"), sqlite_town.phone("马秀兰的小程序")
        assert [join(sqlite_town, who, both) for who in (kept, gone)] == ["joined", "joined"]
        join(sqlite_town, gone, one)
        sqlite_town.writing(lambda s: linked.merge(house(s), kept.person(s), gone.person(s)) and None)
        assert (taken(sqlite_town, both), taken(sqlite_town, one)) == (1, 1)
        with sqlite_town.reading() as session:
            owners = set(session.scalars(select(Enrolment.person_id).where(Enrolment.state == "joined")))
            assert owners == {kept.person(session).id}
            assert wrong_counts(session) == []


def test_seed_has_one_activity_that_runs_now_and_more_ahead(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:07"):
        sqlite_town.seed("activities")
        with sqlite_town.reading() as session:
            running = list(session.scalars(select(ActivitySession).where(ActivitySession.state == "open")))
            assert [*wrong_counts(session), *broken_lines(session)] == []
        assert len(running) == 1
        assert "河道清洁" in sqlite_town.phone("马秀兰").says("活动报名")


def test_an_actor_without_a_person_cannot_sign_up(sqlite_town: Town) -> None:
    number = a_session(sqlite_town, starts="2035-01-08 09:00")
    with pytest.raises(RuntimeError):
        sqlite_town.writing(
            lambda s: actions.sign_up(Actor(s, channel="page"), s.get_one(ActivitySession, number)) and None
        )
