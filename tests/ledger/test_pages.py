"""The time bank as pages: a request from the form to the hours, a stranger who sees nothing, twice is once."""

from __future__ import annotations

import pytest

from handlers.ledger import actions
from tests.ledger.conftest import asked, balance, does, earned, promised, sound, state
from tests.neighbours import Phone
from tests.pages.visitors import Visitor


@pytest.fixture
def asker(ma: Phone) -> Visitor:
    return Visitor(ma.town, ma)


@pytest.fixture
def helper(han: Phone) -> Visitor:
    return Visitor(han.town, han)


def test_help_from_the_form_to_the_hours(asker: Visitor, helper: Visitor, ma: Phone, han: Phone) -> None:
    asker.opens("/h5/time").taps("请人帮忙")
    assert "您能用的有4小时" in asker.words
    asker.presses("登出去", category="理发", hours="9小时", day="2026-11-25", text="上门理发")
    assert (asker.status, "15分钟到8小时" in asker.words) == (409, True)
    asker.presses("登出去", category="理发", hours="1小时", day="2026-11-25", text="上门理发")
    assert "登出去了" in asker.words
    assert "里面1小时给请的人留着" in asker.words

    helper.opens("/h5/time/station").taps("理发")
    assert "马秀兰" not in helper.page
    assert "上门理发" not in helper.page
    helper.presses("我来帮")
    assert "马秀兰" not in helper.page
    asker.opens("/h5/time").presses("请他来")
    helper.opens("/h5/time")
    assert "找 马秀兰 ,电话 13900000001" in helper.words
    assert "说明:上门理发" in helper.words
    assert "来帮忙的是 韩世杰" in asker.opens("/h5/time").words
    helper.presses("帮完了")
    asker.opens("/h5/time").presses("办好了,付时间")
    assert (balance(ma), balance(han)) == ((-60, 0), (60, 0))
    assert "欠1小时" in asker.words
    assert "互助:理发" in helper.opens("/h5/time/book").words
    assert "2026年的账" in helper.taps("2026年的账").words
    assert sound(ma.town)


def test_the_same_button_again_changes_nothing(asker: Visitor, ma: Phone, han: Phone) -> None:
    request = asked(ma)
    promised(han, request)
    for _ in range(2):
        asker.opens("/h5/time")
        asker.sends(f"/h5/time/requests/{request[1]}/cancel", once="same")
    assert (state(ma.town, request), balance(ma)) == ("cancelled", (0, 0))


def test_hours_are_given_from_a_page(helper: Visitor, han: Phone) -> None:
    assert not helper.opens("/h5/time/give").offers("送出去")
    earned(han, 90)
    helper.opens("/h5/time/give").presses("送出去", hours="2小时")
    assert helper.status == 409
    helper.opens("/h5/time/give").presses("送出去", hours="一个半小时")
    assert "送出去了" in helper.words
    assert balance(han) == (0, 0)


def test_an_offer_is_written_down_and_stopped(helper: Visitor) -> None:
    helper.opens("/h5/time/offer").presses("记下", category="读报", text="每周三有空")
    assert "我能帮:读报" in helper.words
    helper.presses("不再找我")
    assert "我能帮:读报" not in helper.words


def test_a_stranger_sees_and_moves_nothing_of_others(qi: Phone, ma: Phone, han: Phone) -> None:
    request = asked(ma, text="水龙头漏水")
    hand = promised(han, request)
    offer = does(han, actions.offer, "读报").id
    stranger = Visitor(qi.town, qi)
    for path in (
        f"/h5/time/requests/{request[1]}/confirm",
        f"/h5/time/requests/{request[1]}/cancel",
        f"/h5/time/promises/{hand[1]}/done",
        f"/h5/time/promises/{hand[1]}/withdraw",
        f"/h5/time/offers/{offer}/stop",
    ):
        assert stranger.sends(path, once="x").status == 404
    assert "马秀兰" not in stranger.opens("/h5/time").page
    assert "马秀兰" not in stranger.opens(f"/h5/time/station/{request[1]}").page
    unknown = Visitor(qi.town)
    unknown.opens("/h5/time")
    assert "我的时间" not in unknown.page
    assert state(ma.town, request) == "matched"
