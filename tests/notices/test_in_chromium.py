"""The notice's form in a browser: under our content policy it scores and keeps what is typed, and shows 特大 by night."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from models.notices import kept_by
from tests.chromium import ADVICE, find
from tests.neighbours import Town
from tests.staff.clerks import PASSWORD, hire

pytestmark = pytest.mark.browser


class Silent(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """The test's output is its own."""


@pytest.fixture
def served(sqlite_town: Town) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, sqlite_town.app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_typed_is_scored_kept_and_shown_as_on_a_phone(sqlite_town: Town, served: str) -> None:
    wang, path, wrong = hire(sqlite_town, "desk", login="wang"), find(), []
    assert path, ADVICE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.goto(f"{served}/console/sign-in")
        page.fill("[name=login]", "wang")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
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
        browser.close()
    assert wrong == []
    with sqlite_town.reading() as session:
        kept = kept_by(session, wang.member(session).id, 0)
        assert kept is not None
        assert kept.fields["title"] == "取暖补贴"
