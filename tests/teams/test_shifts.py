"""Plans that roll forward, whose turn it is, cover looked for in waves, and what is short of hands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import select

from app import clock
from handlers.activities.actions import cancel_session, sign_up
from handlers.teams import actions
from handlers.volunteers import actions as volunteers
from models.activities import ActivitySession
from models.activities_audience import coming
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.teams import Team, TeamMember
from models.teams_covers import Cover, CoverAsk
from models.teams_shifts import ShiftPlan, sessions_of
from tests.activities.plans import house, wall
from tests.neighbours import Town, frozen
from tests.teams.bands import (
    HAN,
    LEADER,
    LI,
    PATROL,
    WANG,
    a_team,
    cover_states,
    facts_of,
    known,
    looked_after,
    on,
    planned,
    row_id,
    told,
    who_comes,
)

MANY = ("张三娘", "李四娘", "王五娘", "赵六娘", "孙七娘")


def ask(town: Town, name: str, shift: int) -> None:
    town.writing(lambda s: actions.ask_cover(town.phone(name).actor(s), s.get_one(ActivitySession, shift)).id)


def waves(town: Town) -> list[int]:
    """How many were asked in each wave."""
    with town.reading() as session:
        rows = session.scalars(select(CoverAsk.wave).order_by(CoverAsk.id)).all()
        return [rows.count(n) for n in sorted(set(rows))]


# ---- plans ---------------------------------------------------------------------------------------------------------


def test_a_plan_is_laid_out_two_weeks_ahead_and_rolls_on_every_day(sqlite_town: Town) -> None:
    team = a_team(sqlite_town)
    assert len(planned(sqlite_town, team)) == 2
    with frozen("2026-11-30 09:10"):
        sqlite_town.writing(lambda s: actions.roll(house(s)))
        sqlite_town.writing(lambda s: actions.roll(house(s)))
        with sqlite_town.reading() as session:
            days = [
                clock.local(one.starts).date()
                for one in session.scalars(sessions_of(session.get_one(Team, team))).unique()
            ]
    assert days == [date(2026, 11, 24), date(2026, 12, 1), date(2026, 12, 8)]


def test_a_shift_that_was_called_off_is_not_laid_out_again(sqlite_town: Town) -> None:
    team = a_team(sqlite_town)
    first, *_ = planned(sqlite_town, team)
    sqlite_town.writing(lambda s: cancel_session(house(s), s.get_one(ActivitySession, first), why="下雪").id)
    assert sqlite_town.writing(lambda s: actions.roll(house(s))) == (0, 0)


def test_a_plan_that_ends_leaves_the_shifts_that_somebody_is_in(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    first, second = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    gone = sqlite_town.writing(lambda s: actions.end_plan(house(s), s.scalars(select(ShiftPlan)).one()))
    assert gone == 1
    with sqlite_town.reading() as session:
        states = [session.get_one(ActivitySession, one).state for one in (first, second)]
    assert states == ["planned", "cancelled"]


def test_a_listed_shift_is_seen_by_all_and_joined_by_members_alone(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, listed=True)
    first, *_ = planned(sqlite_town, team)
    known(sqlite_town, WANG)
    with sqlite_town.reading() as session:
        assert first in [one.id for one in session.scalars(coming()).unique()]
    with pytest.raises(Refusal, match="not_listed"):
        on(sqlite_town, first, WANG)
    on(sqlite_town, first, HAN)
    assert who_comes(sqlite_town, first) == {HAN}


# ---- whose turn it is ------------------------------------------------------------------------------------------------


def test_the_house_plans_who_did_least_and_keeps_pauses_overlaps_and_rest(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI, WANG)

    def away(session) -> None:  # type: ignore[no-untyped-def]
        row = session.get_one(TeamMember, row_id(sqlite_town, team, LEADER))
        actions.pause(house(session), row, date(2026, 11, 24), date(2026, 11, 24))

    sqlite_town.writing(away)
    first, second = planned(sqlite_town, team, replace(PATROL, rota="even"))
    assert who_comes(sqlite_town, first) == {HAN, LI}, "the leader is away that day"
    assert who_comes(sqlite_town, second) == {LEADER, WANG}, "those who have none yet"
    assert sorted(told(sqlite_town, "planned")) == sorted([LEADER, HAN, LI, WANG])
    early = planned(sqlite_town, team, WeeklyAt(2, 0, 3))
    assert who_comes(sqlite_town, early[0]) == {LEADER, WANG}, "the others come from a shift of that night"


def WeeklyAt(weekday: int, opens: int, closes: int) -> actions.WeeklyShift:  # noqa: N802 (reads as the class)
    return replace(PATROL, weekday=weekday, opens=time(opens), closes=time(closes), title="晨巡", rota="even")


def test_who_gave_a_shift_back_is_not_planned_into_it_again(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    first, _ = planned(sqlite_town, team, replace(PATROL, hands=1, rota="even"))
    (who,) = who_comes(sqlite_town, first)
    sqlite_town.phone(who).says("我的活动", "1", "1")
    sqlite_town.writing(lambda s: actions.roll(house(s)))
    assert who_comes(sqlite_town, first) == {LEADER, HAN} - {who}


# ---- waves -----------------------------------------------------------------------------------------------------------


def test_three_are_asked_at_a_time_those_who_know_it_first_and_the_next_later(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, *MANY)
    first, second = planned(sqlite_town, team)
    on(sqlite_town, second, HAN)
    on(sqlite_town, first, MANY[4])
    with frozen("2026-11-24 19:30"):

        def came(session) -> None:  # type: ignore[no-untyped-def]
            who = sqlite_town.phone(MANY[4]).person(session)
            volunteers.tick(house(session), session.get_one(ActivitySession, first), who, "in", nonce="n")

        sqlite_town.writing(came)
    with frozen("2026-11-27 09:00") as moment:
        ask(sqlite_town, HAN, second)
        looked_after(sqlite_town)
        assert told(sqlite_town, "cover_asked")[0] == MANY[4], "who has done it before"
        assert waves(sqlite_town) == [3]
        looked_after(sqlite_town)
        assert waves(sqlite_town) == [3], "the first three may think"
        moment.move_to(wall("2026-11-27 12:10"))
        looked_after(sqlite_town)
        assert waves(sqlite_town) == [3, 3]
        assert HAN not in told(sqlite_town, "cover_asked")


def test_nobody_is_asked_at_night(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    with frozen("2026-11-23 22:00") as moment:
        ask(sqlite_town, HAN, first)
        looked_after(sqlite_town)
        assert told(sqlite_town, "cover_asked") == []
        moment.move_to(wall("2026-11-24 08:00"))
        looked_after(sqlite_town)
        assert len(told(sqlite_town, "cover_asked")) == 2


def test_when_all_have_said_no_the_next_are_asked_at_once_and_then_the_leader_hears(
    sqlite_town: Town,
) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    ask(sqlite_town, HAN, first)
    looked_after(sqlite_town)
    for name in (LEADER, LI):
        sqlite_town.phone(name).says("替班", "1", "2")
    looked_after(sqlite_town)
    assert told(sqlite_town, "cover_none") == [HAN]
    assert told(sqlite_town, "short") == [LEADER]
    assert "韩世杰" not in str(facts_of(sqlite_town, "cover_asked")), "only the name that was chosen"


def test_paused_members_and_those_with_something_else_are_not_asked(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI, WANG)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    other = planned(
        sqlite_town, team, replace(PATROL, opens=time(20), closes=time(22), title="看望", hands=1)
    )
    on(sqlite_town, other[0], WANG)

    def away(session) -> None:  # type: ignore[no-untyped-def]
        row = session.get_one(TeamMember, row_id(sqlite_town, team, LI))
        actions.pause(house(session), row, date(2026, 11, 24), date(2026, 11, 30))

    sqlite_town.writing(away)
    ask(sqlite_town, HAN, first)
    looked_after(sqlite_town)
    assert told(sqlite_town, "cover_asked") == [LEADER]


def test_nothing_is_offered_or_taken_once_it_has_begun(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    ask(sqlite_town, HAN, first)
    looked_after(sqlite_town)
    with frozen("2026-11-24 19:31"):
        with pytest.raises(Refusal, match="has_begun"):
            sqlite_town.writing(
                lambda s: actions.take(sqlite_town.phone(LI).actor(s), s.scalars(select(Cover)).one()).id
            )
        looked_after(sqlite_town)
        with pytest.raises(Refusal, match="has_begun"):
            ask(sqlite_town, HAN, first)
    assert cover_states(sqlite_town) == ["nobody"]
    assert who_comes(sqlite_town, first) == {HAN}


def test_a_yes_that_clashes_is_refused_and_an_undo_after_ten_minutes_too(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    ask(sqlite_town, HAN, first)
    looked_after(sqlite_town)
    other = planned(
        sqlite_town, team, replace(PATROL, opens=time(20), closes=time(22), title="看望", hands=2)
    )
    on(sqlite_town, other[0], LEADER)
    assert "时间撞了" in sqlite_town.phone(LEADER).says("替班", "1", "1")
    assert "您来" in sqlite_town.phone(LI).says("替班", "1", "1")
    with frozen("2026-11-23 09:11"):
        assert "没有能撤销的换班" in sqlite_town.phone(HAN).says("撤销换班")


# ---- short of hands --------------------------------------------------------------------------------------------------


def test_the_leaders_hear_once_of_a_gap_with_the_numbers_that_are_shown(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    planned(sqlite_town, team, replace(PATROL, alarm_hours=6))

    def hide(session) -> None:  # type: ignore[no-untyped-def]
        session.get_one(TeamMember, row_id(sqlite_town, team, LI)).phone_shown = False

    sqlite_town.writing(hide)
    with frozen("2026-11-24 13:00"):
        looked_after(sqlite_town)
        assert told(sqlite_town, "short") == []
    with frozen("2026-11-24 13:31"):
        looked_after(sqlite_town)
        looked_after(sqlite_town)
        assert told(sqlite_town, "short") == [LEADER]
    (facts,) = facts_of(sqlite_town, "short")
    assert facts["missing"] == 2
    assert any(one.startswith("韩世杰 139") for one in facts["call"])
    assert not any(LI in one for one in facts["call"]), "hers is not shown"


def test_a_gap_of_the_early_morning_is_told_at_night_and_others_wait(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    planned(sqlite_town, team, replace(PATROL, opens=time(8, 30), closes=time(10)))
    planned(
        sqlite_town, team, replace(PATROL, opens=time(11), closes=time(12), title="白天巡", alarm_hours=13)
    )
    with frozen("2026-11-23 23:00"):
        looked_after(sqlite_town)
    assert [one["starts"][11:16] for one in facts_of(sqlite_town, "short")] == ["00:30"], (
        "half past eight here"
    )


def test_a_rehearsal_with_free_seats_is_no_gap(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, kind="art")
    first, *_ = planned(sqlite_town, team, replace(PATROL, hands=20, alarm_hours=0))
    on(sqlite_town, first, HAN)
    with frozen("2026-11-24 19:00"):
        looked_after(sqlite_town)
    assert told(sqlite_town, "short") == []


def test_a_shift_without_a_gap_alarms_nobody(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN, LI)
    with frozen("2026-11-24 19:00"):
        looked_after(sqlite_town)
    with sqlite_town.reading() as session:
        assert session.scalar(select(OutboxRow.id).where(OutboxRow.kind == "teams.short")) is None


def test_the_week_is_the_same_for_a_sign_up_and_a_hand_over(sqlite_town: Town) -> None:
    """A taken shift is a seat as any other: its taker may sign out by the activity's own words."""
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team, replace(PATROL, alarm_hours=0))
    on(sqlite_town, first, HAN)
    ask(sqlite_town, HAN, first)
    looked_after(sqlite_town)
    sqlite_town.phone(LI).says("替班", "1", "1")
    assert "1 夜巡" in sqlite_town.phone(LI).says("我的活动")
    sqlite_town.writing(
        lambda s: sign_up(sqlite_town.phone(HAN).actor(s), s.get_one(ActivitySession, first)).id
    )
    assert who_comes(sqlite_town, first) == {HAN, LI}
