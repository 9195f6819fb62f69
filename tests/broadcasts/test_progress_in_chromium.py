"""The open page of a broadcast on its way, in a browser: it follows by itself, and takes nothing out of a hand that types."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from app import clock
from models.broadcasts import Broadcast
from tests.broadcasts.sendings import Sending
from tests.browsers import chromium, serving, signs_in  # noqa: F401 (a fixture)
from tests.neighbours import Town
from tests.staff.clerks import hire


def test_the_page_follows_the_broadcast_to_its_end(sqlite_town: Town, chromium: Browser) -> None:  # noqa: F811
    hire(sqlite_town, "desk", login="desk")
    sending = Sending.of(sqlite_town, "custom", "custom", urgent=True)

    def hold_is_over(session: Session) -> None:
        row = session.get_one(Broadcast, sending.number)
        row.begins_at = row.hold_until = clock.now() - timedelta(seconds=1)

    with serving(sqlite_town) as address:
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        signs_in(page, address, "desk")
        page.goto(f"{address}/console/broadcasts/{sending.number}/progress")
        expect(page.locator(".where-it-is .big")).to_contain_text("秒")
        page.fill("[name=more]", "等一下")
        sqlite_town.writing(hold_is_over)
        sending.carry_on()
        expect(page.locator("#state")).to_have_text("正在发", timeout=8000)
        expect(page.get_by_role("button", name="暂停")).to_be_visible()
        expect(page.locator("[name=more]")).to_have_value("等一下")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        sending.delivers()
        sending.carry_on()
        expect(page.locator(".where-it-is .big")).to_have_text("发完了", timeout=8000)
        expect(page.locator("#stop-it")).to_have_count(0)
        page.close()
