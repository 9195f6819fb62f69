"""没有送到的人: told at the door, grid by grid; ticked off once, whoever is quicker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from handlers import broadcasts as feature
from handlers.broadcasts import doors
from handlers.people import actions as people
from models.broadcasts import BroadcastRecipient
from models.identity import Actor
from models.knocks import waiting
from models.refusal import Refusal
from tests.broadcasts import sent
from tests.broadcasts.sent import TITLE
from tests.browsers import serving, signs_in
from tests.matters.conftest import build, house, joined
from tests.matters.test_console import grid_worker
from tests.neighbours import Town, frozen
from tests.races import at_once
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def thursday() -> Iterator[Any]:
    with frozen("2026-11-26 10:00") as moved:
        yield moved


NEIGHBOURS = (
    ("马秀兰", 1, "paper"),
    ("王德福", 1, "failed"),
    ("才让卓玛", 3, "unknown"),
    ("韩世杰", 3, "submitted"),
)


def lay_down(town: Town, **other: Any) -> tuple[int, dict[str, int]]:
    """Three of four were not reached: two of building 1, one of building 3. The broadcast and everybody's row."""
    build(town)
    number, rows = sent.broadcast(town, **other), {}
    for position, (name, building, standing) in enumerate(NEIGHBOURS):
        joined(town, name, f"1390000000{position}", building)
        rows[name] = sent.to(town, number, sent.person_of(town, name), standing)
    return number, rows


def live_together(town: Town, door: str, *names: str) -> None:
    def unit(session: Session) -> None:
        ones = [town.phone(name).person(session) for name in names]
        assert ones[0].place is not None
        home = people.make_household(house(session), ones[0].place, door, ones[0])
        for one in ones[1:]:
            people.add_member(house(session), home, one, "spouse")

    town.writing(unit)


def path(number: int, row: int | None = None) -> str:
    return f"/console/broadcasts/{number}/doors" + (f"/{row}" if row else "")


def test_the_desk_sees_everybody_who_was_not_reached_and_why(sqlite_town: Town, thursday: Any) -> None:
    number, _ = lay_down(sqlite_town)
    wang = clerk(sqlite_town, "desk")
    wang.opens(path(number))
    assert "0/3 已经告诉" in wang.words
    for words in ("马*兰", "没有微信", "王*福", "没发成", "才*", "说不准收到没有", "东府佳苑1号楼"):
        assert words in wang.words
    assert "韩" not in wang.words, "WeChat has it, and tells us no more"
    assert "马秀兰" not in wang.page
    with sqlite_town.reading() as session:
        assert [line.facts["found"] for line in audited(session, "broadcasts.list_doors")] == [3]


def test_a_grid_worker_sees_and_ticks_only_their_own_grid(sqlite_town: Town, thursday: Any) -> None:
    number, rows = lay_down(sqlite_town)
    worker = grid_worker(sqlite_town, 1, "grid1")
    worker.opens("/console/")
    assert "没收到通知,要上门说的 1 还有2人" in worker.words
    worker.opens(path(number))
    assert "0/2 已经告诉" in worker.words
    assert "才*" not in worker.words
    assert worker.sends(path(number, rows["才让卓玛"]), state="face").status_code == 404
    assert sent.recipient(sqlite_town, rows["才让卓玛"]).door_state is None
    worker.opens(path(number) + "/print?grid=3")
    assert "没有还要告诉的人" in worker.words
    assert worker.sends(path(number, rows["马秀兰"]), follow=True, state="face").status_code == 200
    assert "记下了:当面说了" in worker.words
    assert "1/2 已经告诉" in worker.words
    assert "马*兰" not in worker.words
    stranger = clerk(sqlite_town, "leader", login="leader")
    assert stranger.opens(path(number)).status_code == 403


def test_a_tick_is_taken_back_and_nobody_at_home_is_tried_again(sqlite_town: Town, thursday: Any) -> None:
    number, rows = lay_down(sqlite_town)
    wang = clerk(sqlite_town, "desk")
    wang.sends(path(number, rows["马秀兰"]), follow=True, state="nobody")
    assert "去过,没人" in wang.words
    wang.sends(path(number, rows["马秀兰"]), follow=True, state="moved")
    assert "1人搬走了" in wang.words
    wang.sends(path(number, rows["马秀兰"]), follow=True, state="moved", do="back")
    assert "撤回了" in wang.words
    assert sent.recipient(sqlite_town, rows["马秀兰"]).door_state is None
    assert wang.sends(path(number, rows["马秀兰"]), state="whatever").status_code == 404


def test_who_lives_behind_one_door_is_told_by_one_knock(sqlite_town: Town, thursday: Any) -> None:
    number, rows = lay_down(sqlite_town)
    live_together(sqlite_town, "301", "马秀兰", "王德福")
    wang = clerk(sqlite_town, "desk")
    wang.opens(path(number))
    assert "东府佳苑1号楼 301 马*兰、王*福" in wang.words
    wang.sends(path(number, rows["马秀兰"]), follow=True, state="phone")
    assert "2/3 已经告诉" in wang.words
    assert sent.recipient(sqlite_town, rows["王德福"]).door_state == "phone"
    with sqlite_town.reading() as session:
        assert audited(session, "broadcasts.tell")[0].facts == {"state": "phone", "count": 2}


def test_of_two_who_tick_at_once_one_is_told_what_the_other_wrote(town: Town) -> None:
    with frozen("2026-11-26 10:00"):
        _, rows = lay_down(town)
        ones = [clerk(town, "desk", login=login, name=login) for login in ("wang", "li")]

        def ticks(one: Clerk, state: str) -> str:
            def unit(session: Session) -> str:
                by = Actor(session, staff=one.member(session), channel="console")
                try:
                    doors.tell(by, session.get_one(BroadcastRecipient, rows["马秀兰"]), state)
                except Refusal as why:
                    return why.code
                return "told"

            return town.writing(unit)

        said = at_once([lambda: ticks(ones[0], "face"), lambda: ticks(ones[1], "phone")])
    assert sorted(said) == ["broadcasts.ticked_already", "told"]
    with town.reading() as session:
        assert len(audited(session, "broadcasts.tell")) == 1


def test_who_reads_it_themselves_leaves_the_list_and_who_is_forgotten_too(
    sqlite_town: Town, thursday: Any
) -> None:
    number, rows = lay_down(sqlite_town)
    wang = clerk(sqlite_town, "desk")
    sqlite_town.phone("王德福").says("最新通知", "1")
    wang.opens(path(number))
    assert "1/3 已经告诉" in wang.words
    assert "王*福" not in wang.words
    assert "自己看过了" in wang.opens(path(number) + "?which=told").text

    def leave(session: Session) -> None:
        by = sqlite_town.phone("马秀兰").actor(session)
        people.erase(by, by.me)

    sqlite_town.writing(leave)
    wang.opens(path(number))
    assert "1/2 已经告诉" in wang.words
    assert sent.recipient(sqlite_town, rows["马秀兰"]).person_id is None


def test_for_something_urgent_those_without_a_sign_are_told_too(sqlite_town: Town, thursday: Any) -> None:
    number, _ = lay_down(sqlite_town, urgent=True)
    wang, worker = clerk(sqlite_town, "desk"), grid_worker(sqlite_town, 3, "grid3")
    assert worker.sends(f"/console/broadcasts/{number}/doors/wait", hours="2").status_code == 403
    wang.opens(path(number))
    wang.sends(f"/console/broadcasts/{number}/doors/wait", follow=True, hours="2")
    assert "没有回音的也放进名单了" in wang.words
    assert "韩" not in wang.words
    thursday.shift(2 * 3600 + 60)
    wang.signs_in()
    wang.opens(path(number))
    assert "韩*杰 发了,没有回音" in wang.words


@pytest.mark.parametrize("other", [{"state": "stopped"}, {"valid_until": date(2026, 11, 25)}])
def test_nobody_knocks_for_what_was_stopped_or_is_over(
    sqlite_town: Town, thursday: Any, other: dict[str, Any]
) -> None:
    number, rows = lay_down(sqlite_town, **other)
    wang = clerk(sqlite_town, "desk")
    wang.opens(path(number))
    assert "不用再上门说了" in wang.words
    wang.sends(path(number, rows["马秀兰"]), follow=True, state="face")
    assert "不用再上门说" in wang.words
    assert sent.recipient(sqlite_town, rows["马秀兰"]).door_state is None
    wang.opens("/console/doors")
    assert TITLE not in wang.words


def test_nobody_knocks_for_what_was_put_right(sqlite_town: Town, thursday: Any) -> None:
    number, _ = lay_down(sqlite_town)
    sent.correcting(sqlite_town, number)
    wang = clerk(sqlite_town, "desk")
    wang.opens(path(number))
    assert "这条通知已经更正,不用再上门说了" in wang.words


def test_the_morning_counts_who_must_be_told(sqlite_town: Town, thursday: Any) -> None:
    lay_down(sqlite_town)
    with sqlite_town.reading() as session:
        assert waiting(session, None) == 3
    told = [one for one in feature.feature.waits if "grid" in one.roles]
    assert [one.words for one in told] == ["没收到通知,要上门说的"]


@pytest.mark.browser
def test_on_a_phone_in_the_stairway_nothing_is_too_small_to_tap(
    chromium: Chromium, sqlite_town: Town
) -> None:
    number, _ = lay_down(sqlite_town)
    live_together(sqlite_town, "301", "马秀兰", "王德福")
    grid_worker(sqlite_town, 1, "grid1")
    with serving(sqlite_town) as address:
        page = chromium.new_context(viewport={"width": 390, "height": 844}).new_page()
        signs_in(page, address, "grid1")
        page.goto(address + path(number))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.locator(".door").count() == 1
        heights = page.locator(".door .btn").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert min(heights) >= 60
        page.get_by_role("button", name="打电话说了").click()
        expect(page.get_by_text("记下了:打电话说了")).to_be_visible()
        page.get_by_role("button", name="点错了,撤回").click()
        expect(page.get_by_text("撤回了,又在名单上了")).to_be_visible()
