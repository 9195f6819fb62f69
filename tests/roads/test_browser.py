"""A stranger with a browser: the phone page, the account, a page of ours inside the phone, the control page."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.roads.street import Neighbour, Street
from tests.sandbox.browser_pages import DESK, PHONE, bubbles, part, say

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE)
    context.set_default_timeout(15_000)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    assert faults == []
    context.close()


def test_a_stranger_talks_to_the_account_within_a_minute(page: Page, street: Street) -> None:
    began = time.monotonic()
    page.goto(street.stack.status()["phone"])
    part(page, "follow").click()
    expect(bubbles(page, "account").first).to_contain_text("幸福大家庭")
    say(page, "最新通知")
    expect(bubbles(page, "account").last).to_contain_text("高龄补贴")
    assert time.monotonic() - began < 60


def test_the_menu_of_the_account_is_there_and_begins_a_booking(page: Page, street: Street) -> None:
    meets(page, street, "按菜单的人")
    part(page, "menu-top").filter(has_text="我要办事").click()
    part(page, "menu-item").filter(has_text="预约服务").click()
    expect(bubbles(page, "account").last).to_contain_text("您要约哪一项")


def test_a_page_of_ours_opens_inside_the_phone_and_knows_who_reads(page: Page, street: Street) -> None:
    reader = Neighbour(street, meets(page, street, "看时长的人"))
    link = f'<a href="{street.stack.web}/h5/hours">看志愿时长</a>'
    street.call("/cgi-bin/message/custom/send", touser=reader.openid, msgtype="text", text={"content": link})
    bubbles(page, "account").last.locator('[data-test="link"]').click()
    shown = page.frame_locator('[data-test="webview-frame"]').locator("body")
    expect(shown).to_contain_text("志愿")
    expect(shown).not_to_contain_text("您是哪位邻居")


def test_the_control_page_shows_what_was_pushed_and_answered(page: Page, street: Street) -> None:
    street.follower("被看见的人").says("最新通知")
    page.set_viewport_size(DESK)
    page.goto(street.stack.status()["control"])
    expect(page.locator("body")).to_contain_text("最新通知")


def meets(page: Page, street: Street, name: str) -> str:
    """The phone of somebody new who follows; the number of that neighbour."""
    number = street.neighbour(name).number
    page.goto(f"{street.stack.sandbox}/phone/?neighbour={number}")
    part(page, "follow").click()
    expect(bubbles(page, "account").first).to_contain_text("幸福大家庭")
    return number
