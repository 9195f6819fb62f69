"""A form on the phone's pages: one question a page, back keeps what was typed, the whole looked over and handed in."""

from __future__ import annotations

import pytest

from tests.forms.conftest import DIGITS, draft, joined, sound
from tests.neighbours import Phone
from tests.pages.visitors import Visitor

ANSWERS = (
    "马秀兰",
    "女",
    "19410307",
    "13900000001",
    "本社区",
    "20080601",
    "和子女",
    "2",
    "1850",
    "卧床",
    "是",
    "社保卡",
)


@pytest.fixture
def page(ma: Phone) -> Visitor:
    return Visitor(ma.town, ma)


def filled(page: Visitor) -> Visitor:
    page.opens("/h5/forms/gaoling").presses("开始填")
    for answer in ANSWERS:
        page.presses("下一项", answer=answer)
    return page


def test_a_form_is_filled_in_one_question_a_page_and_handed_in(page: Visitor) -> None:
    page.opens("/h5/forms").taps("高龄补贴申请表")
    assert "身份证号、本人签字" in page.words
    filled(page)
    assert "1941年3月7日" in page.words
    page.presses("都对,交给工作人员")
    one = draft(page.town)
    assert one.number in page.words
    assert len(one.answered) == len(DIGITS)
    assert sound(page.town)


def test_what_is_wrong_stands_beside_the_question_and_the_words_stay(page: Visitor) -> None:
    page.opens("/h5/forms/gaoling").presses("开始填").presses("下一项", answer="马秀兰").presses(
        "下一项", answer="女"
    )
    page.presses("下一项", answer="1941年")
    assert page.status == 409
    assert "八个数字" in page.words
    assert 'value="1941年"' in page.page


def test_an_answer_is_changed_from_the_whole_and_the_rest_stays(page: Visitor) -> None:
    filled(page)
    number = draft(page.town).id
    page.opens(f"/h5/forms/drafts/{number}/field/sex").presses("下一项", answer="男")
    assert draft(page.town).answered["sex"] == "男"
    assert "都对,交给工作人员" in page.opens(f"/h5/forms/drafts/{number}").page


def test_a_talk_that_was_begun_before_ends_when_the_page_changed_something(page: Visitor, ma: Phone) -> None:
    ma.says("填表", "1", "1", "1")
    number = draft(page.town).id
    page.opens(f"/h5/forms/drafts/{number}/field/sex").presses("下一项", answer="男")
    assert "在别的地方改过" in ma.says("19410307")
    assert draft(page.town).answers == {"name": "马秀兰", "sex": "男"}
    assert "第3项" in ma.says("填表", "1")


def test_it_is_put_aside_and_stands_in_the_list(page: Visitor) -> None:
    page.opens("/h5/forms/zhengming").presses("开始填").presses("下一项", answer="居住证明")
    page.opens("/h5/forms").taps("开证明申请表")
    assert "没填完" in page.words
    page.presses("接着填")
    assert "姓名" in page.words
    number = draft(page.town).id
    page.opens(f"/h5/forms/drafts/{number}").presses("清掉这张表")
    assert draft(page.town).answers == {}


def test_handed_in_by_mistake_it_comes_back_while_nobody_has_begun_with_it(page: Visitor) -> None:
    filled(page).presses("都对,交给工作人员").presses("拿回来改")
    assert draft(page.town).state == "open"


def test_filled_in_for_a_neighbour_it_says_so(page: Visitor) -> None:
    page.opens("/h5/forms/laonianzheng").presses("开始替他填", name="李阿娘", phone="", tie="")
    assert "您是他的什么人" in page.words
    page.presses("开始替他填", name="李阿娘", phone="", tie="邻居")
    assert 'value="李阿娘"' in page.page


def test_a_stranger_gets_nothing_of_it(page: Visitor) -> None:
    filled(page)
    number = draft(page.town).id
    other = Visitor(page.town, joined(page.town, "才让卓玛", "13900000009"))
    for path in ("", "/field/sex", "/paper.pdf"):
        assert other.opens(f"/h5/forms/drafts/{number}{path}").status == 404
