"""A form of twelve fields on the sandbox's phone page in a real browser, with nothing but digits, and the paper of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.posters.pages import size_of, text_of
from tests.roads.street import Street
from tests.roads.test_browser import page
from tests.roads.test_volunteer import joins
from tests.sandbox.browser_pages import bubbles, say

__all__ = ["page"]

pytestmark = pytest.mark.browser
TWELVE = {
    "老人姓名": ("1", "马秀兰"),
    "性别": ("1", "女"),
    "出生日期": ("19410307", "1941年3月7日"),
    "联系电话": ("1", "13900000021"),
    "户口在哪里": ("1", "本社区"),
    "哪天住进本社区": ("20080601", "2008年6月1日"),
    "和谁一起住": ("3", "和子女"),
    "子女几个": ("00", "0个"),
    "每月退休金": ("1850", "1850元"),
    "身体情况": ("2", "有些事要人帮"),
    "有没有残疾证": ("2", "否"),
    "补贴打到哪里": ("1", "社保卡"),
}


def test_twelve_fields_are_filled_in_with_digits_and_stand_on_the_big_paper(
    page: Page, street: Street
) -> None:
    resident = joins(street, "马秀兰", "13900000021")
    page.goto(f"{street.stack.sandbox}/phone/?neighbour={resident.number}")
    say(page, "填表")
    expect(bubbles(page, "account").last).to_contain_text("1 高龄补贴申请表")
    say(page, "1")
    for place, (label, (digits, _)) in enumerate(TWELVE.items(), 1):
        expect(bubbles(page, "account").last).to_contain_text(f"第{place}项,共12项。{label}")
        assert digits.isdecimal()
        say(page, digits)
    expect(bubbles(page, "account").last).to_contain_text("填完了")
    say(page, "1")
    expect(bubbles(page, "account").last).to_contain_text("编号")
    link = f'<a href="{street.stack.web}/h5/forms">看我填的表</a>'
    street.call(
        "/cgi-bin/message/custom/send", touser=resident.openid, msgtype="text", text={"content": link}
    )
    bubbles(page, "account").last.locator('[data-test="link"]').click()
    inside = page.frame_locator('[data-test="webview-frame"]')
    inside.get_by_role("link", name=re.compile("高龄补贴申请表.*编号")).click()
    where = inside.get_by_role("link", name="看打印的样子").get_attribute("href")
    pdf = page.context.request.get(f"{street.stack.web}{where}").body()
    assert size_of(pdf) == (210, 297)
    words = re.sub(r"\s", "", text_of(pdf))
    for label, (_, value) in TWELVE.items():
        assert f"{label}{value}" in words
