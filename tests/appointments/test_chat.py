"""Booking by chat: what a resident types, and what the account says."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from handlers.appointments.planning import close_day
from tests.appointments.desk import (
    MORNING_AND_AFTERNOON,
    TUESDAY,
    WEDNESDAY,
    clerk,
    fill,
    messages,
    only,
    opened,
    sound,
)
from tests.neighbours import Phone, Town, frozen


def test_a_booking_takes_five_messages_from_the_menu_the_first_time(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    assert "您要约哪一项" in ma.clicks("预约")
    assert "1 今天 周一 上午9点30分" in ma.says("1")
    assert "姓名" in ma.says("2")
    assert ma.says("马秀兰").startswith("给您约:11月24日(星期二)上午9点,2号窗口,老年证。\n带身份证、照片。")
    booked = ma.says("1")
    assert booked.startswith("给您约好了:11月24日(星期二)上午9点,2号窗口,老年证。")
    assert booked.endswith("改约回复 5,取消回复 6")
    assert sound(sqlite_town)


def test_the_name_is_asked_only_once(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "1", "马秀兰", "1")
    assert "给您约" in ma.says("预约", "1", "1")


def test_the_same_again_takes_three_messages(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "1", "马秀兰", "1")
    assert "老年证,哪个时间方便" in ma.says("还约上次那个")
    assert "给您约" in ma.says("明天上午10点")
    assert "给您约好了:11月24日(星期二)上午10点" in ma.says("1")


def test_who_never_booked_cannot_repeat(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    assert ma.says("还约上次那个") == "您还没有约过。要约,回复“预约”。"


def test_a_service_is_found_by_its_name_or_what_people_call_it(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    opened(sqlite_town, name="水电维修", also_called=["修水管"])
    assert "水电维修,哪个时间方便" in ma.says("预约", "家里要修水管")


def test_times_are_narrowed_by_words(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, MORNING_AND_AFTERNOON)
    answer = ma.says("预约", "1", "周三下午")
    assert answer.splitlines()[2:] == [
        "1 后天 周三 下午2点",
        "2 后天 周三 下午2点30分",
        "3 后天 周三 下午3点",
        "4 后天 周三 下午3点30分",
    ]
    assert "姓名" in ma.says("三点半")
    assert "11月25日(星期三)下午3点30分" in ma.says("马秀兰")


@pytest.mark.parametrize("words", ["明早", "明天早上", "明儿一早", "明天上午"])
def test_who_says_early_means_the_morning(sqlite_town: Town, ma: Phone, words: str) -> None:
    opened(sqlite_town, MORNING_AND_AFTERNOON)
    rows = ma.says("预约", "1", words).splitlines()[2:]
    assert [row.split()[-1] for row in rows] == ["上午9点", "上午9点30分", "上午10点", "上午10点30分"]
    assert all(row[2:].startswith("明天") for row in rows)


def test_the_first_page_gives_the_soonest_of_each_half_day(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, MORNING_AND_AFTERNOON)
    rows = [line[2:] for line in ma.says("预约", "1").splitlines()[1:6]]
    assert rows == [
        "今天 周一 上午9点30分",
        "今天 周一 下午2点",
        "明天 周二 上午9点",
        "明天 周二 下午2点",
        "后天 周三 上午9点",
    ]


def test_a_day_that_may_be_two_is_shown_with_both_dates(sqlite_town: Town) -> None:
    with frozen("2026-11-22 20:30"):
        opened(sqlite_town, {weekday: [(time(9), time(9, 30))] for weekday in range(5)})
        answer = sqlite_town.phone("马秀兰").says("预约", "1", "下周二")
    assert answer.endswith("1 后天 周二 上午9点\n2 12月1日 周二 上午9点")


def test_a_time_alone_belongs_to_the_day_that_was_read_out(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "周三上午")
    assert "姓名" in ma.says("10点")
    assert "11月25日(星期三)上午10点" in ma.says("马秀兰")


def test_a_day_without_a_free_time_is_answered_with_the_nearest(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    fill(sqlite_town, WEDNESDAY, "09:00", "09:30", "10:00", "10:30")
    answer = ma.says("预约", "1", "周三上午")
    assert answer.startswith("“周三上午”约不上。离11月25日(星期三)最近的是:")
    assert "1 明天 周二 上午10点\n2 明天 周二 上午10点30分\n3 11月26日 周四 上午9点" in answer
    assert "姓名" in ma.says("3")


def test_a_date_that_cannot_be_is_said_so(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    assert "没有“2月30" in ma.says("预约", "1", "2月30号上午")


def test_a_time_that_was_taken_when_the_hold_had_run_out_offers_the_two_nearest(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天上午10点", "马秀兰")
    monday.shift(timedelta(minutes=6))
    fill(sqlite_town, TUESDAY, "10:00")
    answer = ma.says("1")
    assert answer.startswith("11月24日(星期二)上午10点刚被约走了,这些时间还有:")
    assert answer.endswith("1 明天 周二 上午9点30分\n2 明天 周二 上午10点30分")
    assert "给您约:11月24日(星期二)上午10点30分" in ma.says("2")
    assert "给您约好了" in ma.says("1")
    assert sound(sqlite_town)


def test_a_closed_day_is_not_offered(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    sqlite_town.writing(lambda s: close_day(clerk(s), None, TUESDAY, "停电"))
    assert "明天" not in ma.says("预约", "1")
    assert "约不上" in ma.says("明天")


def test_two_places_at_one_time_are_refused(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    opened(sqlite_town, name="医保咨询")
    ma.says("预约", "老年证", "明天9点", "马秀兰", "1")
    answer = ma.says("预约", "医保咨询", "明天9点")
    assert answer.startswith("11月24日(星期二)上午9点已经约了老年证,两头赶不过来。")
    assert "1 明天 周二 上午9点30分\n2 明天 周二 上午10点" in answer


def test_b29_nobody_hoards_visits_of_one_service(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, per_person=1)
    ma.says("预约", "1", "1", "马秀兰", "1")
    assert "老年证一次最多约1个" in ma.says("预约", "1")


def test_a_daughter_books_for_her_mother_and_for_herself_at_one_time(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, capacity=2)
    ma.says("帮别人约", "马奶奶", "没有", "女儿", "1", "明天9点")
    assert ma.says("1").startswith("给马奶奶约好了:11月24日(星期二)上午9点")
    ma.says("预约", "1", "明天9点", "马秀兰")
    assert "给您约好了" in ma.says("1")
    assert "11月24日(星期二)上午9点 老年证(替马奶奶)" in ma.says("我的预约")
    assert sound(sqlite_town)


def test_the_same_again_is_for_the_same_visitor(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("帮别人约", "马奶奶", "没有", "女儿", "1", "明天9点", "1")
    assert "替马奶奶约" in ma.says("还约上次那个", "后天9点")


def test_a_home_visit_asks_for_everything_in_one_line(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, name="水电维修", home_visit=True, asks_phone=True)
    assert "姓名、手机号、门牌" in ma.says("预约", "1", "明天9点")
    answer = ma.says("马秀兰 13900001234 5号楼2单元301")
    assert "上门到5号楼2单元301" in answer
    assert "尾号1234" in answer
    assert "上门到5号楼2单元301" in ma.says("1")
    made = only(sqlite_town)
    assert (made.phone, made.address) == ("13900001234", "5号楼2单元301")


def test_what_was_left_out_of_the_line_is_asked_alone(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, name="水电维修", home_visit=True, asks_phone=True)
    assert "手机号" in ma.says("预约", "1", "明天9点", "马秀兰")
    assert "门牌" in ma.says("13900001234")
    assert "上门到5号楼301" in ma.says("5号楼301")


def test_the_second_home_visit_asks_whether_it_is_the_same_door(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, name="水电维修", home_visit=True, asks_phone=True)
    ma.says("预约", "1", "明天9点", "马秀兰 13900001234 5号楼301", "1")
    assert ma.says("预约", "1", "后天9点") == "还是去“5号楼301”吗?1 是 2 换地方"
    assert "上门到5号楼301" in ma.says("1")
    ma.says("0")
    assert "门牌" in ma.says("2")
    assert "上门到7号楼102" in ma.says("7号楼102")


def test_a_private_service_keeps_its_name_out_of_what_stays(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, name="心理咨询", discreet_name="社区预约", bring=["病历"])
    booked = ma.says("预约", "1", "后天9点", "马秀兰", "1")
    assert "心理" not in booked
    assert "心理" not in ma.says("我的预约")
    (reminder,) = messages(sqlite_town, "reminder")
    assert "心理" not in str(reminder.facts)
    assert "病历" not in str(reminder.facts)


def test_with_every_time_taken_the_telephone_is_named(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, {0: [(time(9), time(9, 30))]}, horizon_days=3)
    assert "近期约满了" in ma.says("预约", "1")


def test_a_time_between_two_shows_those_about_it(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    answer = ma.says("预约", "1", "明天9点10分")
    assert answer.endswith("1 明天 周二 上午9点\n2 明天 周二 上午9点30分")


def test_an_answer_that_is_no_name_phone_or_door_is_asked_again(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, name="水电维修", home_visit=True, asks_phone=True)
    ma.says("预约", "1", "明天9点")
    for nothing, wanted in (("……", "姓名、手机号、门牌"), ("2单元5号楼301", "姓名"), ("……", "姓名")):
        assert wanted in ma.says(nothing)
    ma.says("马秀兰")
    for nothing in ("139", "不知道"):
        assert "手机号" in ma.says(nothing)
    assert "上门到2单元5号楼301" in ma.says("13900001234")


def test_a_new_door_is_asked_until_it_is_one(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, name="水电维修", home_visit=True, asks_phone=True)
    ma.says("预约", "1", "明天9点", "马秀兰 13900001234 5号楼301", "1", "预约", "1", "后天9点")
    assert "还是去“5号楼301”吗" in ma.says("什么")
    ma.says("2")
    assert "门牌" in ma.says("家")
    assert "上门到7号楼102" in ma.says("7号楼102")


def test_undoing_the_same_again_gives_only_that_back(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "1", "还约上次那个", "后天9点", "1")
    assert ma.says("撤销").startswith("11月25日(星期三)上午9点的老年证已经撤销")
    assert ma.says("我的预约").startswith("约好了:11月24日")
