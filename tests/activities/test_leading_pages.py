"""The leader's page on a phone, and joining as a family on pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from handlers.activities import actions
from models.activities import ActivitySession, Enrolment
from models.activities_rules import Question
from tests.activities.plans import a_session, on_file, taken
from tests.activities.test_planning import with_rules
from tests.activities.test_waiting import does, state, told
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor

DIET = Question("q1", "吃什么饭?", "choice", ("都行", "清真"), purpose="订饭")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with frozen("2026-11-23 08:00"):
        yield


def test_a_mother_joins_with_her_child_and_the_form(sqlite_town: Town) -> None:
    town = sqlite_town
    number = a_session(town, capacity=2)
    with_rules(town, number, family=True, questions=[DIET])
    ma = Visitor(town, town.phone("马秀兰")).opens(f"/h5/activities/{number}").taps("我要报名")
    ma.presses("报名", **{"who": "me", "child-1": "小明"})
    assert "这一项要填" in ma.words
    assert "小明" in ma.page
    ma.presses("报名", **{"who": "me", "child-1": "小明", "q-q1": "清真"})
    assert "给您报好名了" in ma.words
    assert "一共2个人" in ma.words
    assert taken(town, number) == 2
    ma.taps("改报名表").presses("改好了", **{"q-q1": "都行"})
    assert "改好了" in ma.words
    zhang = Visitor(town, town.phone("张桂英")).opens(f"/h5/activities/{number}").taps("排候补")
    zhang.presses("排候补", who="me", **{"q-q1": "都行"})
    assert "第1位" in zhang.words
    assert "候补第1位" in zhang.opens("/h5/my-activities").words
    does(town, town.phone("马秀兰"), number, actions.leave)
    zhang.opens(f"/h5/activities/{number}")
    assert "给您留了1个名额" in zhang.words
    zhang.presses("要,我去")
    assert "给您报好名了" in zhang.words


def test_a_leader_sees_covered_names_marks_counts_and_closes(sqlite_town: Town) -> None:
    town = sqlite_town
    leader = town.phone("张河长")
    number = a_session(town, leader=leader, starts="2026-11-23 08:30", capacity=1)
    with_rules(town, number, roll_call=True, questions=[DIET])
    ma, zhang = town.phone("马秀兰"), town.phone("张桂英")
    on_file(town, ma)
    does(town, ma, number, actions.sign_up, actions.Wish(answers={"q1": "清真"}))
    does(town, zhang, number, actions.wait, actions.Wish(answers={"q1": "都行"}))
    with frozen("2026-11-23 08:40"):
        page = Visitor(town, leader).opens("/h5/leading").taps("河道清洁")
        assert "马*兰" in page.words
        assert "马秀兰" not in page.page
        assert "13900000001" not in page.page
        assert "吃什么饭? 清真" in page.words
        page.presses("请假了", mark="excused")
        assert "不算没来" in page.words
        page.presses("让他参加")
        assert (state(town, zhang, number), taken(town, number)) == ("joined", 2)
        page.presses("记下人数", way="out", counted="2").presses("记下人数", way="back", counted="1")
        assert "少了1个人" in page.words
        page.presses("结束这一场")
        assert "对不上" in page.words
        page.opens(f"/h5/leading/{number}").presses("发给报名的人", chosen="rain")
        assert told(town, "word") == 2
        page.presses("结束这一场", sure="1")
        assert "结束了" in page.words
    with town.reading() as session:
        assert session.get_one(ActivitySession, number).state == "closed"


def test_a_stranger_leads_nothing(sqlite_town: Town) -> None:
    town = sqlite_town
    number = a_session(town, leader=town.phone("张河长"))
    does(town, town.phone("马秀兰"), number, actions.sign_up)
    stranger = Visitor(town, town.phone("路人"))
    assert "没有您带的活动" in stranger.opens("/h5/leading").words
    assert stranger.opens(f"/h5/leading/{number}").status == 404
    for what in ("mark", "admit", "count", "word", "cancel", "restore", "close"):
        stranger.sends(
            f"/h5/leading/{number}/{what}", once="k", person="1", way="out", counted="3", chosen="rain"
        )
        assert stranger.status == 404, what
    with town.reading() as session:
        assert session.scalars(select(Enrolment.mark)).all() == [None]
        assert session.get_one(ActivitySession, number).state == "planned"
