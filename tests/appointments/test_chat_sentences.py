"""Whole sentences: what they already say is not asked again, and the words of an answer mean what the digit means."""

from __future__ import annotations

from typing import Any

import pytest

from tests.appointments.desk import MORNING_AND_AFTERNOON, TUESDAY, fill, opened
from tests.neighbours import Phone, Town


@pytest.fixture
def hall(sqlite_town: Town, monday: Any) -> Town:
    opened(sqlite_town, MORNING_AND_AFTERNOON)
    opened(sqlite_town, MORNING_AND_AFTERNOON, name="理发", also_called=["剪头"], bring=[])
    return sqlite_town


@pytest.mark.parametrize(
    "sentence",
    [
        "明天下午三点理发",
        "理发 明天下午三点",
        "约明天下午3点理发",
        "给我约个明天下午三点剪头",
        "明天下午三点想剪头行吗",
    ],
)
def test_one_sentence_books_but_for_the_name(hall: Town, ma: Phone, sentence: str) -> None:
    assert "姓名" in ma.says(sentence)
    assert ma.says("马建军").startswith("给您约:11月24日(星期二)下午3点,2号窗口,理发。")
    assert "约好了" in ma.says("1")


def test_a_sentence_in_answer_to_the_first_question_answers_the_second_too(hall: Town, ma: Phone) -> None:
    assert "姓名" in ma.says("预约", "理发明天下午三点")
    assert "哪个时间方便" in ma.says("0"), "one step back asks for the time, without the sentence"


def test_a_time_that_is_not_free_is_answered_with_the_nearest(hall: Town, ma: Phone) -> None:
    fill(hall, TUESDAY, "15:00", service="理发")
    answer = ma.says("明天下午三点理发")
    assert answer.startswith("您说的是哪一个?")
    assert "1 明天 周二 下午2点30分" in answer


def test_who_only_asks_gets_the_card(hall: Town, ma: Phone) -> None:
    assert ma.says("理发明天几点开门").startswith("理发:")
    assert ma.says("老年证要带什么").startswith("老年证:")


def test_a_daughter_who_says_for_whom_is_asked_for_the_name_of_her_mother(hall: Town, ma: Phone) -> None:
    assert ma.says("我妈要约老年证") == "您替谁办?请回复他的名字。"
    ma.says("取消")
    assert ma.says("帮我妈约老年证") == "您替谁办?请回复他的名字。"
    assert "替韩秀英约:11月24日(星期二)上午9点" in ma.says("韩秀英", "没电话", "女儿", "明天上午9点")


def test_a_time_said_at_the_last_yes_is_another_time(hall: Town, ma: Phone) -> None:
    ma.says("明天下午三点理发", "马建军")
    assert ma.says("还是后天上午9点吧").startswith("给您约:11月25日(星期三)上午9点")
    assert "约好了:11月25日" in ma.says("1")


def test_another_service_asks_for_its_time_without_calling_anything_gone(hall: Town, ma: Phone) -> None:
    ma.says("预约", "理发明天下午三点", "马建军", "2")
    answer = ma.says("1", "老年证")
    assert answer.startswith("老年证,哪个时间方便"), answer


def test_an_empty_answer_is_listed_as_left_empty(hall: Town, ma: Phone) -> None:
    ma.says("帮别人约", "韩秀英", "没有", "女儿", "老年证", "1")
    assert "2 他的手机:没填" in ma.says("不对")


def test_a_button_is_nobodys_name(hall: Town, ma: Phone) -> None:
    ma.says("理发", "1", "1")
    assert ma.says("我的预约").startswith("您现在没有预约。")
    assert ma.says("接着").startswith("请回复您的姓名,叫号用。")


def test_the_helped_persons_number_may_be_put_off_by_another_question(hall: Town, ma: Phone) -> None:
    ma.says("帮别人约", "韩秀英")
    assert "11位" in ma.says("139")
    assert ma.says("我的预约").startswith("您现在没有预约。")


@pytest.mark.parametrize("yes", ["取消", "1", "一", "第一个", "对的"])
def test_the_words_of_an_option_cancel_as_its_digit_does(hall: Town, ma: Phone, yes: str) -> None:
    ma.says("明天下午三点理发", "马建军", "1")
    assert "1 取消 0 不取消" in ma.says("取消")
    assert ma.says(yes).startswith("取消好了:")


def test_not_cancelling_may_be_said_in_words(hall: Town, ma: Phone) -> None:
    ma.says("明天下午三点理发", "马建军", "1", "取消")
    assert "不办了" in ma.says("不取消")
    assert ma.says("我的预约").startswith("约好了:")


def test_the_only_appointment_is_moved_without_asking_which(hall: Town, ma: Phone) -> None:
    ma.says("明天下午三点理发", "马建军", "1")
    assert ma.says("改约").startswith("理发,改到什么时间?")
    assert "改到11月25日(星期三)上午9点" in ma.says("后天上午9点")


def test_cancelling_with_nothing_booked_says_so(hall: Town, ma: Phone) -> None:
    assert ma.says("取消").startswith("您现在没有预约,不用取消。")


def test_undo_in_the_middle_asks_whether_to_leave(hall: Town, ma: Phone) -> None:
    ma.says("理发", "1", "1")
    assert ma.says("撤销").startswith("“预约”不办了吗?")
    assert ma.says("不办了").startswith("好的,“预约”不办了。")


def test_undo_over_an_open_talk_takes_back_and_goes_on(hall: Town, ma: Phone) -> None:
    ma.says("明天下午三点理发", "马建军", "1", "预约")
    answer = ma.says("撤销")
    assert "已经撤销" in answer
    assert "接着办吗?1 接着 0 不办了" in answer


def test_leaving_is_asked_once_whatever_word_answers(hall: Town, ma: Phone) -> None:
    ma.says("理发", "1", "1")
    assert "不办了吗" in ma.says("取消")
    assert ma.says("取消").startswith("好的,“预约”不办了。")


def test_another_wish_in_other_words_interrupts_politely(hall: Town, ma: Phone) -> None:
    answer = ma.says("预约", "请问我约了啥")
    assert "您现在没有预约" in answer
    assert "“预约”还没办完" in answer


@pytest.mark.parametrize("answer", ["第一个", "下午三点", "后天上午", "一"])
def test_an_answer_to_the_question_before_is_nobodys_name(hall: Town, ma: Phone, answer: str) -> None:
    assert ma.says("预约", "理发", "1", answer).startswith("没看懂这个回答")


def test_the_words_beside_a_digit_do_what_the_digit_does(hall: Town, ma: Phone) -> None:
    ma.says("明天下午三点理发", "马建军", "1", "后天上午9点老年证", "1")
    ma.says("我的预约", "2")
    assert "取消11月25日(星期三)上午9点的老年证" in ma.says("取消"), (
        "the one on the card, without asking which"
    )
