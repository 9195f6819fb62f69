"""Petitions at the console: only for whoever receives them, without a word in the list, and not for whom it is about."""

from __future__ import annotations

from tests.petitions.conftest import MATTER, books, petitions
from tests.staff.clerks import Clerk, clerk


def test_the_list_and_today_show_numbers_and_days_but_no_words(sun: Clerk) -> None:
    books(sun.town.phone("马秀兰"), way="1")
    [row] = petitions(sun.town)
    sun.opens("/console/petitions")
    assert row.number in sun.words
    assert "12月11日" in sun.words
    sun.opens("/console/")
    assert row.number in sun.words
    for address in ("/console/petitions", "/console/"):
        sun.opens(address)
        assert "拆迁" not in sun.page
        assert "139971" not in sun.page


def test_b16_nobody_else_sees_that_there_is_one(sun: Clerk) -> None:
    books(sun.town.phone("马秀兰"))
    [row] = petitions(sun.town)
    for role in ("desk", "approver", "admin", "auditor", "grid"):
        other = clerk(sun.town, role, login=role)
        assert other.opens("/console/petitions").status_code == 403
        other.opens("/console/")
        assert row.number not in other.page


def test_for_the_colleague_whom_it_is_about_it_is_not_there(sun: Clerk) -> None:
    sun.town.phone("马秀兰").says("约接访", "2", MATTER, "2", "孙专员", "1", "1", "1", "1")
    [row] = petitions(sun.town)
    zhou = clerk(sun.town, "petitions", login="zhou", name="周专员")
    sun.opens("/console/petitions")
    assert row.number not in sun.page
    zhou.opens("/console/petitions")
    assert row.number in zhou.page


def test_where_every_officer_is_named_those_for_urgent_help_see_it(sun: Clerk) -> None:
    sun.town.phone("马秀兰").says("约接访", "2", MATTER, "2", "孙专员", "1", "1", "1", "1")
    [row] = petitions(sun.town)
    zhao = clerk(sun.town, "care", login="zhao", name="赵老师")
    zhao.opens("/console/petitions")
    assert row.number in zhao.page
    books(sun.town.phone("韩建国"), "物业乱收费,说了半年没有人管")
    zhao.opens("/console/petitions")
    assert petitions(sun.town)[1].number not in zhao.page, "an officer is left for this one"
