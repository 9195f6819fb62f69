"""The invented broadcast of `make run` is as true as a real one: every invariant holds, and its pages are not empty."""

from __future__ import annotations

from handlers.broadcasts.seed import CODE
from tests.neighbours import Town
from tests.pages.visitors import Visitor
from tests.staff.clerks import clerk


def test_it_leaves_something_to_read_and_to_tell_and_breaks_nothing(sqlite_town: Town) -> None:
    sqlite_town.seed("people", "notices", "broadcasts", "matters", "staff")
    with sqlite_town.reading() as session:
        checks = [check for one in sqlite_town.site.house.features for check in one.invariants]
        assert [said for check in checks for said in check(session)] == []
    assert "今天下午停水,请先接水" in Visitor(sqlite_town).opens(f"/h5/b/{CODE}").words
    helper = clerk(sqlite_town, "desk", login="helper")
    helper.opens("/console/doors")
    assert "今天下午停水,请先接水" in helper.words
    helper.opens("/console/broadcasts/1/report")
    assert "本人不收公众号的消息" in helper.words


def test_a_house_without_residents_has_no_broadcast(sqlite_town: Town) -> None:
    sqlite_town.seed("broadcasts")
    helper = clerk(sqlite_town, "desk", login="helper")
    helper.opens("/console/doors")
    assert "没有要上门说的" in helper.words
