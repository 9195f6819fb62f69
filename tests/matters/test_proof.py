"""Really done: a picture afterwards, a colleague's look, the question weeks later, the bell for what is late."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.matters import actions, jobs
from models.duty import DutyBell, StaffLeave
from models.identity import Actor
from models.matters import Matter
from models.refusal import Refusal
from tests.matters.conftest import (
    build,
    count,
    does,
    given,
    house,
    joined,
    matter,
    member,
    refused,
    said,
    sent,
    sound,
)
from tests.matters.test_console import grid_worker
from tests.matters.test_rules import picture
from tests.matters.test_twins import rules
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.staff.clerks import clerk


@pytest.fixture
def ruled(sqlite_town: Town, ma: Phone) -> Town:
    rules(sqlite_town)
    return sqlite_town


def by_colleague(town: Town, login: str, action: Any, number: int, *more: Any, **facts: Any) -> None:
    def unit(session: Session) -> None:
        by = Actor(session, staff=member(session, "desk", login=login), channel="console")
        action(by, session.get_one(Matter, number), *more, **facts)

    town.writing(unit)


def fixed(town: Town, ma: Phone) -> int:
    number = said(town, ma)
    given(town, number)
    does(town, actions.finish, number, "换好了", after=actions.clean_photo(picture()))
    return number


def test_a_lamp_is_not_done_without_a_picture_or_a_reason(ruled: Town, ma: Phone) -> None:
    number = said(ruled, ma)
    given(ruled, number)
    with refused("needs_after"):
        does(ruled, actions.finish, number, "换好了")
    assert matter(ruled).state == "assigned"
    does(ruled, actions.finish, number, "换好了", why_none="夜里拍不清")
    assert matter(ruled).state == "done"


def test_nobody_vouches_for_their_own_work(ruled: Town, ma: Phone, monday: time_machine.Coordinates) -> None:
    number = fixed(ruled, ma)
    for action in (actions.check, actions.confirm):
        with refused("own_work"):
            does(ruled, action, number)
    monday.shift(timedelta(days=31))
    assert ruled.writing(lambda s: jobs.close_old(house(s))) == "0 closed", "nobody has looked"
    by_colleague(ruled, "zhao", actions.check, number)
    with refused("not_now"):
        by_colleague(ruled, "li", actions.check, number)
    assert ruled.writing(lambda s: jobs.close_old(house(s))) == "1 closed"


def test_two_colleagues_who_check_at_once_check_it_once(town: Town) -> None:
    build(town)
    rules(town)
    number = fixed(town, joined(town, "马秀兰", "13900000001"))
    for login in ("li", "zhao"):
        town.writing(lambda s, one=login: member(s, "desk", login=one))

    def checks(login: str) -> str:
        try:
            by_colleague(town, login, actions.check, number)
        except Refusal as why:
            return why.code
        return login

    ended = at_once([lambda: checks("li"), lambda: checks("zhao")])
    assert sorted(one == "matters.not_now" for one in ended) == [False, True]


def test_it_is_opened_again_or_closed_never_both(town: Town) -> None:
    build(town)
    rules(town)
    ma = joined(town, "马秀兰", "13900000001")
    number = fixed(town, ma)

    def one(action: Any) -> str:
        try:
            does(town, action, number, by=ma)
        except Refusal as why:
            return why.code
        return "done"

    at_once([lambda: one(actions.reopen), lambda: one(actions.confirm)])
    assert matter(town, number).state in ("assigned", "closed")
    assert sound(town)


def test_weeks_later_it_is_asked_once_and_no_opens_the_same_number(
    ruled: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = fixed(ruled, ma)
    does(ruled, actions.confirm, number, by=ma)
    asks = lambda: ruled.writing(lambda s: jobs.ask_whether_well(house(s)))  # noqa: E731
    monday.shift(timedelta(days=13))
    assert asks() == "0 asked"
    monday.shift(timedelta(days=2))
    assert (asks(), asks()) == ("1 asked", "0 asked")
    assert sent(ruled)[-1] == "matters.still_well"
    assert "哪一件没解决" in ma.says("没好")
    assert "又办起来了" in ma.says("1", "又黑了")
    assert matter(ruled).state == "assigned"
    assert sound(ruled)


def test_who_does_not_want_to_be_asked_is_not(
    ruled: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    fixed(ruled, ma)
    assert "不再问您" in ma.says("不用问了")
    monday.shift(timedelta(days=15))
    assert ruled.writing(lambda s: jobs.ask_whether_well(house(s))) == "0 asked"
    ma.says("可以问我")
    assert ruled.writing(lambda s: jobs.ask_whether_well(house(s))) == "1 asked"


def test_what_is_late_rings_once_a_day(ruled: Town, ma: Phone, monday: time_machine.Coordinates) -> None:
    said(ruled, ma, "厨房水管漏水了")
    monday.shift(timedelta(days=2))
    assert matter(ruled).light == "red", "not given to anybody on the next working day"
    for expected in ("1 late", "0 late"):
        assert ruled.writing(lambda s: jobs.tell_of_late(house(s))).startswith(expected)
    with ruled.reading() as session:
        assert session.scalar(select(func.count()).select_from(DutyBell)) == 1


def test_who_is_away_hands_over_and_gets_it_back(
    ruled: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = said(ruled, ma)
    given(ruled, number, "li")

    def goes(session: Session) -> None:
        li, zhao = member(session, "desk", login="li"), member(session, "desk", login="zhao")
        session.add(
            StaffLeave(staff=li, deputy=zhao, first_day=date(2026, 11, 24), last_day=date(2026, 11, 25))
        )

    ruled.writing(goes)
    owners = []
    for days in (0, 1, 2):
        monday.shift(timedelta(days=days))
        ruled.writing(lambda s: jobs.take_from_those_who_left(house(s)))
        owner = matter(ruled).owner
        owners.append(owner.login if owner else None)
    assert owners == ["li", "zhao", "li"]


def test_a_lamp_goes_straight_to_the_worker_of_its_grid(ruled: Town, ma: Phone) -> None:
    grid_worker(ruled, 3, "grid3")
    said(ruled, ma)
    one = matter(ruled)
    assert (one.state, one.owner and one.owner.login) == ("assigned", "grid3")
    assert "有人管了" in ma.says("我说的事")
    assert sound(ruled)


def test_a_picture_is_seen_when_the_desk_lets_it(ruled: Town, ma: Phone) -> None:
    worker = grid_worker(ruled, 3, "grid3")
    number = said(ruled, ma, photo=actions.clean_photo(picture()))
    sends = {"words": "灯换好了", "after": (BytesIO(picture()), "after.jpg")}
    worker.sends(f"/console/matters/{number}/say/finish", follow=True, words="灯换好了")
    assert "要有照片" in worker.words
    worker.opens(f"/console/matters/{number}")
    worker.sends(f"/console/matters/{number}/say/finish", **sends)
    done = matter(ruled)
    assert (done.state, [one.what for one in done.photos]) == ("done", ["before", "after"])
    before, after = (f"/h5/matters/{number}/photos/{one.id}" for one in done.photos)
    mine, han = Visitor(ruled, ma), Visitor(ruled, joined(ruled, "韩世杰", "13900000002"))
    assert [mine.client.get(one).status_code for one in (before, after)] == [200, 404]
    assert han.client.get(before).status_code == 404
    wang = clerk(ruled, "desk", login="wang")
    wang.sends(f"/console/matters/{number}/photos/{done.photos[1].id}/show", follow=True)
    assert "居民看得到" in wang.words
    assert mine.client.get(after).status_code == 200
    assert "办好以后" in mine.opens(f"/h5/matters/{number}").page
    worker.sends(f"/console/matters/{number}/check", answer="yes", follow=True)
    assert "自己办的事" in worker.words
    wang.sends(f"/console/matters/{number}/check", answer="yes", follow=True)
    assert "核实过了" in wang.words
    for which in ("check", "late", "done"):
        assert wang.opens(f"/console/matters?which={which}").status_code == 200
    again = {"text": "又黑了", "photo": (BytesIO(picture()), "now.jpg")}
    mine.sends(f"/h5/matters/{number}/unsolved", **again)
    assert (matter(ruled).state, count(ruled)) == ("assigned", 1)
    assert len(matter(ruled).photos) == 3


def test_what_is_seeded_has_an_owner_and_a_time(sqlite_town: Town) -> None:
    sqlite_town.seed("people", "matters")
    assert sound(sqlite_town)
