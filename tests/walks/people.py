"""Somebody at a browser: they follow links, press buttons and read, and every page they read fits their screen."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.staff.clerks import PASSWORD

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


class Walker:
    """What the browser complains about (a script, our content policy) is held against the page by `leaves`."""

    def __init__(self, browser: Browser, home: str, size: dict[str, int]) -> None:
        self.home, self.width = home, size["width"]
        given: dict[str, Any] = {"viewport": size, "locale": "zh-CN"}
        self.context = browser.new_context(**given)
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._hears)

    def _hears(self, line: Any) -> None:
        if "Content Security" in line.text:
            self.faults.append(line.text)

    def opens(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.home + path)

    def follows(self, words: str) -> None:
        """The first link whose words begin so."""
        self.page.get_by_role("link", name=re.compile(f"^{re.escape(words)}")).first.click()

    def presses(self, words: str) -> None:
        """The first button whose words begin so."""
        self.page.get_by_role("button", name=re.compile(f"^{re.escape(words)}")).first.click()

    def writes(self, **fields: str) -> None:
        for name, words in fields.items():
            self.page.locator(f"main [name={name}]").fill(words)

    def ticks(self, words: str) -> None:
        self.page.get_by_label(words).first.check()

    def chooses(self, name: str, words: str) -> None:
        self.page.locator(f"main select[name={name}]").select_option(label=words)

    def sees(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("body")).to_contain_text(words, timeout=20_000)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, self.page.url

    def sees_not(self, words: str) -> None:
        expect(self.page.locator("main")).not_to_contain_text(words)

    def leaves(self) -> None:
        self.context.close()
        assert self.faults == []


class Colleague(Walker):
    """A member of the staff, let in by a one-time link."""

    def comes_in(self, link: str) -> None:
        self.opens(link)
        self.writes(password=PASSWORD, again=PASSWORD)
        self.presses("设好,进入")
        self.sees(",您好。")

    def turns_to(self, word: str) -> None:
        """A word of the menu, which a phone folds away."""
        if (fold := self.page.locator(".fold")).is_visible():
            fold.click()
        self.page.locator(".menu a", has_text=re.compile(f"^{word}$")).click()
        self.page.locator(f'.menu a[aria-current]:has-text("{word}")').wait_for(state="attached")
