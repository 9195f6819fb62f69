"""Several at once, on both databases: one yes wins, a team is never over its size, nobody is on two shifts."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from handlers.teams import actions
from models.activities import ActivitySession, Enrolment
from models.activities_seats import wrong_counts
from models.refusal import Refusal
from models.teams import Team, TeamMember, count
from models.teams_covers import Cover
from models.teams_shifts import strangers_on_shift
from tests.activities.plans import house
from tests.neighbours import Town
from tests.races import at_once
from tests.teams.bands import (
    HAN,
    LEADER,
    LI,
    PATROL,
    WANG,
    a_team,
    known,
    looked_after,
    on,
    planned,
    row_id,
    told,
    who_comes,
)


def try_(town: Town, name: str, act, number: int) -> str:  # type: ignore[no-untyped-def]
    """ "done", or the code of the rule that said no."""

    def unit(session) -> str:  # type: ignore[no-untyped-def]
        try:
            act(town.phone(name).actor(session), session.get_one(Cover, number))
        except Refusal as why:
            return why.code
        return "done"

    return town.writing(unit)


def a_search(town: Town, *names: str) -> tuple[int, int]:
    team = a_team(town, HAN, *names)
    first, *_ = planned(town, team)
    on(town, first, HAN)
    town.writing(lambda s: actions.ask_cover(town.phone(HAN).actor(s), s.get_one(ActivitySession, first)).id)
    looked_after(town)
    with town.reading() as session:
        return first, session.scalars(select(Cover.id)).one()


def test_of_three_who_say_yes_at_once_exactly_one_has_the_shift(town: Town) -> None:
    first, cover = a_search(town, LI, WANG)
    names = (LEADER, LI, WANG)
    said = at_once([lambda one=one: try_(town, one, actions.take, cover) for one in names])
    assert sorted(said) == ["done", "teams.taken", "teams.taken"]
    winner = names[said.index("done")]
    assert who_comes(town, first) == {winner}
    assert told(town, "cover_taken") == [HAN]
    with town.reading() as session:
        held = session.get_one(ActivitySession, first)
        assert held.taken == 1
        assert wrong_counts(session) == strangers_on_shift(session) == []


def test_a_yes_and_the_askers_coming_after_all_leave_exactly_one_on_the_shift(town: Town) -> None:
    first, cover = a_search(town, LI)
    said = at_once(
        [
            lambda: try_(town, LI, actions.take, cover),
            lambda: try_(town, HAN, actions.withdraw, cover),
        ]
    )
    assert sorted(said) == ["done", "teams.taken"]
    assert who_comes(town, first) == ({LI} if said[0] == "done" else {HAN})


def test_both_of_a_swap_take_it_back_at_once_and_it_is_taken_back_once(town: Town) -> None:
    first, cover = a_search(town, LI)
    assert try_(town, LI, actions.take, cover) == "done"
    said = at_once([lambda one=one: try_(town, one, actions.undo, cover) for one in (HAN, LI)])
    assert said == ["done", "done"]
    assert who_comes(town, first) == {HAN}
    with town.reading() as session:
        assert wrong_counts(session) == []


def test_the_last_place_in_a_team_is_given_once(town: Town) -> None:
    team = a_team(town, most=2, least=0)
    for name in (HAN, LI, WANG):
        known(town, name)
        town.writing(lambda s, name=name: actions.ask(town.phone(name).actor(s), s.get_one(Team, team)).id)

    def agree(name: str) -> str:
        def unit(session) -> str:  # type: ignore[no-untyped-def]
            row = session.get_one(TeamMember, row_id(town, team, name))
            try:
                actions.agree(town.phone(LEADER).actor(session), row)
            except Refusal as why:
                return why.code
            return "done"

        return town.writing(unit)

    said = at_once([lambda one=one: agree(one) for one in (HAN, LI, WANG)])
    assert sorted(said) == ["done", "teams.full", "teams.full"]
    with town.reading() as session:
        assert count(session, session.get_one(Team, team)) == 2


def test_two_schedulers_ask_the_same_wave_once(town: Town) -> None:
    team = a_team(town, HAN, LI, WANG)
    first, *_ = planned(town, team)
    on(town, first, HAN)
    town.writing(lambda s: actions.ask_cover(town.phone(HAN).actor(s), s.get_one(ActivitySession, first)).id)
    at_once([lambda: looked_after(town) for _ in range(3)])
    assert sorted(told(town, "cover_asked")) == sorted([LEADER, LI, WANG])


def test_the_rota_of_two_runs_at_once_plans_nobody_twice(town: Town) -> None:
    team = a_team(town, HAN, LI, WANG)
    planned(town, team, PATROL)

    def roll() -> tuple[int, int]:
        return town.writing(lambda s: actions.roll(house(s)))

    town.writing(
        lambda s: (
            actions.plan_shift(
                house(s), s.get_one(Team, team), replace(PATROL, weekday=3, rota="even", title="白天巡")
            ).id
        )
    )
    at_once([roll, roll])
    with town.reading() as session:
        assert wrong_counts(session) == []
        for held in session.scalars(select(ActivitySession)).unique():
            rows = session.scalars(
                select(Enrolment).where(Enrolment.session_id == held.id, Enrolment.state == "joined")
            ).all()
            assert len(rows) <= held.capacity
