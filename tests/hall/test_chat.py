"""The hall in chat: a number, where it stands, checking in, called by message, given back."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from app import clock
from handlers.hall import actions
from models.tickets import Ticket
from tests.appointments.desk import MONDAY, booked
from tests.hall.windows import calls, hall, sits, sound, staff, states, ticket, told, walk_in
from tests.neighbours import Phone


def test_a_number_from_chat_says_how_many_wait_and_the_sentence_of_the_rule(ma: Phone) -> None:
    service = hall(ma.town)[0]
    walk_in(ma.town, service)
    asked = ma.says("取号")
    assert "您今天来办哪一项" in asked
    assert "同意" in asked
    given = ma.says("老年证")
    assert "您的号是 2 号" in given
    assert "前面还有 1 位,大约 上午9点45分" in given
    assert "约好的人到点先叫,其余按取号先后" in given
    assert "前面还有 1 位" in ma.says("1")
    assert "已经有 2 号了" in ma.says("取号", "1"), "one number for each service"
    with ma.town.reading() as session:
        assert ticket(session, 2).person_id == ma.person(session).id


def test_who_waits_no_more_gives_the_number_back_and_may_take_that_back(ma: Phone) -> None:
    hall(ma.town)
    ma.says("取号", "1")
    assert "1 号退掉了" in ma.says("不等了")
    assert states(ma.town) == {1: "left"}
    assert "1 号还是您的" in ma.says("撤销")
    assert states(ma.town) == {1: "waiting"}
    ma.says("6")
    assert "没有在排的号" in ma.says("我的号")
    assert "没有在排的号" in ma.says("不等了")


def test_b29_nobody_runs_the_numbers_of_a_day_up(ma: Phone) -> None:
    hall(ma.town)
    for _ in range(8):
        assert "您的号是" in ma.says("取号", "1")
        ma.says("不等了")
    assert "今天取过好几个号了" in ma.says("取号", "1")
    assert len(states(ma.town)) == 8


def test_a_number_that_was_just_taken_is_taken_back_in_one_word(ma: Phone) -> None:
    hall(ma.town)
    ma.says("取号", "1")
    assert ma.says("撤销") == "1 号退掉了。要再来,回复“取号”。", "taking back cannot be taken back"
    assert states(ma.town) == {1: "left"}


def test_no_number_before_the_house_opens_near_closing_or_when_it_is_full(ma: Phone, monday: Any) -> None:
    hall(ma.town)
    monday.move_to(clock.at(MONDAY, time(8, 40)))
    assert "上午9点开始取号" in ma.says("取号", "1")
    ma.says("取消")
    monday.move_to(clock.at(MONDAY, time(10, 46)))
    assert "来不及了" in ma.says("取号", "1")
    ma.says("取消")
    monday.move_to(clock.at(MONDAY + timedelta(days=5), time(10)))
    assert "今天不办" in ma.says("取号", "1")


def test_the_day_is_full_when_those_who_wait_take_until_closing(ma: Phone) -> None:
    service = hall(ma.town)[0]
    for _ in range(4):
        walk_in(ma.town, service)
    assert "前面还有 4 位,今天办不完了" in ma.says("取号", "1")


def test_nobody_is_told_to_come_in_the_lunch_break_and_the_day_is_full_without_it(ma: Phone) -> None:
    service = hall(ma.town, weekly={0: [(time(9), time(10)), (time(14, 30), time(15, 30))]})[0]
    for _ in range(2):
        walk_in(ma.town, service)
    assert "前面还有 2 位,大约 下午2点30分" in ma.says("取号", "1")
    for _ in range(2):
        walk_in(ma.town, service)
    assert "前面还有 2 位,大约 下午2点30分" in ma.says("我的号")
    assert "前面还有 5 位,今天办不完了" in ma.town.phone("李存福").says("取号", "1")


def test_who_has_booked_says_that_they_are_here_by_a_digit_and_is_called_at_their_time(
    ma: Phone, monday: Any
) -> None:
    service = hall(ma.town)[0]
    booked(ma.town, MONDAY, "10:30")
    assert "约好的 上午10点30分 老年证,到了回复 1" in ma.says("我的号")
    here = ma.says("1")
    assert "您的号是 1 号" in here
    assert "约的是 上午10点30分,到点先叫您" in here
    assert "您的号是 1 号" in ma.says("到大厅了") or "1 号" in ma.says("我的号"), (
        "saying it twice is saying it once"
    )
    walk_in(ma.town, service)
    walk_in(ma.town, service)
    sits(ma.town)
    assert calls(ma.town) == 2, "before the time those are called who came"
    monday.shift(timedelta(minutes=76))
    assert calls(ma.town) == 1
    assert sound(ma.town)


def test_who_comes_too_late_for_the_time_stands_behind_who_waited(ma: Phone, monday: Any) -> None:
    service = hall(ma.town)[0]
    booked(ma.town, MONDAY, "10:30")
    monday.shift(timedelta(minutes=70))
    walk_in(ma.town, service)
    monday.shift(timedelta(minutes=21))
    assert "已经过了约的时间,按现在到的排" in ma.says("到大厅了")
    sits(ma.town)
    assert [calls(ma.town), calls(ma.town)] == [1, 2]


def test_ten_minutes_late_is_not_too_late(ma: Phone, monday: Any) -> None:
    service = hall(ma.town)[0]
    booked(ma.town, MONDAY, "10:30")
    walk_in(ma.town, service)
    monday.shift(timedelta(minutes=85))
    ma.says("到大厅了")
    sits(ma.town)
    assert calls(ma.town) == 2


def test_a_message_goes_when_two_are_left_and_when_the_number_is_called(ma: Phone) -> None:
    service = hall(ma.town)[0]
    numbers = [walk_in(ma.town, service) for _ in range(2)]
    li, zhang = ma.town.phone("李大爷"), ma.town.phone("张婶")
    assert len(numbers) == 2
    li.says("取号", "1")
    assert told(ma.town, "soon") == [], "the answer has said so"
    sits(ma.town)
    for _ in range(2):
        calls(ma.town)
    assert told(ma.town, "called") == []
    assert calls(ma.town) == 3
    called = told(ma.town, "called")
    assert [(row.facts["number"], row.facts["window"]) for row in called] == [(3, "2号窗口")]
    assert "请去窗口" in li.says("我的号")
    zhang.says("取号", "1")


def test_who_stands_far_behind_is_told_once_when_two_are_left(ma: Phone) -> None:
    service = hall(ma.town, minutes=10)[0]
    for _ in range(4):
        walk_in(ma.town, service)
    assert "前面还有 4 位" in ma.says("取号", "1")
    sits(ma.town)
    calls(ma.town)
    assert told(ma.town, "soon") == []
    calls(ma.town)
    calls(ma.town)
    soon = told(ma.town, "soon")
    assert [(row.facts["number"], row.facts["before"]) for row in soon] == [(5, 2)]


def test_of_a_discreet_service_messages_and_answers_say_a_neutral_name(ma: Phone) -> None:
    hall(ma.town, "心理咨询", discreet_name="预约的服务")
    given = ma.says("取号", "1")
    assert "心理" not in given
    sits(ma.town)
    calls(ma.town)
    assert [row.facts["service"] for row in told(ma.town, "called")] == ["预约的服务"]
    assert "心理" not in ma.says("我的号")


def test_who_was_called_and_not_there_hears_it_and_comes_back_politely(ma: Phone, monday: Any) -> None:
    service = hall(ma.town)[0]
    ma.says("取号", "1")
    sits(ma.town)
    calls(ma.town)
    ma.town.writing(lambda s: actions.set_aside(staff(s), ticket(s, 1)))
    assert [row.facts["number"] for row in told(ma.town, "aside")] == [1]
    walk_in(ma.town, service)
    assert "过号了" in ma.says("我的号")
    assert "1 号排回来了" in ma.says("5")
    assert states(ma.town) == {1: "waiting", 2: "waiting"}


def test_nobody_moves_a_strangers_number(ma: Phone) -> None:
    hall(ma.town)
    ma.says("取号", "1")
    stranger = ma.town.phone("路人")
    assert "没有在排的号" in stranger.says("我的号")
    assert "没有在排的号" in stranger.says("不等了")
    assert states(ma.town) == {1: "waiting"}
    with ma.town.reading() as session:
        assert session.get_one(Ticket, 1).person_id == ma.person(session).id
