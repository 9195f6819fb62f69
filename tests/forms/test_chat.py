"""A form in chat: one field after the other, with digits alone, put aside and taken up again, changed, handed in."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from handlers.guides.loading import install as install_guides
from tests.forms.conftest import DIGITS, draft, drafts, joined, sound
from tests.neighbours import Phone


def begun(ma: Phone) -> str:
    return ma.says("填表", "1")


def test_twelve_fields_are_filled_in_with_digits_alone(ma: Phone) -> None:
    answer = begun(ma)
    assert "第1项,共12项" in answer
    assert "还是马秀兰吗" in answer
    for digit in DIGITS:
        assert len(answer) <= 300
        answer = ma.says(digit)
    assert "填完了" in answer
    for line in ("老人姓名:马秀兰", "出生日期:1941年3月7日", "联系电话:13900000001", "每月退休金:1850元"):
        assert line in answer
    assert "身份证号" in answer
    answer = ma.says("1")
    one = draft(ma.town)
    assert one.number in answer
    assert one.state == "handed_in"
    assert len(one.answered) == 12
    assert sound(ma.town)


def test_an_item_is_explained_skipped_taken_back_and_changed(ma: Phone) -> None:
    begun(ma)
    assert "写身份证上的名字" in ma.says("?")
    assert "还是马秀兰吗" in ma.says("不懂")
    assert "第2项" in ma.says("1")
    assert "要填,不能跳过" in ma.says("1", "跳过")
    assert "第2项" in ma.says("0")
    ma.says("1", *DIGITS[2:])
    listed = ma.says("2")
    assert "3 出生日期:1941年3月7日" in listed
    assert "第3项" in ma.says("3")
    answer = ma.says("1940年12月1日")
    assert "出生日期:1940年12月1日" in answer
    assert "性别:女" in answer


def test_a_form_is_put_aside_and_taken_up_days_later(ma: Phone, monday: time_machine.Coordinates) -> None:
    begun(ma)
    ma.says(*DIGITS[:5])
    assert "30天里" in ma.says("先到这里")
    monday.shift(timedelta(days=12))
    assert "1 接着填高龄补贴申请表" in ma.says("填表")
    assert "第6项,共12项" in ma.says("1")
    ma.says(*DIGITS[5:])
    assert draft(ma.town).state == "open"
    assert "交好了" in ma.says("1")


def test_a_form_that_was_simply_left_is_kept_as_well(ma: Phone, monday: time_machine.Coordinates) -> None:
    begun(ma)
    ma.says(*DIGITS[:5])
    monday.shift(timedelta(days=9))
    assert "填了5项" in ma.says("我填的表")
    assert draft(ma.town).answers["born"] == "1941-03-07"


def test_the_same_form_again_asks_whether_to_go_on(ma: Phone) -> None:
    begun(ma)
    ma.says("1", "先到这里")
    assert "没填完的高龄补贴申请表" in ma.says("填高龄补贴")
    assert "第2项" in ma.says("1")
    ma.says("先到这里", "高龄补贴申请表")
    assert "第1项" in ma.says("2")
    assert drafts(ma.town) == 2


def test_a_day_is_never_guessed(ma: Phone) -> None:
    begun(ma)
    ma.says("1", "1")
    for words in ("3月7号", "三月初七", "19411307", "20270101", "41年3月7日", "1941"):
        assert "第3项" in ma.says(words), words
    assert "1941年3月7日" in ma.says("一九四一年三月七日")


def test_somebody_fills_it_in_for_a_neighbour(ma: Phone) -> None:
    ma.says("帮别人填表", "2", "李阿娘", "没有", "网格员")
    assert "还是李阿娘吗" in ma.says("?")
    ma.says("1", "先到这里")
    one = draft(ma.town)
    assert one.helped
    assert one.answers["_helped_tie"] == "网格员"
    ma.says("填表", "1")
    assert "性别" in ma.says("?")


def test_who_cannot_type_leaves_a_field_in_words_to_the_desk(ma: Phone) -> None:
    ma.says("填表", "3", "1", "1", "1")
    assert "第5项" in ma.says("99")
    assert draft(ma.town).answers["home"] == "到窗口填"


def test_what_is_asked_depends_on_what_was_answered(ma: Phone) -> None:
    ma.says("填表", "3", "1", "1", "1", "99", "99")
    assert "共9项" in ma.says("20260301")
    assert "房东姓名" in ma.says("1")
    assert "共11项" in ma.says("李建国")
    assert "第10项" in ma.says("跳过")


def test_handing_in_is_taken_back_within_ten_minutes(ma: Phone) -> None:
    begun(ma)
    ma.says(*DIGITS, "1")
    assert "拿回来了" in ma.says("撤销")
    assert "填完了" in ma.says("1")
    ma.says("1")
    assert "编号" in ma.says("我填的表")
    assert draft(ma.town).state == "handed_in"


def test_a_card_of_the_guide_leads_to_its_form(ma: Phone) -> None:
    ma.town.writing(install_guides)
    assert "帮您填表,回复 4" in ma.says("高龄补贴")
    assert "第1项,共12项" in ma.says("4")


def test_what_is_not_wanted_is_gone_at_once(ma: Phone) -> None:
    begun(ma)
    ma.says("1", "1", "先到这里", "我填的表", "2")
    assert "清掉了" in ma.says("1")
    one = draft(ma.town)
    assert (one.state, one.answers) == ("dropped", {})


def test_a_stranger_does_not_see_the_forms_of_others(ma: Phone) -> None:
    begun(ma)
    ma.says("1", "先到这里")
    other = joined(ma.town, "才让卓玛", "13900000009")
    assert "接着填高龄" not in other.says("填表")
    assert "还没有填过表" in other.says("我填的表")


def test_who_is_not_on_file_types_the_name_and_agrees_by_going_on(ma: Phone) -> None:
    new = ma.town.phone("新来的")
    assert "替您记着" in new.says("填表", "1")
    assert "第2项" in new.says("买买提·艾力")
    assert draft(ma.town).answers == {"name": "买买提·艾力"}
