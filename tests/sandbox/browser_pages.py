"""Fixtures and hands for walking the sandbox's own pages in Chromium, against the real sandbox process.

The account behind the platform repeats what it hears, so that a test chooses every answer by what it types.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as Late

from tests.sandbox.platform_process import (
    Received,
    RunningPlatform,
    Webhook,
    platform_with_webhook,
    text_reply,
)

PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 480}
DESK = {"width": 1280, "height": 900}
MENU = {
    "button": [
        {"name": "我要办事", "sub_button": [{"type": "click", "name": "预约服务", "key": "BOOK"}]},
        {"name": "我的", "type": "click", "key": "MINE"},
    ]
}
GREETINGS = {"subscribe": "您好，这里是互助中路社区。", "SCAN": "您扫了门口的码。"}


@dataclass(frozen=True)
class Sandbox:
    platform: RunningPlatform
    webhook: Webhook

    @property
    def url(self) -> str:
        return self.platform.url

    def call(self, path: str, body: dict[str, Any]) -> None:
        """One API call as the account makes it; it must succeed."""
        answer = self.platform.call(self.platform.token(), path, body)
        assert answer.get("errcode", 0) == 0, answer

    def newcomer(self, name: str) -> str:
        """The id of an invented neighbour who never used this phone."""
        made = self.platform.http.post(f"{self.url}/phone/api/neighbours", json={"name": name}, timeout=10)
        return str(made.json()["id"])


def repeat_back(push: Received) -> str:
    told = push.message
    if told["MsgType"] != "event":
        return _spoken(push, str(told.get("Content") or f"收到{told['MsgType']}"))
    if told["Event"] == "CLICK":
        return text_reply(push, f"您点了{told['EventKey']}")
    return text_reply(push, GREETINGS[told["Event"]]) if told["Event"] in GREETINGS else "success"


def _spoken(push: Received, words: str) -> str:
    if words == "慢慢说":
        time.sleep(2.5)  # longer than the phone's 1.5 s between two looks
    return "<broken" if words == "乱说" else text_reply(push, words)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with platform_with_webhook(tmp_path_factory.mktemp("platform")) as (platform, webhook):
        webhook.script = repeat_back
        made = Sandbox(platform, webhook)
        made.call("/cgi-bin/menu/create", MENU)
        yield made


@pytest.fixture
def page(chromium: Browser, sandbox: Sandbox) -> Iterator[Page]:
    """A phone that nobody has used: a neighbour of its own, who does not follow."""
    context = chromium.new_context(viewport=PHONE)
    context.set_default_timeout(10_000)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(f"{sandbox.url}/phone/?neighbour={sandbox.newcomer('马秀兰')}")
    yield opened
    context.close()
    assert faults == []


def part(page: Page, name: str) -> Locator:
    return page.locator(f'[data-test="{name}"]')


def bubbles(page: Page, sender: str) -> Locator:
    return page.locator(f'[data-test="bubble"][data-from="{sender}"]')


def follow(page: Page) -> None:
    part(page, "follow").click()
    expect(bubbles(page, "account").first).to_contain_text("互助中路社区")


def say(page: Page, words: str) -> None:
    """Where there is a menu the keys are called first; the page may learn of a menu while somebody begins to type."""
    for _ in range(3):
        if part(page, "to-keys").is_visible():
            part(page, "to-keys").click()
        with suppress(Late):
            part(page, "input").fill(words, timeout=2000)
            break
    else:
        part(page, "input").fill(words)
    part(page, "send").click()


def holder(page: Page) -> str:
    """The id of the neighbour whose phone this is."""
    return str(page.evaluate("sessionStorage.getItem('sandbox.neighbour')"))
