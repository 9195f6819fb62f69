"""A family, a form, the waiting list and a kept seat, all by digits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from handlers.activities import actions
from models.activities import ActivitySession
from models.activities_party import Companion
from models.activities_rules import Group, Question
from tests.activities.plans import a_session, house, taken
from tests.activities.test_planning import with_rules
from tests.activities.test_waiting import does, state
from tests.neighbours import Town, frozen

FORM = [
    Question("diet", "吃什么饭?", "choice", ("都行", "清真"), purpose="订饭"),
    Question("call", "有急事打给谁?", purpose="路上出事时用"),
    Question("size", "穿多大的鞋?", "number", needed=False, purpose="借鞋"),
]


@pytest.fixture(autouse=True)
def evening() -> Iterator[None]:
    with frozen("2026-11-20 20:00"):
        yield


def test_a_mother_signs_up_herself_and_two_children_with_a_form(sqlite_town: Town) -> None:
    town, ma = sqlite_town, sqlite_town.phone("马秀兰")
    number = a_session(town, "秋天爬山", capacity=4)
    with_rules(town, number, family=True, questions=FORM)
    assert "谁去参加" in ma.says("活动报名", "1")
    assert "给哪位家人报" in ma.says("2")
    assert "孩子叫什么名字" in ma.says("1")
    assert "已经有1位家人" in ma.says("小明")
    assert "吃什么饭?(订饭)" in ma.says("1", "小红", "3")
    assert "有急事打给谁" in ma.says("2")
    assert "可以不填" in ma.says("张爸爸 就在家")
    answer = ma.says("没有")
    assert "一共3个人:您、小明、小红" in answer
    assert "吃什么饭?:清真" in answer
    assert "您是监护人" in answer
    assert "给您报好名了" in ma.says("1")
    assert taken(town, number) == 3
    with town.reading() as session:
        assert all(one.consented_at for one in session.scalars(select(Companion)))
    assert "一共3个人" in ma.says("我的报名")
    assert "改成" in ma.says("改报名", "1", "1", "王阿姨", "没有")
    assert "改好了" in ma.says("1")


def test_groups_are_asked_only_where_there_is_a_choice(sqlite_town: Town) -> None:
    town, ma = sqlite_town, sqlite_town.phone("马秀兰")
    number = a_session(town, "拔河", capacity=9)
    with_rules(town, number, groups=[Group("red", "红队", 5), Group("blue", "蓝队", 5)])

    def again(session):  # type: ignore[no-untyped-def]
        held = session.get_one(ActivitySession, number)
        actions.cancel_session(house(session), held)
        actions.plan_session(house(session), held.activity, starts=held.starts, ends=held.ends)

    town.writing(again)
    assert "1 红队" in ma.says("活动报名", "1")
    assert "分组:蓝队1人" in ma.says("2")
    assert "给您报好名了" in ma.says("1")


def test_the_waiting_list_by_digits_and_a_kept_seat_taken(sqlite_town: Town) -> None:
    town = sqlite_town
    number = a_session(town, capacity=1)
    first, ma = town.phone("张桂英"), town.phone("马秀兰")
    first.says("活动报名", "1", "1")
    assert "回复“候补”" in ma.says("活动报名")
    assert "给您排“河道清洁”的候补" in ma.says("候补", "1")
    assert "您排第1位" in ma.says("1")
    assert "候补第1位" in ma.says("我的活动")
    does(town, first, number, actions.leave)
    assert "给您留了名额" in ma.says("我的活动")
    assert "给您留着名额,要吗" in ma.says("1")
    assert "给您报好名了" in ma.says("1")
    assert state(town, ma, number) == "joined"


def test_a_kept_seat_that_is_not_wanted_goes_on(sqlite_town: Town) -> None:
    town = sqlite_town
    number = a_session(town, capacity=1)
    first, ma, li = town.phone("张桂英"), town.phone("马秀兰"), town.phone("李大姐")
    for phone in (first, ma, li):
        does(town, phone, number, actions.wait)
    does(town, first, number, actions.leave)
    assert "名额让出来了" in ma.says("要名额", "1", "2")
    assert (state(town, ma, number), state(town, li, number)) == ("left", "offered")


def test_who_has_nothing_kept_is_told_so(sqlite_town: Town) -> None:
    a_session(sqlite_town)
    assert "没有给您留名额" in sqlite_town.phone("路人").says("要名额")


def test_a_clash_is_said_before_the_yes(sqlite_town: Town) -> None:
    town, ma = sqlite_town, sqlite_town.phone("马秀兰")
    a_session(town, "河道清洁")
    a_session(town, "社区义剪")
    ma.says("活动报名", "1", "1")
    assert "这个时间您还有“河道清洁”" in ma.says("活动报名", "1")


def test_a_family_for_whom_too_few_seats_are_left_is_not_told_that_all_are_taken(sqlite_town: Town) -> None:
    town, ma = sqlite_town, sqlite_town.phone("马秀兰")
    with_rules(town, a_session(town, "剪纸", capacity=1), family=True)
    told = ma.says("活动报名", "1", "2", "1", "小明", "3", "1")
    assert "剩的名额不够这次报的人" in told
    assert "回复“候补”" in told
    assert "报满了" not in told


def test_who_only_waited_gives_no_seat_away(sqlite_town: Town) -> None:
    town, ma = sqlite_town, sqlite_town.phone("马秀兰")
    a_session(town, "剪纸", capacity=1)
    town.phone("韩世杰").says("活动报名", "1", "1")
    assert "排第1位" in ma.says("候补", "1", "1")
    told = ma.says("我的活动", "1", "1")
    assert "不排候补了" in told
    assert "名额" not in told
