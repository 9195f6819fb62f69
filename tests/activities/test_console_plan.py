"""Planning at depth at the console: a form and groups, a series, other hours, calling off, papers, invitations."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from sqlalchemy import select

from app import clock
from handlers.activities import actions
from models.activities import Activity, ActivitySession
from models.activities_audience import ActivityRole
from models.activities_papers import Paper
from tests.activities.plans import a_session, on_file
from tests.activities.test_console import ACTIVITY
from tests.activities.test_planning import series_of
from tests.activities.test_waiting import does, told, with_family
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, clerk

FORM = {
    "groups": "儿童 8 孩子\n家长 4",
    "family": "y",
    "overlap": "hard",
    "join_hours": "2",
    "leave_hours": "24",
    "claim_hours": "6",
    "needs": ["insurance"],
    "q1-ask": "吃什么饭?",
    "q1-kind": "choice",
    "q1-options": "都行、清真",
    "q1-purpose": "订饭",
    "q1-needed": "y",
    "q1-shown": "y",
}


@pytest.fixture
def desk(sqlite_town: Town) -> Iterator[Clerk]:
    with frozen("2026-11-20 09:00"):
        yield clerk(sqlite_town, "desk", "leader", login="wang")


def test_groups_a_form_and_papers_are_planned_and_read_back(desk: Clerk) -> None:
    answer = desk.sends("/console/activities/new", **ACTIVITY, **FORM)
    assert answer.status_code == 302, desk.words
    with desk.town.reading() as session:
        activity = session.scalars(select(Activity)).one()
        assert [(one["name"], one["seats"], one["minors"]) for one in activity.groups] == [
            ("儿童", 8, True),
            ("家长", 4, False),
        ]
        assert activity.questions[0]["options"] == ["都行", "清真"]
        assert (activity.overlap, activity.leave_minutes, activity.claim_minutes) == ("hard", 1440, 360)
        assert activity.needs == [{"kind": "insurance", "group": None}]
        number = activity.id
    desk.opens(f"/console/activities/{number}/edit")
    assert "儿童 8 孩子" in desk.page
    assert "吃什么饭?" in desk.page
    changed = {**ACTIVITY, **FORM, "groups": "儿童 9 孩子"}
    desk.sends(f"/console/activities/{number}/edit", **changed)
    with desk.town.reading() as session:
        assert session.scalars(select(Activity)).one().groups[0]["seats"] == 9


@pytest.mark.parametrize("wrong", [{"groups": "儿童 八个"}, {"q1-purpose": ""}, {"q1-options": "只有一个"}])
def test_what_cannot_be_asked_like_that_is_said(desk: Clerk, wrong: dict[str, str]) -> None:
    assert desk.sends("/console/activities/new", **ACTIVITY, **(FORM | wrong)).status_code == 200
    assert "wrong" in desk.page or "alert-danger" in desk.page
    with desk.town.reading() as session:
        assert session.scalar(select(Activity)) is None


def test_a_series_is_planned_and_shows_the_days_that_failed(desk: Clerk) -> None:
    path = str(desk.sends("/console/activities/new", **ACTIVITY).headers["Location"])
    series = {"s-first": "2026-12-28", "s-last": "2027-01-08", "s-weekdays": ["0", "4"]}
    times = {"s-opens": "16:30", "s-closes": "18:00", "s-seats": "8"}
    answer = desk.sends(path.replace("/plan", "/series"), **series, **times)
    desk.opens(answer.headers["Location"])
    assert "排好了3场" in desk.words
    assert "没排上的 1 1月1日(星期五)" in desk.words.replace("2027年", "")
    assert "放假" in desk.words
    desk.opens("/console/activities/week?day=2026-12-28")
    assert "包饺子 0/8 人" in desk.words


def test_of_a_day_with_hundreds_of_times_so_many_are_shown_and_on_demand_all(
    desk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("handlers.activities.console"), "A_DAY", 0)
    first, *_ = series_of(desk.town)
    with desk.town.reading() as session:
        day = clock.local(session.get_one(ActivitySession, first).starts).date()
    desk.opens(f"/console/activities/week?day={day}")
    assert "这天还有,都列出来" in desk.words
    assert 'class="session' not in desk.page
    desk.opens(f"/console/activities/week?day={day}&whole={day}")
    assert desk.page.count('class="session') == 1


def test_other_hours_are_told_and_a_call_off_is_taken_back(desk: Clerk) -> None:
    town = desk.town
    first, second, third = series_of(town)
    ma, zhang = town.phone("马秀兰"), town.phone("张桂英")
    for number in (second, third):
        does(town, ma, number, actions.sign_up)
    does(town, zhang, third, actions.sign_up)
    page = f"/console/activities/sessions/{second}"
    desk.opens(page)
    assert "时间或地点变了,会告诉 1 个人(后面的都改,一共 2 个人)" in desk.words
    fields = {"day": "2026-11-25", "opens": "17:00", "closes": "18:30", "place": "三楼", "capacity": "8"}
    desk.sends(f"{page}/change", **fields, following="y")
    assert told(town, "changed") == 3
    desk.sends(f"{page}/call-off", why="放假", following="1")
    assert told(town, "cancelled") == 3
    desk.opens(page)
    assert "撤回这2场的取消" in desk.words
    desk.sends(f"{page}/restore", following="1")
    with town.reading() as session:
        states = [session.get_one(ActivitySession, number).state for number in (first, second, third)]
    assert states == ["planned"] * 3


def test_seats_of_groups_are_changed_and_names_of_the_family_stand_on_the_list(desk: Clerk) -> None:
    town = desk.town
    number = with_family(town, a_session(town, capacity=3))
    wish = actions.Wish(family=(actions.Member(name="小明", child=True),))
    does(town, town.phone("马秀兰"), number, actions.sign_up, wish)
    does(town, town.phone("张桂英"), number, actions.sign_up)
    does(town, town.phone("李大姐"), number, actions.wait)
    desk.opens(f"/console/activities/sessions/{number}")
    assert "带:小明(孩子)" in desk.words
    assert "第1位" in desk.words
    desk.opens("/console/activities")
    assert "候补 1" in desk.words


@pytest.mark.parametrize("seats", ["", "²", "-1", "1001", "9" * 30])
def test_seats_that_a_group_cannot_have_are_refused_in_words(desk: Clerk, seats: str) -> None:
    desk.sends("/console/activities/new", **ACTIVITY, **FORM)
    desk.sends("/console/activities/1/plan", day="2026-11-23", starts="09:00", ends="11:00")
    sent = {"day": "2026-11-23", "opens": "09:00", "closes": "11:00", "seats-g1": seats, "seats-g2": "4"}
    assert desk.sends("/console/activities/sessions/1/change", **sent).status_code == 200
    assert "名额要在1到1000之间" in desk.words


def test_papers_are_registered_and_those_that_end_soon_are_listed(desk: Clerk) -> None:
    town = desk.town
    number = on_file(town, town.phone("马秀兰"))
    answer = desk.sends(
        "/console/activities/papers",
        who=f"居民{number}",
        kind="insurance",
        number="PA1",
        valid_until="2026-12-01",
    )
    assert answer.status_code == 302, desk.words
    desk.opens("/console/activities/papers")
    assert "保险号" in desk.words
    assert "PA1" not in desk.words
    desk.opens("/console/")
    assert "30天内到期的材料 1" in desk.words
    with town.reading() as session:
        paper = session.scalars(select(Paper)).one().id
    desk.sends(f"/console/activities/papers/{paper}/drop")
    with town.reading() as session:
        assert session.scalar(select(Paper)) is None


def test_somebody_is_invited_and_let_go(desk: Clerk) -> None:
    town = desk.town
    held = a_session(town, "民兵训练", listed=False)
    with town.reading() as session:
        activity = session.get_one(ActivitySession, held).activity_id
    on_file(town, town.phone("马秀兰"))
    page = f"/console/activities/{activity}/people"
    desk.sends(page, who="13900000001", role="invited")
    assert "民兵训练" in town.phone("马秀兰").says("活动报名")
    with town.reading() as session:
        role = session.scalars(select(ActivityRole)).one().id
    desk.sends(f"{page}/out", role=str(role))
    assert "民兵训练" not in town.phone("马秀兰").says("活动报名")


def test_a_class_short_of_helpers_is_an_alarm_in_the_morning(desk: Clerk) -> None:
    fields = {**ACTIVITY, "groups": "儿童 9 孩子\n辅导员 2 帮手", "ratio": "8", "family": "y"}
    path = str(desk.sends("/console/activities/new", **fields).headers["Location"])
    desk.sends(path, day="2026-11-20", starts="16:30", ends="18:00")
    town = desk.town
    with town.reading() as session:
        number = session.scalars(select(ActivitySession.id)).one()
    for n in range(9):
        child = actions.Member(name="小明", child=True)
        wish = actions.Wish(comes=False, family=(child,))
        assert does(town, town.phone(f"家长{n}"), number, actions.sign_up, wish) == "joined"
    desk.opens("/console/")
    assert "今天帮手不够的活动 1" in desk.words
    assert does(town, town.phone("老师甲"), number, actions.sign_up) == "joined"
    assert does(town, town.phone("老师乙"), number, actions.sign_up) == "joined"
    desk.opens("/console/")
    assert "今天的帮手够" in desk.words


def test_whoever_has_another_role_plans_nothing(sqlite_town: Town) -> None:
    with frozen("2026-11-20 09:00"):
        number = a_session(sqlite_town)
        auditor = clerk(sqlite_town, "auditor", login="audit")
        for path in ("/console/activities/papers", f"/console/activities/sessions/{number}"):
            assert auditor.opens(path).status_code == 403
        assert auditor.sends(f"/console/activities/sessions/{number}/call-off", why="x").status_code == 403
