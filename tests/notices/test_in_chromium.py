"""The notice's form in a browser: under our content policy it scores and keeps what is typed, and shows 特大 by night."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from app import clock
from handlers.notices import actions
from models.identity import Actor
from models.notices import kept_by
from tests.browsers import serving, signs_in
from tests.neighbours import Town
from tests.staff.clerks import hire

pytestmark = pytest.mark.browser

# At 30 px: [its size before, the height of a line, the height that it needs, the ink's height (0 without a font)].
MEASURE = """(line) => {
  const before = parseFloat(getComputedStyle(line).fontSize);
  line.style.fontSize = "30px";
  const style = getComputedStyle(line), pen = document.createElement("canvas").getContext("2d");
  pen.font = `30px ${style.fontFamily}`;
  const ink = pen.measureText(line.textContent), none = pen.measureText("\\u{10ffff}").width;
  const known = pen.measureText("\\u0f56\\u0f66\\u0f92").width < none * 2.5;
  const height = parseFloat(style.lineHeight);
  return [before, height, line.scrollHeight - parseFloat(style.paddingTop),
    known ? ink.actualBoundingBoxAscent + ink.actualBoundingBoxDescent : 0];
}"""


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


def test_stacked_letters_have_room_at_thirty_pixels(
    chromium: Chromium, sqlite_town: Town, served: str
) -> None:
    """Three signs stand on one another here; their ink is measured where a font for them is there."""
    second = {"language": "藏文", "text": "བསྒྲུབས།", "written_by": "卓玛", "checked_by": "才让"}

    def told(session):  # type: ignore[no-untyped-def]
        by = Actor(session, channel="job")
        today = clock.today()
        made = actions.draft(
            by,
            title="请来",
            category="活动",
            source="社区",
            summary="请来。",
            valid_from=today,
            second=second,
        )
        return actions.publish(by, made).id

    number = sqlite_town.writing(told)
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{served}/h5/notices/{number}")
        line = page.locator(".other-language[lang=bo] p")
        expect(line).to_have_css("overflow", "visible")
        size, high, needed, there = line.evaluate(MEASURE)
    assert size >= 24
    assert high >= 60
    assert needed <= high + 1
    if there:  # what the letters themselves cover
        assert there <= high
