"""Wishes by chat: said in a sentence, read by others without a name, promised, done, confirmed, thanked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from handlers.people import actions as people
from handlers.wishes import actions
from models.wishes import Wish
from tests.neighbours import Phone, Town
from tests.wishes.conftest import (
    STICK,
    acts,
    only,
    published,
    sent,
    sound,
    state,
)

# ---- wishing ------------------------------------------------------------------------------------------------------


def test_a_wish_is_said_in_one_sentence_and_read_back_whole(sqlite_town: Town, ma: Phone) -> None:
    assert "一句话" in ma.says("许个心愿")
    sentence = ma.says("想要一根能坐的拐杖")
    assert "“想要一根能坐的拐杖”" in sentence
    assert "别人看不到您的名字和地址" in sentence
    done = ma.says("1")
    assert "心愿号0001" in done
    assert "最晚11月24日(星期二)看" in done
    assert only(sqlite_town).state == "said"
    assert sound(sqlite_town)


@pytest.mark.parametrize("word", ["心愿", "许个心愿", "我有个心愿", "我想许愿"])
def test_every_way_of_wishing_leads_to_the_same_question(ma: Phone, word: str) -> None:
    assert "请用一句话说说心愿" in ma.says(word)


def test_a_wish_said_at_once_needs_only_two_digits(sqlite_town: Town, ma: Phone) -> None:
    assert "“想请人修收音机”" in ma.says("我有个心愿,想请人修收音机")
    assert "对吗" in ma.says("1")
    assert "心愿号" in ma.says("1")
    assert only(sqlite_town).text == "想请人修收音机"


def test_staff_look_at_a_wish_of_friday_evening_on_monday(
    monday: time_machine.Coordinates, ma: Phone
) -> None:
    monday.shift(timedelta(days=4, hours=10))
    assert "最晚11月30日(星期一)看" in ma.says("心愿", "想要一根拐杖", "1")


def test_a_digit_or_a_menu_button_is_no_wish(sqlite_town: Town, ma: Phone) -> None:
    assert "没看懂" in ma.says("心愿", "3")
    assert "对吗" not in ma.says("我的心愿")
    assert "太短" in ma.says("心愿", "拐杖")
    assert "100个字" in ma.says("长" * 101)
    with sqlite_town.reading() as session:
        assert session.scalars(select(Wish)).all() == []


def test_a_costly_wish_is_told_what_neighbours_give(ma: Phone) -> None:
    assert "不超过200元" in ma.says("心愿", "想要一台1500元的洗衣机")
    assert "不超过200元" not in ma.says("取消", "1", "心愿", "想要一个150元的电饭锅")


def test_an_identity_number_is_covered_before_it_is_kept(sqlite_town: Town, ma: Phone) -> None:
    ma.says("心愿", "想要拐杖,身份证11010519491231002X", "1")
    assert "11010519491231002X" not in str(only(sqlite_town).text)


def test_who_has_not_joined_is_led_to_join_and_who_has_is_not(sqlite_town: Town, ma: Phone) -> None:
    assert "登记姓名电话,回复 1" in ma.says("心愿", "想要一根拐杖", "1")
    sqlite_town.writing(lambda s: people.join(ma.actor(s), name="马秀兰", phone="13900000001"))
    assert "登记" not in ma.says("心愿", "想要一顶帽子", "1")
    assert "想要一顶帽子" in ma.says("1", "1")


def test_a_helper_wishes_for_somebody_else(sqlite_town: Town, ma: Phone) -> None:
    ma.says("帮别人许愿", "冶生兰", "没有", "网格员")
    assert "冶生兰的心愿" in ma.says("想要一副老花镜")
    ma.says("1")
    wish = only(sqlite_town)
    assert (wish.helped_name, wish.helped_phone, wish.helped_tie) == ("冶生兰", None, "网格员")
    assert wish.for_other


def test_a_wish_is_taken_back_within_ten_minutes(
    sqlite_town: Town, monday: time_machine.Coordinates, ma: Phone
) -> None:
    ma.says("心愿", "想要一根拐杖", "1")
    monday.shift(timedelta(minutes=9))
    assert "收回了" in ma.says("撤销")
    assert only(sqlite_town).state == "withdrawn"


def test_after_ten_minutes_a_wish_is_withdrawn_by_its_card_and_may_come_back(
    sqlite_town: Town, monday: time_machine.Coordinates, ma: Phone
) -> None:
    ma.says("心愿", "想要一根拐杖", "1")
    monday.shift(timedelta(minutes=11))
    assert "没有可以撤销" in ma.says("撤销")
    assert "要收回,回复 1" in ma.says("我的心愿")
    assert "收回了" in ma.says("1", "1")
    assert only(sqlite_town).state == "withdrawn"
    assert "恢复了" in ma.says("撤销")
    assert only(sqlite_town).state == "said"


def test_b29_the_fourth_waiting_wish_of_one_person_is_refused_but_helping_goes_on(ma: Phone) -> None:
    for thing in ("拐杖", "帽子", "手套"):
        ma.says("心愿", f"想要一个{thing}", "1")
    assert "已经有3个心愿" in ma.says("心愿")
    assert "一句话" in ma.says("帮别人许愿", "冶生兰", "没有", "邻居")


# ---- public cards ---------------------------------------------------------------------------------------------------


def test_public_cards_show_the_need_and_never_a_name_a_phone_or_a_door(
    sqlite_town: Town, ma: Phone, han: Phone
) -> None:
    sqlite_town.writing(lambda s: people.join(ma.actor(s), name="马秀兰", phone="13900000001"))
    ma.says("帮别人许愿", "冶生兰", "13900000077", "邻居")
    ma.says("东府佳苑3号楼201的冶生兰想要老花镜,电话13900000077", "1")
    acts(sqlite_town, None, actions.review, (Wish, 1), "一位老人想要一副老花镜")
    seen = "".join((han.says("心愿站"), han.says("1"), han.says("1"), han.says("1"), han.says("我的心愿")))
    assert "一位老人想要一副老花镜" in seen
    for secret in ("马秀兰", "冶生兰", "1390000", "3号楼", "东府佳苑", "201"):
        assert secret not in seen


def test_what_waits_for_review_is_shown_to_nobody(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    ma.says("心愿", "想要一根拐杖", "1")
    assert "没有等着认领的心愿" in han.says("心愿站")
    assert "没有等着认领的心愿" in han.says("认领")


def test_five_wishes_a_page_and_the_oldest_first(sqlite_town: Town, han: Phone) -> None:
    published(sqlite_town, "想要第一个", "想要第二个", "想要第三个")
    published(sqlite_town, "想要第四个", "想要第五个", "想要第六个", by="才让卓玛")
    first = han.says("心愿站")
    assert "1 想要第一个" in first
    assert "第六个" not in first
    assert "1 想要第六个" in han.says("6")
    assert "想要第六个" in han.says("1")


def test_the_menu_and_the_programme_lead_to_the_cards(sqlite_town: Town, han: Phone) -> None:
    published(sqlite_town, STICK)
    assert STICK in han.clicks("心愿站")
    assert STICK in han.says("看心愿")


def test_the_seventh_digit_wishes(sqlite_town: Town, han: Phone) -> None:
    published(sqlite_town, STICK)
    assert "一句话" in han.says("心愿站", "7")


def test_claiming_reads_back_the_last_day_and_says_who_tells_the_rest(
    sqlite_town: Town, ma: Phone, han: Phone
) -> None:
    (wish,) = published(sqlite_town, STICK)
    assert "认领回复 1" in han.says("心愿站", "1")
    assert "最晚11月30日(星期一)办好" in han.says("1")
    answer = han.says("1")
    assert "工作人员会告诉您怎么联系" in answer
    assert "11月30日(星期一)" in answer
    assert state(sqlite_town, wish) == "claimed"
    assert sent(sqlite_town, "claimed")[0].facts["due"] == "2026-11-30"
    assert sound(sqlite_town)


def test_who_comes_too_late_is_told_and_offered_two_others(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    first, *_ = published(sqlite_town, "想要第一个", "想要第二个", "想要第三个")
    han.says("心愿站", "1", "1")
    acts(sqlite_town, sqlite_town.phone("才让卓玛"), actions.claim, (Wish, first))
    answer = han.says("1")
    assert "不用再认领了" in answer
    assert "1 想要第二个" in answer
    assert "2 想要第三个" in answer
    assert "想要第三个" in han.says("2")
    assert "您认领了" in han.says("1")


def test_a_card_that_was_shown_before_says_that_it_is_gone(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    (wish,) = published(sqlite_town, STICK)
    han.says("心愿站")
    acts(sqlite_town, ma, actions.withdraw, (Wish, wish))
    assert "已经不用认领了" in han.says("1")


def test_ones_own_wish_cannot_be_claimed(sqlite_town: Town, ma: Phone) -> None:
    published(sqlite_town, STICK)
    assert "这是您的心愿" in ma.says("心愿站", "1")
    assert "没有等着认领的心愿" in ma.says("认领")


def test_a_third_promise_waits_until_one_is_kept(sqlite_town: Town, han: Phone) -> None:
    published(sqlite_town, "想要第一个", "想要第二个", "想要第三个")
    for _ in range(2):
        assert "您认领了" in han.says("认领", "1", "1")
    assert "已经有2个心愿" in han.says("认领")
    han.says("办好了", "1", "1", "1")
    assert "您认领了" in han.says("认领", "1", "1")


def test_a_claim_is_undone_before_the_wisher_has_heard_of_it(sqlite_town: Town, han: Phone) -> None:
    (wish,) = published(sqlite_town, STICK)
    han.says("认领", "1", "1")
    assert "不认领了" in han.says("撤销")
    assert state(sqlite_town, wish) == "public"
    assert sent(sqlite_town, "claimed") == []
    assert sent(sqlite_town, "returned") == []
    assert sound(sqlite_town)
