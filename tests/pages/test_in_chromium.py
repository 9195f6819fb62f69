"""Residents' pages as a phone shows them: nothing wider than the screen, big letters, big targets, nothing refused by
our own content policy; and the leader's screen that turns over by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from app import clock
from handlers.activities.actions import plan_activity, plan_session
from handlers.volunteers.actions import leader_link
from models.activities import ActivitySession
from tests.activities.plans import house, token
from tests.browsers import serving
from tests.neighbours import Town
from tests.pages.conftest import Browser

pytestmark = pytest.mark.browser
WIDTHS = (320, 390, 430, 1280)

TOO_SMALL = """[...document.querySelectorAll('a, button')]
  .filter(one => one.offsetParent !== null)
  .filter(one => one.getBoundingClientRect().height < 60 || one.getBoundingClientRect().width < 60)
  .map(one => one.textContent.trim())"""
SMALLEST_LETTERS = """Math.min(...[...document.querySelectorAll('body *')]
  .filter(one => [...one.childNodes].some(part => part.nodeType === 3 && part.data.trim()))
  .map(one => parseFloat(getComputedStyle(one).fontSize)))"""


@pytest.fixture
def served(street: Town) -> Iterator[str]:
    with serving(street) as address:
        yield address


@pytest.fixture
def number(street: Town) -> int:
    """A session under way."""

    def unit(session: Session) -> int:
        by, now = house(session), clock.now()
        made = plan_activity(by, title="阿娘巡逻队", sentence="走一圈。", place="社区门口", leader="马阿娘")
        return plan_session(by, made, starts=now, ends=now + timedelta(hours=2), capacity=9).id

    return street.writing(unit)


def signed_in(chromium: Chromium, browser: Browser, address: str, width: int) -> Page:
    """A page of a browser that WeChat has already vouched for."""
    browser.opens("/h5/hours")
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    context = chromium.new_context(viewport={"width": width, "height": 800})
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    return context.new_page()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_reads_well_and_is_easy_to_tap(
    chromium: Chromium, street: Town, browser: Browser, served: str, number: int, width: int
) -> None:
    page, broken = signed_in(chromium, browser, served, width), []
    page.on("console", lambda line: broken.append(line.text) if "Content Security" in line.text else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    code = token(street, number)
    for path in (
        "/h5/",
        "/h5/activities",
        "/h5/hours",
        f"/h5/checkin/{code}",
        "/h5/checkin/1.x",
        "/h5/none",
        "/h5/oauth",
    ):
        page.goto(served + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(TOO_SMALL) == [], path
        assert page.evaluate(SMALLEST_LETTERS) >= 18, path
    assert broken == []


def test_letters_twice_as_big_still_fit(
    chromium: Chromium, browser: Browser, served: str, number: int
) -> None:
    page = signed_in(chromium, browser, served, 390)
    for path in ("/h5/", "/h5/activities", "/h5/hours", "/h5/none"):
        page.goto(served + path)
        page.evaluate("document.documentElement.style.setProperty('font-size', '40px')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_small_letters_are_an_opt_out_that_is_remembered(chromium: Chromium, served: str) -> None:
    page = chromium.new_context(viewport={"width": 390, "height": 800}).new_page()
    page.goto(f"{served}/h5/")
    with page.expect_navigation():
        page.get_by_text("小字版").click()
    page.goto(f"{served}/h5/activities")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "18px"
    with page.expect_navigation():
        page.get_by_text("大字版").click()
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "20px"


def test_the_leaders_screen_turns_over_by_itself_and_warns_without_a_network(
    chromium: Chromium, street: Town, served: str, number: int
) -> None:
    link = street.writing(lambda s: leader_link(house(s), s.get_one(ActivitySession, number)))
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(served + link)
    digits = page.locator(".digits")
    shown, picture = digits.text_content() or "", page.locator(".qr").get_attribute("src") or ""
    assert len(shown) == 4
    (street.site.settings.data / "clock").write_text("90")
    expect(digits).not_to_have_text(shown, timeout=8000)
    expect(page.locator(".qr")).not_to_have_attribute("src", picture)
    expect(page.locator(".warning")).to_be_hidden()
    tall = digits.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert tall >= 200, "4 digits must be read from three metres"
    page.evaluate("Date.now = () => 8e15")
    context.set_offline(True)
    expect(page.locator(".warning")).to_be_visible(timeout=8000)
