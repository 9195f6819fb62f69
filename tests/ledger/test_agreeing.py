"""A yes is not enough: the asker says who may come, and only then both see each other's phone and the door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from handlers.ledger import actions
from handlers.people import actions as people
from models.exchange import ExchangeHand
from models.ledger_lists import unagreed
from models.places import Grid, Place
from tests.ledger.conftest import (
    asked,
    balance,
    desk,
    does,
    promised,
    refused,
    said_yes,
    sent,
    sound,
    staff_does,
    state,
)
from tests.neighbours import Phone
from tests.pages.visitors import Visitor
from tests.staff.clerks import clerk


def test_a_stranger_who_typed_a_phone_gets_no_door_by_saying_yes(ma: Phone, han: Phone) -> None:
    request = asked(ma, text="水龙头漏水")
    hand = said_yes(han, request)
    for told in (han.says("我的时间", "1"), Visitor(han.town, han).opens("/h5/time").page):
        assert "13900000001" not in told
        assert "马秀兰" not in told
        assert "漏水" not in told
    with refused("not_agreed"):
        does(han, actions.mark_done, hand)
    assert len(sent(ma.town, "may_come")) == 1
    assert sent(ma.town, "promised") == []


def test_the_asker_sees_who_it_is_and_says_one_or_two(ma: Phone, han: Phone, qi: Phone) -> None:
    request = asked(ma)
    said_yes(han, request)
    asks = ma.says("我的时间", "1")
    assert "韩世杰" in asks
    assert "登记过" in asks
    assert "13900000002" not in asks
    assert "知道了" in ma.says("2", "1")
    assert (state(ma.town, request), len(sent(ma.town, "declined"))) == ("asked", 1)
    said_yes(qi, request)
    assert "电话13900000003" in ma.says("我的时间", "1", "1", "1")
    assert "找马秀兰,电话13900000001" in qi.says("我的时间", "1")
    assert len(sent(ma.town, "agreed")) == 1
    assert sound(ma.town)


def test_who_is_in_the_register_is_said_to_be_known(ma: Phone, han: Phone) -> None:
    def moves_in(session: Any) -> None:
        people_of = han.actor(session)
        place = Place(kind="committee", name="东关社区")
        estate = Place(kind="estate", name="东府佳苑", parent=place)
        building = Place(
            kind="building", name="3号楼", parent=estate, own_grid=Grid(name="第一网格", worker="冶干事")
        )
        session.add_all([place, estate, building])
        session.flush()
        people_of.me.place = building
        staff = desk(session)
        people.make_household(staff, building, "301", people_of.me)

    han.town.writing(moves_in)
    said_yes(han, asked(ma))
    told = ma.says("我的时间", "1")
    assert "韩世杰(东府佳苑,社区核实过)" in told
    assert "3号楼" not in told


def test_neighbours_who_have_helped_each_other_need_no_second_word(ma: Phone, han: Phone) -> None:
    first = asked(ma)
    does(han, actions.mark_done, promised(han, first))
    does(ma, actions.confirm, first)
    said_yes(ma, asked(han, minutes=30))
    assert "找韩世杰" in ma.says("我的时间", "1")
    assert len(sent(ma.town, "may_come")) == 1


def test_the_desk_that_matches_has_asked_both(ma: Phone, han: Phone) -> None:
    request = asked(ma)

    def matches(by: Any, row: Any) -> None:
        actions.match(by, row, han.actor(by.session).me)

    staff_does(ma.town, matches, request)
    assert "找马秀兰" in han.says("我的时间", "1")


def test_the_desk_matches_somebody_who_had_said_yes_already(ma: Phone, han: Phone) -> None:
    request = asked(ma, hands=2)
    said_yes(han, request)

    def matches(by: Any, row: Any) -> None:
        actions.match(by, row, han.actor(by.session).me)

    staff_does(ma.town, matches, request)
    assert "找马秀兰" in han.says("我的时间", "1")
    assert len(sent(ma.town, "agreed")) == 1


def test_after_a_day_of_silence_or_when_it_is_urgent_the_desk_is_told(
    ma: Phone, han: Phone, qi: Phone, monday: time_machine.Coordinates
) -> None:
    def waiting() -> list[int]:
        with ma.town.reading() as session:
            return [row.id for row in session.scalars(unagreed())]

    soon = asked(ma)
    later = asked(ma, "读报", 30, day=timedelta(days=9))
    said_yes(han, soon)
    hand = said_yes(qi, later)
    assert waiting() == [soon[1]]
    monday.shift(timedelta(hours=25))
    assert waiting() == [soon[1], later[1]]
    wang = clerk(ma.town, "desk", login="wang")
    assert "等本人点头" in wang.opens("/console/time?which=nod").text
    wang.opens(f"/console/time/{later[1]}")
    wang.sends(f"/console/time/hands/{hand[1]}/agree")
    assert waiting() == [soon[1]]
    assert "找马秀兰" in qi.says("我的时间", "1")


def test_nobody_else_agrees(ma: Phone, han: Phone, qi: Phone) -> None:
    hand = said_yes(han, asked(ma))
    for phone in (qi, han):
        for action in (actions.agree, actions.decline):
            with refused("not_yours"):
                does(phone, action, hand)
        for step in ("agree", "decline"):
            assert (
                Visitor(phone.town, phone).sends(f"/h5/time/hands/{hand[1]}/{step}", once="x").status == 404
            )
    does(ma, actions.agree, hand)
    does(ma, actions.agree, hand)
    with refused("not_now"):
        does(ma, actions.decline, hand)
    assert len(sent(ma.town, "agreed")) == 1


def test_the_door_is_shown_until_a_day_after_it_was_done(
    ma: Phone, han: Phone, monday: time_machine.Coordinates
) -> None:
    hand = promised(han, asked(ma))
    does(han, actions.mark_done, hand)
    monday.shift(timedelta(hours=23))
    assert "找马秀兰" in han.says("我的时间", "1")
    monday.shift(timedelta(hours=2))
    assert "13900000001" not in han.says("我的时间", "1")
    assert "13900000002" not in ma.says("我的时间", "1")
    assert balance(han) == (0, 0)


def test_of_a_promise_that_nobody_kept_the_door_is_shown_for_two_days(
    ma: Phone, han: Phone, monday: time_machine.Coordinates
) -> None:
    promised(han, asked(ma))
    monday.shift(timedelta(hours=38))
    assert "找马秀兰" in han.says("我的时间", "1")
    monday.shift(timedelta(hours=2))
    assert "找马秀兰" not in han.says("我的时间", "1")


def test_on_a_page_it_is_one_button(ma: Phone, han: Phone) -> None:
    said_yes(han, asked(ma))
    asker = Visitor(ma.town, ma).opens("/h5/time")
    assert "韩世杰" in asker.words
    assert "13900000002" not in asker.page
    asker.presses("请他来")
    assert "13900000002" in asker.page


def test_the_yes_is_taken_back_before_the_asker_hears_of_it(ma: Phone, han: Phone) -> None:
    hand = said_yes(han, asked(ma))
    does(han, actions.withdraw_hand, hand)
    assert [one.state for one in sent(ma.town, "may_come", "cancelled")] == ["cancelled"]
    with ma.town.reading() as session:
        assert session.scalars(select(ExchangeHand.state)).one() == "withdrawn"


@pytest.mark.parametrize("step", ["agree", "decline"])
def test_a_hand_that_has_ended_waits_for_no_word(ma: Phone, han: Phone, step: str) -> None:
    hand = said_yes(han, asked(ma))
    does(han, actions.withdraw_hand, hand)
    with refused("not_now"):
        does(ma, getattr(actions, step), hand)
