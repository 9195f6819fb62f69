"""The control page: what was pushed and answered, faults, the clock and the kind of account."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.browser_pages import *  # noqa: F403  (sandbox, page)
from tests.sandbox.browser_pages import Sandbox, bubbles, follow, holder, part, say

pytestmark = pytest.mark.browser


def test_the_control_page_lists_pushes_moves_the_clock_and_switches_faults(
    page: Page, sandbox: Sandbox
) -> None:
    follow(page)
    say(page, "控制台看得到")
    expect(bubbles(page, "account").last).to_contain_text("控制台看得到")
    page.goto(f"{sandbox.url}/control/")
    part(page, "filter-neighbour").select_option(holder(page))
    entry = part(page, "push").filter(has_text="控制台看得到")
    entry.click()
    expect(entry.locator("xpath=..")).to_contain_text("<MsgType>")
    page.locator('[data-fault="busy"]').check()
    assert sandbox.platform.control("GET", "/faults")["busy"] is True
    part(page, "faults-reset").click()
    expect(page.locator('[data-fault="busy"]')).not_to_be_checked()
    part(page, "clock-day").click()
    expect(part(page, "clock-offset")).to_contain_text("快 1 天")
    part(page, "clock-reset").click()
    expect(part(page, "clock-offset")).to_contain_text("和真实时间一样")


def test_the_control_page_changes_the_kind_of_account_while_it_runs(page: Page, sandbox: Sandbox) -> None:
    page.goto(f"{sandbox.url}/control/")
    page.locator('[data-kind="unverified"]').check()
    expect(page.locator('[data-kind="unverified"]')).to_be_checked()
    assert [app["verified"] for app in sandbox.platform.control("GET", "/apps") if app["name"] == "main"] == [
        False
    ]
    page.locator('[data-kind="service"]').check()
    expect(page.locator('[data-kind="service"]')).to_be_checked()


def test_the_other_logs_show_each_call_and_what_reached_whom(page: Page, sandbox: Sandbox) -> None:
    follow(page)
    say(page, "送到了吗")
    expect(bubbles(page, "account").last).to_contain_text("送到了吗")
    page.goto(f"{sandbox.url}/control/")
    page.locator('[data-tab="sent"]').click()
    expect(part(page, "sent").filter(has_text="送到了吗")).to_contain_text("直接回答")
    page.locator('[data-tab="calls"]').click()
    part(page, "filter-path").fill("/cgi-bin/stable_token")
    expect(part(page, "call").first).to_contain_text("/cgi-bin/stable_token")
    expect(part(page, "call").filter(has_text="menu/create")).to_have_count(0)
    part(page, "call").first.click()
    expect(part(page, "entries")).to_contain_text("grant_type")


def test_a_push_can_be_delivered_again_with_the_same_number(page: Page, sandbox: Sandbox) -> None:
    follow(page)
    say(page, "再来一遍")
    expect(bubbles(page, "account").last).to_contain_text("再来一遍")
    page.goto(f"{sandbox.url}/control/")
    part(page, "push").filter(has_text="再来一遍").click()
    part(page, "repeat").locator("visible=true").click()
    expect(part(page, "push").filter(has_text="再来一遍")).to_contain_text("2 次")
