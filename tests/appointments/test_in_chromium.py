"""The board in a browser: a visit dragged to a free time, the same with the keyboard alone, and the arrow keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from app import clock
from tests.appointments.desk import booked, messages, only, opened
from tests.browsers import serving, signs_in
from tests.neighbours import Town
from tests.staff.clerks import hire

pytestmark = pytest.mark.browser


@pytest.fixture
def board(chromium: Chromium, sqlite_town: Town) -> Iterator[Page]:
    """Tomorrow's board, with one visit, in the browser of a clerk; what our content policy refuses fails the test."""
    tomorrow(sqlite_town)
    hire(sqlite_town, "desk", login="wang")
    broken: list[str] = []
    with serving(sqlite_town) as address, chromium.new_context() as context:
        page = context.new_page()
        page.set_viewport_size({"width": 1366, "height": 768})
        page.on("console", lambda line: broken.append(line.text) if "Content Security" in line.text else None)
        page.on("pageerror", lambda error: broken.append(str(error)))
        signs_in(page, address, "wang")
        page.goto(f"{address}/console/appointments?day={day_after()}")
        yield page
    assert broken == []


def day_after() -> date:
    return clock.today() + timedelta(days=1)


def tomorrow(town: Town) -> None:
    week = {weekday: [(time(9), time(11))] for weekday in range(7)}
    opened(town, week, keeps_office_days=False)
    opened(town, week, name="理发", keeps_office_days=False)
    booked(town, day_after(), "09:00")


def test_a_visit_is_dragged_to_a_free_time_of_its_service(sqlite_town: Town, board: Page) -> None:
    visit = board.locator("[data-visit]")
    service = visit.get_attribute("data-of")
    other = board.locator(f'[data-slot]:not([data-of="{service}"])').first
    visit.drag_to(other)
    expect(board.locator("#move")).to_be_hidden()
    visit.drag_to(board.locator(f'[data-slot][data-of="{service}"]', has_text="10:30"))
    expect(board.locator("#move")).to_be_visible()
    expect(board.locator("#move-words")).to_have_text("把马秀兰从 09:00 改到 10:30?")
    expect(board.locator("#move-told")).to_have_text("本人会收到微信消息。")
    with board.expect_navigation():
        board.get_by_role("button", name="改到这个时间").click()
    expect(board.locator(".alert-success")).to_contain_text("改到")
    assert f"{clock.local(only(sqlite_town).slot.starts):%H:%M}" == "10:30"
    assert len(messages(sqlite_town, "moved")) == 1


@pytest.mark.parametrize("width", [1366, 390])
def test_on_a_long_day_its_date_and_the_other_days_stay_in_sight(board: Page, width: int) -> None:
    board.set_viewport_size({"width": width, "height": 420})
    board.reload()
    board.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(board.locator(".days [aria-current]")).to_be_in_viewport()
    assert board.evaluate("document.documentElement.scrollWidth") <= width
    if width > 900:
        expect(board.locator(".grid thead th", has_text="理发")).to_be_in_viewport()


def test_the_keyboard_alone_moves_it_and_turns_the_day(sqlite_town: Town, board: Page) -> None:
    board.locator("[data-visit] summary").focus()
    board.keyboard.press("Enter")
    expect(board.locator(".visit-card")).to_be_visible()
    board.keyboard.press("Escape")
    expect(board.locator(".visit-card")).to_be_hidden()
    board.keyboard.press("Enter")
    board.keyboard.press("Tab")
    with board.expect_navigation():
        board.keyboard.press("Enter")
    board.locator("select[name=slot]").focus()
    board.keyboard.press("ArrowDown")
    board.keyboard.press("Tab")
    with board.expect_navigation():
        board.keyboard.press("Enter")
    expect(board.locator(".alert-success")).to_contain_text("本人会收到微信消息")
    assert only(sqlite_town).revision == 1
    board.goto(f"{board.url.partition('/console')[0]}/console/appointments?day={day_after()}")
    with board.expect_navigation():
        board.keyboard.press("ArrowLeft")
    assert f"day={clock.today()}" in board.url
