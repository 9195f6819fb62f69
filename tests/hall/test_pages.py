"""The hall on the phone's pages: how many wait, a number, where it stands, here, waiting no more."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from app import clock
from bench.city.watch import Watch
from models.plans import ClosedTime, SpecialDay
from tests.appointments.desk import MONDAY, booked
from tests.hall.windows import calls, hall, sits, states, walk_in
from tests.neighbours import Phone
from tests.pages.visitors import Visitor


@pytest.fixture
def visitor(ma: Phone) -> Visitor:
    hall(ma.town)
    return Visitor(ma.town, ma)


def test_everybody_sees_how_many_wait_before_they_walk_there(visitor: Visitor) -> None:
    walk_in(visitor.town, 1)
    page = visitor.town.client.get("/h5/hall").text
    assert "等 1 位,大约上午9点45分" in page
    assert "约好的人到点先叫,其余按取号先后" in page


def test_a_number_is_taken_looked_at_and_given_back(visitor: Visitor) -> None:
    walk_in(visitor.town, 1)
    visitor.opens("/h5/hall").taps("老年证")
    assert "前面还有 1 位" in visitor.words
    assert "同意" in visitor.words
    visitor.presses("取号")
    assert "2 号" in visitor.words
    assert "前面还有 1 位" in visitor.words
    visitor.opens("/h5/hall/services/1").presses("取号")
    assert "已经有 2 号了" in visitor.words
    visitor.opens("/h5/hall/mine").presses("不等了,退掉 2 号")
    assert "号退掉了" in visitor.words
    assert states(visitor.town) == {1: "waiting", 2: "left"}


def test_who_scans_the_code_at_the_door_says_that_they_are_here(visitor: Visitor, monday: Any) -> None:
    booked(visitor.town, MONDAY, "10:30")
    visitor.opens("/h5/hall/mine")
    assert "上午10点30分 老年证" in visitor.words
    visitor.presses("我到大厅了")
    assert "1 号" in visitor.words
    assert "到点先叫" in visitor.words
    sits(visitor.town)
    calls(visitor.town)
    visitor.opens("/h5/hall/mine")
    assert "叫到您了,请到2号窗口" in visitor.words


def test_a_closed_service_offers_a_time_instead_of_a_number(visitor: Visitor, monday: Any) -> None:
    monday.shift(timedelta(hours=2))
    visitor.opens("/h5/hall")
    assert "现在不放号" in visitor.words
    visitor.opens("/h5/hall/services/1")
    assert "来不及了" in visitor.words
    visitor.taps("约个时间")
    assert "老年证" in visitor.words


def test_the_hall_is_asked_about_once_however_many_services_it_has(visitor: Visitor, monday: Any) -> None:
    town, counted = visitor.town, []
    watch = Watch(town.site.database.engine)
    for more in (1, 6):
        window = f"{more}号厅"
        for number in hall(town, *(f"证明{more}{at}" for at in range(more)), window=window):
            walk_in(town, number)
        visitor.opens("/h5/hall")
        with watch.path("hall"):
            visitor.opens("/h5/hall")
        counted.append(watch.count)
    assert visitor.words.count("等 6 位") == 6
    assert counted[0] == counted[1] < 16


def test_what_differs_today_counts_for_whom_it_is_meant(visitor: Visitor, monday: Any) -> None:
    """Three services: one keeps the house's days, one does not, one has a day of its own."""
    town = visitor.town
    own, _ = hall(town, "自己的日子", "不看日历", window="3号窗口", keeps_office_days=False)
    hours = {"starts": clock.at(MONDAY, time(9)), "ends": clock.at(MONDAY, time(9, 45))}
    town.writing(lambda s: s.add(ClosedTime(reason="停电", **hours)))
    words = visitor.opens("/h5/hall").words
    assert words.count("现在不放号") == 1
    town.writing(lambda s: s.add(SpecialDay(service_id=own, day=MONDAY, kind="closed")))
    town.writing(lambda s: s.add(SpecialDay(day=MONDAY, kind="closed")))
    words = visitor.opens("/h5/hall").words
    assert words.count("现在不放号") == 2
    assert "现在没有人等" in words[words.index("不看日历") :][:30]
