"""Two members of staff before the same thing at once (trust F28): one saves, the other learns who and what, and nothing
that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.overload import TURNED_AWAY
from handlers.desk import quick
from models.base import Base
from models.desk import QuickReply
from models.identity import Actor
from models.plans import Service
from models.staff import StaffMember
from models.windows import HallWindow
from tests.neighbours import Town
from tests.races import at_once
from tests.staff.clerks import Clerk, clerk

OPENED = re.compile(r'name="opened" value="([^"]+)"')


def opens(clerk: Clerk, address: str) -> dict[str, str]:
    """The hidden field that a browser sends back."""
    clerk.opens(address)
    found = OPENED.search(clerk.page)
    assert found, "the editor says when it was opened"
    return {"opened": found[1]}


def a_quick_reply(session: Session) -> Base:
    return quick.add(Actor(session, channel="job"), "带证", "请带身份证。")


def a_window(session: Session) -> Base:
    service = Service(
        kind="hall", name="老年证", summary="满60岁可以办。", place="大厅", provider="社区", phone="0971"
    )
    window = HallWindow(name="1号窗口", services=[service])
    session.add(window)
    return window


EDITORS: dict[str, tuple[Callable[[Session], Base], str, dict[str, str], str]] = {
    "quick reply": (a_quick_reply, "/console/talks/quick/{}", {"text": "请带户口本。"}, "title"),
    "window": (a_window, "/console/hall/windows/{}", {"services": "1"}, "name"),
}


@pytest.mark.parametrize("kind", list(EDITORS))
def test_f28_who_saves_second_learns_who_and_what_and_may_save_again(sqlite_town: Town, kind: str) -> None:
    make, address, more, named = EDITORS[kind]
    first = clerk(sqlite_town, "desk", login="first", name="马干事")
    second = clerk(sqlite_town, "desk", login="second", name="王干事")
    path = address.format(sqlite_town.writing(lambda session: number_of(session, make)))
    seen = {one: opens(one, path) for one in (first, second)}
    assert first.sends(path, **{named: "甲写的"}, **more, **seen[first]).status_code == 302
    told = second.sends(path, **{named: "乙写的"}, **more, **seen[second])
    assert told.status_code == 200
    assert "马干事" in second.words
    assert "已经存过" in second.words
    assert 'value="乙写的"' in second.page, "what was typed is still there"
    assert "甲写的" in first.opens(path).text
    again = {"opened": OPENED.search(second.page)[1]}  # type: ignore[index]
    assert second.sends(path, **{named: "乙写的"}, **more, **again).status_code == 302
    assert "乙写的" in first.opens(path).text
    stale = first.sends(path, **{named: "甲又写"}, **more, **seen[first])
    assert "王干事" in first.words
    assert stale.status_code == 200


def number_of(session: Session, make: Callable[[Session], Base]) -> int:
    made: Any = make(session)
    session.flush()
    return int(made.id)


def test_f28_of_two_at_the_same_moment_exactly_one_is_told(town: Town) -> None:
    number = town.writing(lambda session: number_of(session, a_quick_reply))
    path = f"/console/talks/quick/{number}"
    clerks = [clerk(town, "desk", login=login, name=login) for login in ("ma", "wang")]
    seen = [opens(one, path) for one in clerks]

    def save(place: int) -> int:
        return clerks[place].sends(path, title=f"第{place}份", text="您好。", **seen[place]).status_code

    assert sorted(at_once([lambda place=place: save(place) for place in (0, 1)])) == [200, 302]


def test_f28_of_two_who_switch_an_account_at_once_the_roles_are_one_persons_choice(sqlite_town: Town) -> None:
    chiefs = [clerk(sqlite_town, "admin", login=login, name=login) for login in ("jia", "yi")]
    clerk(sqlite_town, "desk", login="ma", name="马干事")
    with sqlite_town.reading() as session:
        number = session.scalars(select(StaffMember.id).where(StaffMember.login == "ma")).one()
    path = f"/console/accounts/{number}"
    seen = [opens(one, path) for one in chiefs]
    assert chiefs[0].sends(path, roles=["leader"], **seen[0]).status_code == 302
    assert chiefs[1].sends(path, roles=["grid"], **seen[1]).status_code == 200
    assert "改角色" in chiefs[1].words
    with sqlite_town.reading() as session:
        assert session.get_one(StaffMember, number).roles == ["leader"]


def test_f28_looking_is_no_saving_and_ones_own_second_save_is_none_either(sqlite_town: Town) -> None:
    number = sqlite_town.writing(lambda session: number_of(session, a_quick_reply))
    path = f"/console/talks/quick/{number}"
    one, other = clerk(sqlite_town, "desk", login="one"), clerk(sqlite_town, "desk", login="other")
    seen = opens(one, path)
    opens(other, path)
    for title in ("第一次", "又一次"):
        assert one.sends(path, title=title, text="您好。", **seen).status_code == 302
    with sqlite_town.reading() as session:
        assert session.scalars(select(QuickReply.title)).one() == "又一次"
        assert session.scalars(select(HallWindow)).all() == session.scalars(select(Service)).all() == []


def test_who_is_turned_away_by_a_crowd_tries_the_same_page_again(sqlite_town: Town) -> None:
    """Who it is was not asked, so nobody who is signed in is sent to the door."""
    wang = clerk(sqlite_town, "desk", login="wang")
    answer = wang.opens("/console/appointments?day=2026-11-24", environ_overrides={TURNED_AWAY: True})
    assert answer.status_code == 503
    assert 'href="/console/appointments?day=2026-11-24">再试一次</a>' in wang.page
    assert "去登录" not in wang.page
