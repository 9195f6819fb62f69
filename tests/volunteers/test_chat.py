"""Checking in and out by four digits in the chat, as volunteers do it, with the clock standing still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.activities import actions as activities
from handlers.volunteers import actions
from models.activities import ActivitySession
from models.volunteers import Attendance, Guesses
from tests.activities.plans import a_session, digits, house, taken
from tests.neighbours import Phone, Town, frozen

Clock = time_machine.Traveller


@pytest.fixture
def nine() -> Iterator[Clock]:
    """Monday nine o'clock, when the session begins."""
    with frozen("2026-11-23 09:00:10") as clock:
        yield clock


def wrong(town: Town, number: int) -> str:
    """Four digits that neither stand on the screen nor stood there lately."""
    from app import clock
    from models.place_code import digits_are_right, digits_were_right

    with town.reading() as session:
        held, now = session.get_one(ActivitySession, number), clock.now()
        return next(
            text
            for text in (f"{n:04}" for n in range(10_000))
            if not digits_are_right(held, text, now) and not digits_were_right(held, text, now)
        )


def rows(town: Town) -> list[tuple[int | None, bool]]:
    """(minutes, left by itself) of every stay, in order."""
    with town.reading() as session:
        found = session.scalars(select(Attendance).order_by(Attendance.came_at, Attendance.id))
        return [(row.minutes, row.auto_out) for row in found]


def joined(town: Town, name: str, number: int) -> Phone:
    """A neighbour who signed up the evening before."""
    phone = town.phone(name)

    def unit(session: Session) -> None:
        held = session.get_one(ActivitySession, number)
        activities.admit(house(session), held, phone.actor(session).me)

    town.writing(unit)
    return phone


def test_in_and_out_by_digits_give_the_minutes_between(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    phone = joined(sqlite_town, "马秀兰", number)
    assert "签到好了:河道清洁" in phone.says(digits(sqlite_town, number))
    nine.shift(95 * 60)
    answer = phone.says(digits(sqlite_town, number))
    assert "签退好了" in answer
    assert "1小时35分钟(待确认)" in answer
    assert rows(sqlite_town) == [(95, False)]


def test_digits_are_good_for_29_seconds_and_refused_after_61(sqlite_town: Town) -> None:
    for second in range(30):
        day = f"2026-11-{second + 1:02} 09:00"
        with frozen(f"{day}:{second:02}") as clock:
            number = a_session(sqlite_town, starts=day)
            seen = digits(sqlite_town, number)
            early = joined(sqlite_town, f"早到{second}", number)
            late = joined(sqlite_town, f"晚到{second}", number)
            clock.shift(29)
            assert "签到好了" in early.says(seen)
            clock.shift(32)
            assert "签到好了" not in late.says(seen)


def test_typed_a_little_late_is_explained_and_costs_no_try(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    phone = joined(sqlite_town, "马秀兰", number)
    seen = digits(sqlite_town, number)
    nine.shift(120)
    assert "这个码过期了" in phone.says(seen)
    assert "签到好了" in phone.says(digits(sqlite_town, number))


@pytest.mark.parametrize("form", ["{}", "签到{}", " {} ", "{}。"])
def test_digits_are_read_however_they_are_typed(sqlite_town: Town, nine: Clock, form: str) -> None:
    number = a_session(sqlite_town)
    phone = joined(sqlite_town, "马秀兰", number)
    assert "签到好了" in phone.says(form.format(digits(sqlite_town, number)))


def test_digits_in_full_width_and_with_spaces_are_read(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    shown = digits(sqlite_town, number)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in shown)
    assert "签到好了" in joined(sqlite_town, "马秀兰", number).says(wide)
    assert "签到好了" in joined(sqlite_town, "张桂英", number).says(" ".join(shown))


def test_a_second_time_within_a_minute_is_harmless_and_explained(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    phone = joined(sqlite_town, "马秀兰", number)
    phone.says(digits(sqlite_town, number))
    nine.shift(45)
    answer = phone.says(digits(sqlite_town, number))
    assert "您已经签到了(上午9点)" in answer
    assert rows(sqlite_town) == [(None, False)]


def test_a_second_time_just_after_leaving_does_not_check_in_again(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    phone = joined(sqlite_town, "马秀兰", number)
    phone.says(digits(sqlite_town, number))
    nine.shift(3600)
    phone.says(digits(sqlite_town, number))
    nine.shift(5)
    assert "您刚才已经签退了" in phone.says(digits(sqlite_town, number))
    assert rows(sqlite_town) == [(60, False)]


def test_five_wrong_tries_and_then_only_the_leader(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    phone = joined(sqlite_town, "马秀兰", number)
    bad = wrong(sqlite_town, number)
    for left in (4, 3, 2, 1):
        assert f"还可以试{left}次" in phone.says(bad)
    assert "试的次数太多了" in phone.says(bad)
    assert "试的次数太多了" in phone.says(digits(sqlite_town, number))
    assert rows(sqlite_town) == []

    def vouch(session: Session) -> str:
        held = session.get_one(ActivitySession, number)
        return actions.tick(house(session), held, phone.person(session), "in").kind

    assert sqlite_town.writing(vouch) == "in"
    nine.shift(3600)
    assert "签退好了" in phone.says(digits(sqlite_town, number))


def test_who_is_not_expected_may_type_a_year_without_a_lecture_but_not_for_ever(
    sqlite_town: Town, nine: Clock
) -> None:
    number = a_session(sqlite_town)
    phone, bad = sqlite_town.phone("路人"), wrong(sqlite_town, number)
    for _ in range(4):
        assert "数字不对" not in phone.says(bad)
        with sqlite_town.reading() as session:
            assert session.scalars(select(Guesses.wrong)).one() > 0
        break
    for _ in range(5):
        phone.says(bad)
    assert "试的次数太多了" in phone.says(digits(sqlite_town, number))


def test_four_digits_with_no_session_under_way_are_not_ours(sqlite_town: Town, nine: Clock) -> None:
    a_session(sqlite_town, starts="2026-11-23 19:00")
    assert "没看懂" in sqlite_town.phone("马秀兰").says("2026")


def test_two_sessions_with_the_same_digits_ask_which(sqlite_town: Town, nine: Clock) -> None:
    first, second = a_session(sqlite_town), a_session(sqlite_town, "社区义剪")

    def same_secret(session: Session) -> None:
        session.get_one(ActivitySession, second).secret = session.get_one(ActivitySession, first).secret

    sqlite_town.writing(same_secret)
    phone = sqlite_town.phone("马秀兰")
    answer = phone.says(digits(sqlite_town, first))
    assert "1 河道清洁" in answer
    assert "2 社区义剪" in answer
    assert "签到好了:社区义剪" in phone.says("2")


def test_where_one_is_expected_goes_before_another_with_the_same_digits(
    sqlite_town: Town, nine: Clock
) -> None:
    first, second = a_session(sqlite_town), a_session(sqlite_town, "社区义剪")

    def same_secret(session: Session) -> None:
        session.get_one(ActivitySession, second).secret = session.get_one(ActivitySession, first).secret

    sqlite_town.writing(same_secret)
    phone = joined(sqlite_town, "马秀兰", second)
    assert "签到好了:社区义剪" in phone.says(digits(sqlite_town, first))


def test_digits_of_a_session_where_one_is_not_expected_ask_before_they_check_in(
    sqlite_town: Town, nine: Clock
) -> None:
    other, mine = a_session(sqlite_town), a_session(sqlite_town, "社区义剪")
    phone = joined(sqlite_town, "马秀兰", mine)
    answer = phone.says(digits(sqlite_town, other))
    assert "您在哪一个" in answer
    assert rows(sqlite_town) == []
    assert "签到好了:河道清洁" in phone.says("1")


def test_who_has_not_signed_up_is_added_on_the_spot(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    assert "已经替您现场补上" in sqlite_town.phone("路人").says(digits(sqlite_town, number))
    assert taken(sqlite_town, number) == 1


def test_a_walk_in_to_a_full_session_is_refused(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town, capacity=1)
    joined(sqlite_town, "马秀兰", number)
    assert "已经报满了" in sqlite_town.phone("路人").says(digits(sqlite_town, number))
    assert rows(sqlite_town) == []


def test_a_restricted_session_takes_no_walk_ins(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town, listed=False)
    assert "要负责人邀请" in sqlite_town.phone("路人").says(digits(sqlite_town, number))


def test_the_printed_code_only_asks_for_the_digits(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    phone = sqlite_town.phone("马秀兰")
    assert "请看负责人屏幕上的4位数字" in phone.scans(f"session:{number}")
    assert rows(sqlite_town) == []
    assert "还可以试4次" in phone.says(wrong(sqlite_town, number))
    assert "签到好了" in phone.says(digits(sqlite_town, number))
    nine.shift(1)
    assert "发给我就签退" in phone.scans(f"session:{number}")


def test_following_by_the_printed_code_asks_for_the_digits_too(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    assert "请看负责人屏幕上的4位数字" in sqlite_town.phone("马秀兰").follows(f"session:{number}")


@pytest.mark.parametrize(
    "scene", ["session:999999", "session:", "session:abc", "session:12345678901234567890"]
)
def test_a_printed_code_of_nothing_is_explained(sqlite_town: Town, nine: Clock, scene: str) -> None:
    assert "这个签到码认不出来" in sqlite_town.phone("马秀兰").scans(scene)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-23 08:29:59", "还没到签到的时候"),
        ("2026-11-23 08:30:00", "请看负责人屏幕上的4位数字"),
        ("2026-11-23 11:30:00", "请看负责人屏幕上的4位数字"),
        ("2026-11-23 11:30:01", "已经结束,不能再签了"),
    ],
)
def test_checking_in_goes_from_half_an_hour_before_to_half_an_hour_after(
    sqlite_town: Town, at: str, words: str
) -> None:
    with frozen(at):
        number = a_session(sqlite_town)
        assert words in sqlite_town.phone("马秀兰").scans(f"session:{number}")


def test_a_cancelled_session_says_so(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    sqlite_town.writing(
        lambda s: activities.cancel_session(house(s), s.get_one(ActivitySession, number)) and None
    )
    assert "取消了" in sqlite_town.phone("马秀兰").scans(f"session:{number}")


def test_who_is_still_at_another_session_is_told_and_may_leave_there(sqlite_town: Town, nine: Clock) -> None:
    first, second = a_session(sqlite_town), a_session(sqlite_town, "社区义剪")
    phone = joined(sqlite_town, "马秀兰", first)
    phone.says(digits(sqlite_town, first))
    nine.shift(1800)
    answer = phone.says(digits(sqlite_town, second), "1")
    assert "您还在“河道清洁”签到中" in answer
    assert "签退好了:河道清洁" in phone.says("1")
    assert "签到好了:社区义剪" in phone.says(digits(sqlite_town, second), "1")
    assert rows(sqlite_town) == [(30, False), (None, False)]


def test_who_forgot_to_leave_is_out_at_the_planned_end(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    phone = joined(sqlite_town, "马秀兰", number)
    phone.says(digits(sqlite_town, number))
    nine.shift(3 * 3600)
    sqlite_town.writing(
        lambda s: actions.close_session(house(s), s.get_one(ActivitySession, number)) and None
    )
    assert rows(sqlite_town) == [(119, True)]
    assert "忘了签退,按结束时间算" in phone.says("志愿时长")


def test_forgetting_yesterday_does_not_lock_one_out_today(sqlite_town: Town, nine: Clock) -> None:
    first = a_session(sqlite_town)
    second = a_session(sqlite_town, "社区义剪", "2026-11-24 09:00")
    phone = joined(sqlite_town, "马秀兰", first)
    phone.says(digits(sqlite_town, first))
    nine.shift(24 * 3600)
    assert "签到好了:社区义剪" in phone.says(digits(sqlite_town, second))
    assert rows(sqlite_town) == [(119, True), (None, False)]


def test_my_hours_list_the_sessions_and_the_total(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    phone = joined(sqlite_town, "马秀兰", number)
    phone.says(digits(sqlite_town, number))
    nine.shift(5400)
    phone.says(digits(sqlite_town, number))
    answer = phone.says("我的时长")
    assert "待确认1小时30分钟" in answer
    assert "1 11月23日(星期一) 河道清洁 1小时30分钟,待确认" in answer


def test_no_hours_yet_offers_the_activities(sqlite_town: Town, nine: Clock) -> None:
    a_session(sqlite_town, "社区义剪", "2026-11-24 09:00")
    phone = sqlite_town.phone("马秀兰")
    assert "还没有志愿服务记录" in phone.says("志愿时长")
    assert "1 社区义剪" in phone.says("1")


def test_the_word_check_in_tells_where_one_is_awaited(sqlite_town: Town, nine: Clock) -> None:
    phone = sqlite_town.phone("马秀兰")
    assert "现在没有您报名的活动" in phone.says("签到")
    number = a_session(sqlite_town)
    joined(sqlite_town, "马秀兰", number)
    assert "请看负责人屏幕上的4位数字" in phone.says("签到")
    phone.says(digits(sqlite_town, number))
    assert "要走了" in phone.says("签退")
    nine.shift(600)
    assert "签退好了" in phone.says("1")


def test_the_word_check_in_before_its_time_says_when(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town, "社区义剪", "2026-11-24 09:00")
    assert "提前30分钟起可以签到" in joined(sqlite_town, "马秀兰", number).says("签到")


def test_volunteering_offers_three_ways(sqlite_town: Town, nine: Clock) -> None:
    phone = sqlite_town.phone("马秀兰")
    assert "回复数字" in phone.says("志愿服务")
    assert "现在没有您报名的活动" in phone.says("2")


def test_digits_typed_in_the_middle_of_another_talk_check_in(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    a_session(sqlite_town, "社区义剪", "2026-11-24 09:00")
    phone = sqlite_town.phone("马秀兰")
    phone.says("活动报名")
    assert "签到好了" in phone.says(digits(sqlite_town, number))


def test_the_leader_gets_a_link_to_the_screen_and_nobody_else(sqlite_town: Town, nine: Clock) -> None:
    leader = sqlite_town.phone("张河长")
    number = a_session(sqlite_town, leader=leader)
    answer = leader.says("签到码")
    assert f"http://127.0.0.1:8000/h5/screen/{number}/" in answer
    own = sqlite_town.phone("路人").says("签到码")
    assert "/h5/screen/" not in own
    assert "http://127.0.0.1:8000/h5/pass" in own
