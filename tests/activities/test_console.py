"""Planning at the console: a new activity, a session of it, and residents who can sign up."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import clock
from models.activities import Activity, ActivitySession
from tests.activities.plans import a_session
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, clerk

ACTIVITY = {
    "title": "包饺子",
    "sentence": "一起包饺子,不会的有人教。",
    "place": "社区食堂",
    "leader": "李大姐",
    "programme": "",
    "listed": "y",
}


@pytest.fixture
def leader(sqlite_town: Town) -> Clerk:
    with frozen("2026-11-23 09:00"):
        yield clerk(sqlite_town, "leader", login="ma", name="马队长")


def test_an_activity_is_made_and_its_first_session_planned(leader: Clerk) -> None:
    answer = leader.sends("/console/activities/new", **ACTIVITY)
    assert answer.status_code == 302, leader.words
    leader.sends(answer.headers["Location"], day="2026-11-25", starts="09:30", ends="11:00", capacity="12")
    with leader.town.reading() as session:
        planned = session.scalars(select(ActivitySession)).one()
        assert (planned.activity.title, planned.capacity, planned.planned_minutes) == ("包饺子", 12, 90)
        assert f"{clock.local(planned.starts):%Y-%m-%d %H:%M}" == "2026-11-25 09:30"
    assert "包饺子" in leader.town.phone("马秀兰").says("活动报名")


def test_a_restricted_activity_is_on_no_list(leader: Clerk) -> None:
    answer = leader.sends(
        "/console/activities/new", **{key: value for key, value in ACTIVITY.items() if key != "listed"}
    )
    leader.sends(answer.headers["Location"], day="2026-11-25", starts="09:30", ends="11:00", capacity="12")
    assert "包饺子" not in leader.town.phone("马秀兰").says("活动报名")
    leader.opens("/console/activities")
    assert "不公开" in leader.words


def test_an_evening_may_go_on_past_midnight_but_not_for_a_day(leader: Clerk) -> None:
    path = str(leader.sends("/console/activities/new", **ACTIVITY).headers["Location"])
    leader.sends(path, day="2026-11-25", starts="23:00", ends="01:00", capacity="12")
    leader.sends(path, day="2026-11-26", starts="09:00", ends="08:00", capacity="12")
    assert "alert-danger" in leader.page
    with leader.town.reading() as session:
        assert [one.planned_minutes for one in session.scalars(select(ActivitySession))] == [120]


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"title": "长" * 21}, {"place": ""}, {"programme": "nonsense"}]
)
def test_what_is_missing_or_too_long_is_said_beside_the_field(leader: Clerk, wrong: dict[str, str]) -> None:
    assert leader.sends("/console/activities/new", **ACTIVITY | wrong).status_code == 200
    assert 'class="wrong"' in leader.page
    with leader.town.reading() as session:
        assert session.scalar(select(Activity)) is None


def test_what_can_be_checked_in_now_is_on_today(leader: Clerk) -> None:
    a_session(leader.town)
    leader.opens("/console/")
    assert "正在签到的活动 1" in leader.words
    leader.opens("/console/activities")
    assert "现在能签到的 1 河道清洁" in leader.words


def test_a_day_that_is_over_is_not_planned(leader: Clerk) -> None:
    path = str(leader.sends("/console/activities/new", **ACTIVITY).headers["Location"])
    leader.sends(path, day="2026-11-20", starts="09:00", ends="11:00", capacity="12")
    assert "这一天已经过去了" in leader.words
    with leader.town.reading() as session:
        assert session.scalar(select(ActivitySession)) is None
