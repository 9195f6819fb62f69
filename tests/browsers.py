"""A Chromium, and this town's web application for it to open: for the few things that only a browser decides."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.chromium import ADVICE, find
from tests.neighbours import Town
from tests.staff.clerks import PASSWORD

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Silent(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """The test's output is its own."""


@contextmanager
def launched() -> Iterator[Chromium]:
    path = find()
    assert path, ADVICE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with launched() as browser:
        yield browser


@contextmanager
def serving(town: Town) -> Iterator[str]:
    """The address of this town's web application."""
    server = make_server("127.0.0.1", 0, town.app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signs_in(page: Page, address: str, login: str) -> None:
    """Somebody of the staff (tests/staff/clerks.hire) at the console's door."""
    page.goto(f"{address}/console/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/console/")
