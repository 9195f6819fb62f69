"""Every page of every feature, as a phone shows it, in both looks: axe finds nothing serious, nothing is wider than the
screen, letters and targets are big enough, and the first load is small. Pages are read from the table of routes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from app import clock
from app.settings import load_settings
from app.site import Site
from app.understanding.calendar import is_working_day
from handlers.people import actions as people
from models.appointments import upcoming
from models.slots import free_slots
from tests.browsers import serving
from tests.neighbours import Town
from tests.pages.routes import address_of
from tests.pages.test_in_chromium import SMALLEST_LETTERS
from tests.pages.visitors import Visitor

pytestmark = pytest.mark.browser
FIRST_LOAD = 150_000
LOOKS = {"big": (60, 20), "small": (44, 18)}  # targets, letters
# The switch for letters, an answer for a program, and the scan of the staff, which has WeChat vouch for itself each time.
NOT_PAGES = ("pages.letters", "page_login.waiting", "staff_pages.scanned", "volunteers_pages.offline_worker")
TEN = time(10)
BIG_TARGETS = """least => [...document.querySelectorAll(
    'button, .button, .cell.link, .rows a, .top a, .choose label, .tick, .ticks label, .times a, input, textarea')]
  .filter(one => one.offsetParent !== null && !['radio', 'checkbox', 'hidden'].includes(one.type))
  .filter(one => one.getBoundingClientRect().height < least || one.getBoundingClientRect().width < least)
  .map(one => one.textContent.trim() || one.name)"""
OTHER_TARGETS = """[...document.querySelectorAll('a')]
  .filter(one => one.offsetParent !== null && one.getBoundingClientRect().height < 44)
  .map(one => one.textContent.trim())"""


# ---- a town with something on every page ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workday() -> Iterator[date]:
    """Ten o'clock on a working day to come, whenever this runs: the pages have times to choose, and browsers, which go
    by the real clock, find no cookie that has run out."""
    day = next(
        day for day in (clock.today() + timedelta(days=n) for n in range(1, 15)) if is_working_day(day)
    )
    with time_machine.travel(clock.at(day, TEN), tick=True):
        yield day


@pytest.fixture(scope="module")
def town(
    workday: date,
    tmp_path_factory: pytest.TempPathFactory,
    empty_sqlite: Path,
    valkey_server: str,
) -> Iterator[Town]:
    data = tmp_path_factory.mktemp("look")
    for made in empty_sqlite.glob("town.db*"):
        shutil.copy(made, data / made.name)
    told = {"XINGFU_DATABASE__URL": f"sqlite:///{data}/town.db", "XINGFU_REDIS__URL": valkey_server}
    site = Site(load_settings({"XINGFU_DATA": str(data), **told}))
    made = Town(site)
    made.seed(*(feature.name for feature in site.house.features))
    yield made
    site.close()


@pytest.fixture(scope="module")
def ma(town: Town) -> Visitor:
    """A resident who has joined, booked, and signed up."""
    phone = town.phone("马秀兰")

    def join(session: Session) -> None:
        people.join(phone.actor(session), name="马秀兰", phone="13900000001")

    town.writing(join)
    ma = Visitor(town, phone)
    ma.opens(f"/h5/book/{a_free_slot(town)}").presses("约这个时间")
    assert "约好了" in ma.words
    ma.opens("/h5/activities").taps("个名额").taps("我要报名").presses("报名")
    return ma


def a_free_slot(town: Town) -> int:
    with town.reading() as session:
        from models.plans import Service

        return session.scalars(free_slots(session.get_one(Service, 1))).all()[-1].id


@pytest.fixture(scope="module")
def served(town: Town) -> Iterator[str]:
    with serving(town) as address:
        yield address


@pytest.fixture(scope="module")
def own(town: Town, ma: Visitor) -> int:
    with town.reading() as session:
        assert ma.phone is not None
        return session.scalars(upcoming(ma.phone.person(session))).one().id


def paths(app: Flask, slot: int) -> list[str]:
    """Every page that can be opened, with an address that leads somewhere."""
    found = []
    for rule in app.url_map.iter_rules():
        if (
            not rule.rule.startswith("/h5/")
            or "GET" not in (rule.methods or ())
            or "ticket" in rule.arguments
        ):
            continue
        if rule.endpoint not in NOT_PAGES and not rule.rule.endswith((".json", ".ics")):
            found.append(address_of(app, rule, slot=slot) + _query(rule.rule))
    return sorted(found)


def _query(rule: str) -> str:
    tomorrow = clock.today() + timedelta(days=1)
    wanted = {"/times": f"?day={tomorrow}", "/search": "?q=居住证", "/place": "?inside=1"}
    return next((query for end, query in wanted.items() if rule.endswith(end)), "")


def context_of(chromium: Chromium, ma: Visitor, served: str, look: str, width: int) -> BrowserContext:
    cookie = ma.client.get_cookie("session")
    assert cookie is not None
    context = chromium.new_context(viewport={"width": width, "height": 800})
    values = {"session": cookie.value, "letters": look}
    context.add_cookies([{"name": name, "value": value, "url": served} for name, value in values.items()])
    return context


# ---- what a phone shows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_read_seen_and_tapped_easily(
    chromium: Chromium,
    town: Town,
    ma: Visitor,
    served: str,
    own: int,
    look: str,
) -> None:
    targets, letters = LOOKS[look]
    page, wrong = context_of(chromium, ma, served, look, 320).new_page(), []
    page.on("console", lambda line: wrong.append(line.text) if "Content Security" in line.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request", lambda asked: None if asked.url.startswith((served, "data:")) else wrong.append(asked.url)
    )
    for path in paths(town.app, a_free_slot(town)):
        answer = page.goto(served + path)
        assert answer is not None
        if answer.status >= 500:
            wrong.append(f"{path}: {answer.status}")
        wrong += [f"{path}: {fault}" for fault in _faults(page, targets, letters)]
    assert wrong == []


def _faults(page: Page, targets: int, letters: int) -> Iterator[str]:
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        yield "wider than 320 px"
    if small := page.evaluate(BIG_TARGETS, targets):
        yield f"too small to tap: {small}"
    if small := page.evaluate(OTHER_TARGETS):
        yield f"links under 44 px: {small}"
    if (
        page.evaluate(SMALLEST_LETTERS) < 18
        or page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") != letters
    ):
        yield "letters too small"
    if page.locator("h1").count() != 1 or page.locator("main").count() != 1:
        yield "not one heading and one main part"
    for found in Axe().run(page).response["violations"]:
        if found["impact"] in ("serious", "critical"):
            yield f"{found['id']}: {[node['target'] for node in found['nodes']][:3]}"


def test_letters_twice_as_big_and_wechats_largest_still_fit(
    chromium: Chromium,
    town: Town,
    ma: Visitor,
    served: str,
) -> None:
    """200 % at 320 px; WeChat's 特大 is about 140 %."""
    page, wide = context_of(chromium, ma, served, "big", 320).new_page(), []
    for path in paths(town.app, a_free_slot(town)):
        page.goto(served + path)
        page.evaluate("document.documentElement.style.setProperty('font-size', '40px')")
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(path)
    assert wide == []


def test_the_first_load_of_every_page_is_small(town: Town, ma: Visitor) -> None:
    heavy = {}
    for path in paths(town.app, a_free_slot(town)):
        text = ma.client.get(path).text
        parts = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', text))
        size = len(text.encode()) + sum(len(ma.client.get(part).data) for part in parts)
        if size > FIRST_LOAD:
            heavy[path] = size
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text), f"{path} asks somebody else"
        assert " style=" not in text
        assert not re.search(r"<script(?![^>]* src=)", text), path
    assert heavy == {}
    assert len(ma.client.get("/static/page.js").data) < 4096


def test_styles_and_scripts_are_kept_until_they_change(town: Town) -> None:
    text = Visitor(town).opens("/h5/").page
    [address] = re.findall(r'href="(/static/page[.]css[^"]*)"', text)
    kept = town.client.get(address)
    assert "immutable" in kept.headers["Cache-Control"]
    assert "immutable" not in town.client.get("/static/page.css").headers["Cache-Control"]


# ---- keyboard, and what a little JavaScript adds -----------------------------------------------------------------------


def test_the_first_stop_of_the_keyboard_leads_past_the_head(
    chromium: Chromium,
    ma: Visitor,
    served: str,
) -> None:
    page = context_of(chromium, ma, served, "big", 390).new_page()
    page.goto(f"{served}/h5/services/1/days")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_what_was_ticked_stays_ticked_on_this_phone(
    chromium: Chromium,
    ma: Visitor,
    served: str,
) -> None:
    page = chromium.new_context(viewport={"width": 390, "height": 800}).new_page()
    page.goto(f"{served}/h5/services/1")
    page.get_by_label("户口本").check()
    page.goto(f"{served}/h5/services/2")
    assert page.locator("input:checked").count() == 0
    page.goto(f"{served}/h5/services/1")
    expect(page.get_by_label("户口本")).to_be_checked()
    expect(page.get_by_label("银行卡")).not_to_be_checked()


def test_without_a_network_the_page_says_so_and_keeps_what_was_typed(
    chromium: Chromium,
    ma: Visitor,
    served: str,
) -> None:
    context = context_of(chromium, ma, served, "big", 390)
    page = context.new_page()
    page.goto(f"{served}/h5/me/name")
    page.get_by_label("新的姓名").fill("马兰花")
    context.set_offline(True)
    expect(page.locator(".offline")).to_be_visible()
    page.get_by_role("button", name="改好了").click()
    assert page.get_by_label("新的姓名").input_value() == "马兰花"
    context.set_offline(False)
    expect(page.locator(".offline")).to_be_hidden()
    page.get_by_role("button", name="改好了").click()
    expect(page.get_by_text("姓名改好了")).to_be_visible()


def test_a_filled_form_is_not_left_by_accident(
    chromium: Chromium,
    ma: Visitor,
    served: str,
) -> None:
    page, asked = context_of(chromium, ma, served, "big", 390).new_page(), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto(f"{served}/h5/me/name")
    page.get_by_label("新的姓名").press_sequentially("花")
    page.get_by_role("link", name="不改了").click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/h5/me/name")


def test_what_was_typed_is_there_again_after_going_back_and_gone_once_sent(
    chromium: Chromium,
    ma: Visitor,
    served: str,
) -> None:
    page = context_of(chromium, ma, served, "big", 390).new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{served}/h5/me/phone")
    page.get_by_label("新的手机号").fill("13900000002")
    page.get_by_role("link", name="我的信息").click()
    page.go_back()
    assert page.get_by_label("新的手机号").input_value() == "13900000002"
    page.get_by_role("button", name="改好了").click()
    expect(page.get_by_text("手机改好了")).to_be_visible()
    page.goto(f"{served}/h5/me/phone")
    assert page.get_by_label("新的手机号").input_value() == ""


def test_the_page_with_the_digits_goes_on_by_itself(
    chromium: Chromium,
    town: Town,
    served: str,
) -> None:
    facts = town.site.main.app
    before = facts.capabilities
    object.__setattr__(facts, "capabilities", frozenset())
    try:
        page = chromium.new_context(viewport={"width": 390, "height": 800}).new_page()
        page.goto(f"{served}/h5/appointments")
        code = re.search(r"\d{6}", page.locator("[data-waiting]").inner_text())
        assert code is not None
        town.phone("马秀兰").says(f"登录 {code[0]}", "1")
        expect(page.get_by_role("heading", name="我的预约")).to_be_visible(timeout=8000)
    finally:
        object.__setattr__(facts, "capabilities", before)


def test_a_page_prints_without_buttons(chromium: Chromium, ma: Visitor, served: str) -> None:
    page = context_of(chromium, ma, served, "big", 794).new_page()
    page.goto(f"{served}/h5/services/1")
    page.emulate_media(media="print")
    expect(page.get_by_text("户口本")).to_be_visible()
    expect(page.get_by_text("选时间")).to_be_hidden()
    expect(page.locator("footer")).to_be_hidden()
