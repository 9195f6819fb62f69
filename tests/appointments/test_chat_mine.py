"""My appointments by chat: seen, moved, cancelled, taken back; what to bring and what is near."""

from __future__ import annotations

from typing import Any

from tests.appointments.desk import (
    MORNING_AND_AFTERNOON,
    TUESDAY,
    WEDNESDAY,
    fill,
    messages,
    only,
    opened,
    slot_at,
    sound,
)
from tests.neighbours import Phone, Town


def test_one_appointment_is_shown_at_once_and_several_as_a_list(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    assert ma.says("我的预约") == "您现在没有预约。要约,回复 1。"
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    assert ma.says("我的预约").startswith("约好了:11月24日(星期二)上午9点,2号窗口,老年证。预约号0001。")
    ma.says("预约", "1", "后天9点", "1")
    assert "1 11月24日(星期二)上午9点 老年证\n2 11月25日(星期三)上午9点 老年证" in ma.says("我的预约")
    assert ma.says("2").startswith("约好了:11月25日")


def test_the_sixth_appointment_stands_on_the_next_card(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    for moment in ("明天9点30", "明天10点", "明天10点30", "后天9点", "后天10点"):
        ma.says("还约上次那个", moment, "1")
    assert "6 看后面的" in ma.says("我的预约")
    assert ma.says("6") == "您的预约,看哪一个?回复数字:\n1 11月25日(星期三)上午10点 老年证"


def test_a_move_keeps_the_number_and_frees_the_old_place(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    assert "原来的先留着" in ma.says("5")
    assert ma.says("周三9点半").startswith("老年证从11月24日(星期二)上午9点改到11月25日(星期三)上午9点30分")
    with sqlite_town.reading() as session:
        assert slot_at(session, TUESDAY, "09:00").taken == 1
    assert ma.says("1").startswith("改好了:11月25日(星期三)上午9点30分,2号窗口,老年证。预约号还是0001。")
    with sqlite_town.reading() as session:
        assert slot_at(session, TUESDAY, "09:00").taken == 0
    assert sound(sqlite_town)


def test_a_move_to_the_time_one_has_is_no_move(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, capacity=2)
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    answer = ma.says("5", "明天9点")
    assert answer.startswith("现在约的就是这个时间。换一个:")
    assert answer.endswith("1 今天 周一 上午10点30分\n2 明天 周二 上午9点30分")


def test_a_move_is_undone_in_the_old_place(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "1", "5", "周三9点半", "1")
    assert ma.says("撤销").startswith("改回来了:还是11月24日(星期二)上午9点")
    assert [row.state for row in messages(sqlite_town, "reminder")] == ["cancelled", "cancelled", "waiting"]
    assert sound(sqlite_town)


def test_a_cancelled_place_is_free_and_its_reminder_gone(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "后天9点", "马秀兰", "1")
    assert "取消11月25日(星期三)上午9点的老年证" in ma.says("6")
    assert ma.says("1").startswith("取消好了:11月25日(星期三)上午9点")
    assert only(sqlite_town).state == "cancelled"
    assert [row.state for row in messages(sqlite_town, "reminder")] == ["cancelled"]
    assert sound(sqlite_town)


def test_cancelling_is_undone_while_the_place_is_free(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "后天9点", "马秀兰", "1", "6", "1")
    assert ma.says("撤销").startswith("恢复了:11月25日(星期三)上午9点")
    assert [row.state for row in messages(sqlite_town, "reminder")] == ["cancelled", "waiting"]
    assert sound(sqlite_town)


def test_cancelling_is_not_undone_over_somebody_else(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "后天9点", "马秀兰", "1", "6", "1")
    fill(sqlite_town, WEDNESDAY, "09:00")
    assert "刚被约走了" in ma.says("撤销")
    assert sound(sqlite_town)


def test_shortly_before_the_visit_one_tells_instead_of_cancelling(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "今天10点", "马秀兰", "1")
    monday.shift(31 * 60)
    answer = ma.says("我的预约", "6")
    assert answer.startswith("离上午10点不到1小时了,取消不了,有事打电话 0971-8170001。")
    assert only(sqlite_town).state == "confirmed"
    assert ma.says("1").startswith("说过了:11月23日(星期一)上午10点的老年证您不来了。")
    told = only(sqlite_town)
    assert (told.state, told.told_late_at is not None) == ("cancelled", True)


def test_a_booking_is_undone_after_599_seconds(sqlite_town: Town, ma: Phone, monday: Any) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    monday.shift(599)
    assert "已经撤销,位子还回去了" in ma.says("撤销")
    assert only(sqlite_town).state == "cancelled"
    assert sound(sqlite_town)


def test_a_booking_is_not_undone_after_601_seconds(sqlite_town: Town, ma: Phone, monday: Any) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    monday.shift(601)
    assert "没有可以撤销的" in ma.says("撤销")
    assert only(sqlite_town).state == "confirmed"


def test_nobody_moves_a_strangers_appointment(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    assert "没有预约" in sqlite_town.phone("陌生人").says("取消预约")
    assert "没有预约" in sqlite_town.phone("陌生人").says("我的预约")


def test_what_to_bring_leads_to_a_booking(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, MORNING_AND_AFTERNOON)
    card = ma.says("要带什么", "老年证")
    assert "要带:1. 身份证 2. 照片" in card
    assert "周一到周五 9:00–11:00 14:00–16:00" in card
    assert card.endswith("要约,回复 1")
    assert "老年证,哪个时间方便" in ma.says("1")


def test_a_service_named_in_a_short_sentence_shows_its_card(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    assert ma.says("老年证要带啥呀").startswith("老年证:满60岁可以办。")
    assert "老年证:" not in ma.says("昨天听邻居说他的老年证在公交车上丢了怎么办才好呢")
