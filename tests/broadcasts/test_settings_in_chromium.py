"""The whole way of one yes: our page inside the phone, WeChat's button and popup, WeChat's report, and our count."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from models.grants import Grant
from tests.roads.street import eventually
from tests.scheduler.conftest import Post


@pytest.mark.parametrize("post", ["sqlite"], indirect=True)
def test_a_tap_on_wechat_s_button_is_one_message_more(post: Post, chromium: Browser) -> None:
    reader = post.reader()
    address = f"{post.site.settings.web.public_url}/h5/settings"
    reader.is_told("link", f"通知设置:{address}")
    post.deliver()
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{post.platform.running.url}/phone/?neighbour={reader.number}")
    page.get_by_role("link", name=address).click()
    frame = page.frame_locator('[data-test="webview-frame"]')
    expect(frame.locator("main")).to_contain_text("还能收 0 条")
    frame.locator("wx-open-subscribe").click()
    page.get_by_role("button", name="允许", exact=True).click()
    expect(frame.locator("main")).to_contain_text("还能收 1 条")
    expect(frame.locator("main")).to_contain_text("好,可以多给您发几条了。")

    def counted() -> list[int]:
        with post.town.reading() as session:
            return list(session.scalars(select(Grant.left)))

    eventually(lambda: counted() == [1])
    granted = post.platform.control("GET", "/state")["grants"]
    assert [one["left"] for one in granted if one["neighbour"] == reader.number] == [1]
    page.close()
