"""A talk as a browser shows it: what is typed survives the polling, the draft lies on the server, quick replies come by
a key, and our own content policy refuses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from sqlalchemy import select

from models.desk import DeskDraft
from tests.browsers import serving, signs_in
from tests.neighbours import Town
from tests.staff.clerks import hire

pytestmark = pytest.mark.browser


@pytest.fixture
def address(sqlite_town: Town) -> Iterator[str]:
    with serving(sqlite_town) as address:
        yield address


@pytest.mark.parametrize("width", [1366, 390])
def test_what_is_typed_stays_while_new_lines_come(
    sqlite_town: Town,
    chromium: Chromium,
    address: str,
    width: int,
) -> None:
    ma = sqlite_town.phone("马秀兰")
    ma.follows()
    ma.says("人工", "楼道的灯坏了没有人来修")
    sqlite_town.seed("desk")
    hire(sqlite_town, "desk", login="wang")
    context = chromium.new_context(viewport={"width": width, "height": 768})
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    signs_in(page, address, "wang")
    page.goto(f"{address}/console/talks/1")
    text = page.get_by_label("写给居民的话")
    text.press_sequentially("我去问")
    page.keyboard.press("Alt+1")
    expect(text).to_have_value(re.compile("我去问您,您好"))
    expect(page.locator("#draft-told")).to_contain_text("草稿存好了")
    ma.says("晚上黑得很")
    expect(page.locator(".thread")).to_contain_text("晚上黑得很", timeout=8000)
    expect(text).to_have_value(re.compile("我去问您,您好"))
    expect(page.locator("#rest")).to_contain_text("还能发 5 条")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.wait_for_timeout(2500)
    with sqlite_town.reading() as session:
        assert session.scalars(select(DeskDraft)).one().text.startswith("我去问您,您好")
    assert complaints == []
    context.close()
