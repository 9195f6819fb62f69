"""Wishes as pages: cards without a person, one said in a box, a promise, and each next step; twice is once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from handlers.people import actions as people
from handlers.wishes import actions
from models.wishes import Claim, Wish
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.wishes.conftest import STICK, acts, claimed, only, published, said, sound, state


@pytest.fixture
def wisher(sqlite_town: Town, ma: Phone) -> Visitor:
    return Visitor(sqlite_town, ma)


@pytest.fixture
def claimer(sqlite_town: Town, han: Phone) -> Visitor:
    return Visitor(sqlite_town, han)


def count(town: Town, table: Any) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_wish_is_said_in_one_box_and_waits_for_the_staff(wisher: Visitor) -> None:
    wisher.opens("/h5/wishes/say")
    assert "谁看得到什么" in wisher.words
    assert "就是同意我们记下来办" in wisher.words
    wisher.presses("许下心愿", text="想要一根拐杖")
    assert "心愿收到了" in wisher.words
    assert "想要一根拐杖" in wisher.words
    assert (only(wisher.town).state, only(wisher.town).channel) == ("said", "page")
    assert Visitor(wisher.town).opens("/h5/wishes").words.count("拐杖") == 0


def test_it_is_said_for_a_neighbour_too(wisher: Visitor) -> None:
    wisher.sends("/h5/wishes/say", text="想要一根拐杖", whose="other", name="冶生兰", tie="邻居", once="k")
    assert only(wisher.town).helped_name == "冶生兰"
    wisher.sends("/h5/wishes/say", text="想要一根拐杖", whose="other", name="x", once="k2")
    assert "姓名是2到15个汉字" in wisher.words
    assert "x" in wisher.page


def test_the_same_form_again_is_one_wish(wisher: Visitor) -> None:
    for _ in range(3):
        wisher.sends("/h5/wishes/say", text="想要一根拐杖", whose="me", once="same")
        assert "心愿收到了" in wisher.words
    assert count(wisher.town, Wish) == 1


@pytest.mark.parametrize(("words", "told"), [("拐杖", "太短了"), ("要" * 101, "100")])
def test_what_is_too_short_or_too_long_stays_in_the_box(wisher: Visitor, words: str, told: str) -> None:
    wisher.sends("/h5/wishes/say", text=words, whose="me", once="k")
    assert told in wisher.words
    assert words in wisher.page
    assert count(wisher.town, Wish) == 0


def test_a_cry_for_help_is_no_wish(wisher: Visitor) -> None:
    wisher.sends("/h5/wishes/say", text="我不想活了,想死", whose="me", once="k")
    assert "12356" in wisher.words
    assert count(wisher.town, Wish) == 0


def test_cards_show_what_is_needed_and_nobody(sqlite_town: Town, ma: Phone) -> None:
    published(sqlite_town, STICK, "一个孩子想要彩笔")
    page = Visitor(sqlite_town).opens("/h5/wishes")
    assert STICK in page.words
    assert "马秀兰" not in page.page


def test_a_promise_names_its_rules_and_twice_is_once(claimer: Visitor) -> None:
    published(claimer.town, STICK)
    claimer.opens("/h5/wishes").taps(STICK)
    assert "不超过200元" in claimer.words
    assert "11月30日" in claimer.words
    form, _ = claimer.form_of("我来认领")
    for _ in range(2):
        claimer.sends(form.action, **form.values)
        assert "您认领了" in claimer.words
    claimer.sends(form.action, once="another")
    assert "您认领了" in claimer.words
    assert count(claimer.town, Claim) == 1
    assert sound(claimer.town)


def test_one_that_was_taken_shows_others_and_ones_own_is_not_promised(
    sqlite_town: Town, wisher: Visitor, claimer: Visitor
) -> None:
    first, second = published(sqlite_town, STICK, "一个孩子想要彩笔")
    acts(sqlite_town, sqlite_town.phone("祁生华"), actions.claim, (Wish, first))
    claimer.sends(f"/h5/wishes/{first}/claim", once="k")
    assert claimer.status == 409
    assert "一个孩子想要彩笔" in claimer.words
    wisher.sends(f"/h5/wishes/{second}/claim", once="k")
    assert wisher.status == 409
    assert state(sqlite_town, second) == "public"


def test_two_promises_are_enough(claimer: Visitor) -> None:
    numbers = published(claimer.town, STICK, "一个孩子想要彩笔", "想请人换灯泡")
    for number in numbers[:2]:
        claimer.sends(f"/h5/wishes/{number}/claim", once="k")
    claimer.sends(f"/h5/wishes/{numbers[2]}/claim", once="k")
    assert claimer.status == 409
    assert state(claimer.town, numbers[2]) == "public"


def test_the_whole_way_is_on_the_page_with_its_days(
    sqlite_town: Town, wisher: Visitor, claimer: Visitor
) -> None:
    wish, _ = claimed(sqlite_town)
    wisher.opens("/h5/wishes/mine")
    assert "有邻居认领了,最晚11月30日" in wisher.words
    claimer.opens("/h5/wishes/mine").presses("再要7天")
    assert "续好了" in claimer.words
    assert "12月7日" in claimer.words
    assert not claimer.offers("再要7天")
    claimer.presses("办好了")
    wisher.opens("/h5/wishes/mine").presses("还没办好")
    assert state(sqlite_town, wish) == "claimed"
    claimer.opens("/h5/wishes/mine").presses("办好了")
    wisher.opens("/h5/wishes/mine").presses("收到了,办成了")
    wisher.presses("转给他", text="谢谢您")
    assert "工作人员看过就转给他" in wisher.words
    assert (only(sqlite_town).state, only(sqlite_town).thanks) == ("confirmed", "谢谢您")
    assert sound(sqlite_town)


def test_what_cannot_be_kept_is_given_back_and_what_is_not_wanted_withdrawn(
    sqlite_town: Town, wisher: Visitor, claimer: Visitor
) -> None:
    wish, _ = claimed(sqlite_town)
    claimer.opens("/h5/wishes/mine").presses("退回,让别人来办")
    assert state(sqlite_town, wish) == "public"
    wisher.opens("/h5/wishes/mine").presses("收回")
    assert state(sqlite_town, wish) == "withdrawn"


def test_the_same_button_again_changes_nothing(sqlite_town: Town, wisher: Visitor) -> None:
    number = said(sqlite_town, sqlite_town.phone("马秀兰"))
    for once in ("a", "b"):
        wisher.sends(f"/h5/wishes/mine/{number}/withdraw", once=once)
        assert "收回了" in wisher.words
    wisher.sends(f"/h5/wishes/mine/{number}/confirm", once="c")
    assert wisher.status == 409


def test_a_stranger_moves_nothing_of_others(sqlite_town: Town, wisher: Visitor, claimer: Visitor) -> None:
    wish, claim = claimed(sqlite_town)
    hidden = said(sqlite_town, sqlite_town.phone("马秀兰"), "还没有公开的一个心愿")
    stranger = Visitor(sqlite_town, sqlite_town.phone("路人"))
    for step in ("withdraw", "confirm", "not-yet", "thank"):
        assert stranger.sends(f"/h5/wishes/mine/{wish}/{step}", once=step).status == 404
    for step in ("renew", "give-back", "done"):
        assert stranger.sends(f"/h5/wishes/promised/{claim}/{step}", once=step).status == 404
    assert stranger.opens(f"/h5/wishes/{hidden}").status == 404
    assert stranger.sends(f"/h5/wishes/{hidden}/claim", once="k").status == 404
    assert "还没有公开" not in stranger.opens("/h5/wishes").page
    assert Visitor(sqlite_town).sends(f"/h5/wishes/{wish}/claim", once="k").status == 403
    assert state(sqlite_town, wish) == "claimed"


def test_who_took_consent_back_hears_so_before_they_write(
    sqlite_town: Town, wisher: Visitor, ma: Phone
) -> None:
    said(sqlite_town, ma)
    sqlite_town.writing(lambda s: people.withdraw_consent(ma.actor(s), "service"))
    wisher.opens("/h5/wishes/say")
    assert "要您同意“登记办事”才能办" in wisher.words
    assert "<textarea" not in wisher.page
