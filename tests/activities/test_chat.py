"""Signing up for an activity by digits, as a neighbour does it."""

from __future__ import annotations

import pytest

from tests.activities.plans import a_session, taken
from tests.neighbours import Town, frozen


@pytest.fixture
def monday() -> object:
    with frozen("2026-11-22 20:00") as clock:
        yield clock


def test_three_messages_sign_up_and_the_answer_says_when_and_where(sqlite_town: Town, monday: object) -> None:
    number = a_session(sqlite_town)
    phone = sqlite_town.phone("马秀兰")
    assert "1 河道清洁 11月23日(星期一)" in phone.says("活动报名")
    assert "对吗?1 是" in phone.says("1")
    answer = phone.says("1")
    assert "给您报好名了:11月23日(星期一)" in answer
    assert "湟水河步道" in answer
    assert taken(sqlite_town, number) == 1


def test_what_one_has_joined_is_offered_no_more(sqlite_town: Town, monday: object) -> None:
    a_session(sqlite_town)
    phone = sqlite_town.phone("马秀兰")
    phone.says("活动", "1", "1")
    assert "眼下没有能报名的活动" in phone.says("活动")


def test_a_restricted_session_is_on_no_list(sqlite_town: Town, monday: object) -> None:
    a_session(sqlite_town, "内部训练", listed=False)
    assert "眼下没有能报名的活动" in sqlite_town.phone("马秀兰").says("活动报名")


def test_a_full_session_is_offered_to_nobody(sqlite_town: Town, monday: object) -> None:
    a_session(sqlite_town, capacity=1)
    sqlite_town.phone("马秀兰").says("活动", "1", "1")
    assert "眼下没有能报名的活动" in sqlite_town.phone("张桂英").says("活动")


def test_who_is_slower_to_say_yes_is_shown_what_is_left(sqlite_town: Town, monday: object) -> None:
    number = a_session(sqlite_town, capacity=1)
    a_session(sqlite_town, "社区义剪", "2026-11-24 09:30")
    slow = sqlite_town.phone("张桂英")
    slow.says("活动", "1")
    sqlite_town.phone("马秀兰").says("活动", "1", "1")
    answer = slow.says("1")
    assert "刚才那项没有了" in answer
    assert "1 社区义剪" in answer
    assert taken(sqlite_town, number) == 1


def test_undo_within_ten_minutes_gives_the_seat_back(sqlite_town: Town, monday: object) -> None:
    number = a_session(sqlite_town)
    phone = sqlite_town.phone("马秀兰")
    phone.says("活动", "1", "1")
    assert "已经退出" in phone.says("撤销")
    assert taken(sqlite_town, number) == 0


def test_my_activities_lists_them_and_a_digit_gives_one_up_after_a_yes(
    sqlite_town: Town, monday: object
) -> None:
    number = a_session(sqlite_town)
    phone = sqlite_town.phone("马秀兰")
    phone.says("活动", "1", "1")
    assert "1 河道清洁" in phone.says("我的活动")
    assert "要退出11月23日(星期一)" in phone.says("1")
    assert taken(sqlite_town, number) == 1
    assert "名额让出来了" in phone.says("1")
    assert taken(sqlite_town, number) == 0


def test_who_has_joined_nothing_is_offered_the_list(sqlite_town: Town, monday: object) -> None:
    a_session(sqlite_town)
    phone = sqlite_town.phone("马秀兰")
    assert "您还没有报名活动" in phone.says("我的活动")
    assert "1 河道清洁" in phone.says("1")


def test_coming_back_after_leaving_is_the_same_enrolment(sqlite_town: Town, monday: object) -> None:
    number = a_session(sqlite_town)
    phone = sqlite_town.phone("马秀兰")
    phone.says("活动", "1", "1", "6", "1", "活动", "1", "1")
    assert taken(sqlite_town, number) == 1
