"""The pages of who is visited and of who comes: ordered by form, done by form, and nothing for strangers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.circle.conftest import a_provider, a_service, jobs_in, joined, linked, sound
from tests.circle.test_home import DOOR
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor

ADDRESSES = (
    ("GET", "/h5/circle/jobs/1"),
    ("POST", "/h5/circle/jobs/1/take-back"),
    ("POST", "/h5/circle/jobs/1/confirm"),
    ("POST", "/h5/circle/jobs/1/again"),
    ("GET", "/h5/circle/well/1"),
    ("POST", "/h5/circle/well/1"),
    ("GET", "/h5/circle/work"),
    ("GET", "/h5/circle/work/1"),
    ("POST", "/h5/circle/work/1/accept"),
    ("POST", "/h5/circle/work/1/decline"),
    ("POST", "/h5/circle/work/1/set-out"),
    ("POST", "/h5/circle/work/1/finish"),
    ("GET", "/h5/circle/work/days"),
    ("POST", "/h5/circle/work/days"),
)


@pytest.fixture
def ordered(sqlite_town: Town, ma: Phone) -> tuple[Visitor, Visitor]:
    """Who is visited, and who comes."""
    li = linked(sqlite_town, a_provider(sqlite_town, does=(a_service(sqlite_town),)))
    mine = Visitor(sqlite_town, ma)
    mine.opens("/h5/circle/home").taps("水电维修").presses(
        "叫师傅", half="2026-11-27 am", address=DOOR, note="滴水"
    )
    return mine, Visitor(sqlite_town, li)


def test_a_job_goes_from_order_to_yes_on_two_phones(
    sqlite_town: Town, ordered: tuple[Visitor, Visitor]
) -> None:
    mine, his = ordered
    assert "记下了,正在问师傅" in mine.words
    his.opens("/h5/circle/work").opens("/h5/circle/work/1")
    assert DOOR not in his.words
    his.presses("接这一单")
    assert DOOR in his.words
    assert "滴水" in his.words
    his.presses("我出门了").presses("记下做完", log="换了水龙头", minutes="40", yuan="30")
    assert "今天没有派给您的活" in his.words
    mine.opens("/h5/circle/jobs/1").presses("对,办好了")
    assert "办完了" in mine.words
    assert jobs_in(sqlite_town)[0].state == "closed"
    assert sound(sqlite_town) == []


def test_a_provider_takes_a_day_off_and_takes_it_back(ordered: tuple[Visitor, Visitor]) -> None:
    _, his = ordered
    assert his.opens("/h5/circle/work/days").presses("这些天不派我", first="2026-11-27").status == 409
    his.opens("/h5/circle/work/days").presses("这些天不派我", first="2026-11-30", last="2026-12-01")
    assert "12月1日(星期二)" in his.words
    his.presses("这天能出门了")
    assert "11月30日(星期一)" not in his.words


def test_what_is_missing_is_said_and_what_was_typed_stays(sqlite_town: Town, ma: Phone) -> None:
    a_provider(sqlite_town, does=(a_service(sqlite_town),))
    mine = Visitor(sqlite_town, ma)
    page = mine.opens("/h5/circle/home/1").presses("叫师傅", half="2026-11-27 am", address="", note="滴水")
    assert page.status == 409
    assert "请告诉我们门牌" in page.words
    assert "滴水" in page.page
    assert mine.opens("/h5/circle/home/99").status == 404


def test_a_stranger_finds_nothing_of_a_job(sqlite_town: Town, ordered: tuple[Visitor, Visitor]) -> None:
    other = Visitor(sqlite_town, joined(sqlite_town, "路人甲", "13900000009"))
    for method, path in ADDRESSES:
        page: Any = other.opens(path) if method == "GET" else other.sends(path, once="x", well="no")
        assert page.status == 404, path
        assert DOOR not in page.page
    assert jobs_in(sqlite_town)[0].state == "offered"


def test_a_provider_does_nothing_with_the_job_of_another(
    sqlite_town: Town, ordered: tuple[Visitor, Visitor]
) -> None:
    chen = linked(sqlite_town, a_provider(sqlite_town, "陈师傅"), "陈德全", "13900002002")
    theirs = Visitor(sqlite_town, chen)
    assert theirs.opens("/h5/circle/work/1").status == 404
    assert theirs.sends("/h5/circle/work/1/accept", once="x").status == 404
