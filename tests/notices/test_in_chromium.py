"""The notice's form in a browser: under our content policy it scores and keeps what is typed, and shows 特大 by night."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from models.notices import kept_by
from tests.browsers import serving, signs_in
from tests.neighbours import Town
from tests.staff.clerks import hire

pytestmark = pytest.mark.browser


@pytest.fixture
def served(sqlite_town: Town) -> Iterator[str]:
    with serving(sqlite_town) as address:
        yield address


def test_what_is_typed_is_scored_kept_and_shown_as_on_a_phone(
    chromium: Chromium, sqlite_town: Town, served: str
) -> None:
    wang, wrong = hire(sqlite_town, "desk", login="wang"), []
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_viewport_size({"width": 1366, "height": 768})
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        signs_in(page, served, "wang")
        page.goto(f"{served}/console/notices/new")
        page.fill("#title", "取暖补贴")
        page.fill("#summary", "根据有关规定,予以发放。")
        expect(page.locator(".reasons")).to_contain_text("有关规定")
        expect(page.locator("[role=status].hint")).to_contain_text("自动留了一份", timeout=15_000)
        bubble = page.locator("#look .bubble")
        expect(bubble).to_contain_text("予以发放")
        page.check("#look-big")
        expect(bubble).to_have_css("font-size", "24px")
        page.check("#look-dark")
        expect(bubble).to_have_css("background-color", "rgb(44, 44, 44)")
    assert wrong == []
    with sqlite_town.reading() as session:
        kept = kept_by(session, wang.member(session).id, 0)
        assert kept is not None
        assert kept.fields["title"] == "取暖补贴"
