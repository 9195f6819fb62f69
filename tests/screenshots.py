"""`make screenshots`: every page of the console and of the residents, as it stands with the invented neighbourhood.

A stack of its own, its clock on a workday. Colleagues of each role and a neighbour walk from page to page by its links;
the first page of each route is taken at a desk's width and at a phone's. docs/screenshots/README.md lists them all.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import requests
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from werkzeug.exceptions import HTTPException

from tests.chromium import find
from tests.stack import PROJECT, Stack

FOLDER = PROJECT / "docs" / "screenshots"
README_PICTURE = PROJECT / "docs" / "pictures" / "phone.png"
WORKDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # Monday morning in Xining
NEIGHBOUR = "han-yumei"
TALK = ("预约", "高龄补贴", "明早", "1", "韩玉梅", "1")
MORE_TALK = ("人工 水龙头漏水了,谁能来看看", "心愿")
DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
WIDTHS = {"desk": DESK, "phone": PHONE}
KEPT_WIDTH = {"desk": 900, "phone": 390}
TALLEST = 1800
PASSWORD = "春天到湟水河边走走"
# Who walks, and with which roles: author and approver are two, and so are administrator and auditor.
WALKERS = {
    "desk": ("desk", "leader", "care", "grid", "first_review"),
    "approver": ("approver", "second_review"),
    "admin": ("admin",),
    "auditor": ("auditor",),
}
BEFORE_SIGN_IN = ("/console/sign-in",)
RESIDENTS_BEGIN = (
    "/h5/",
    "/h5/me",
    "/h5/appointments",
    "/h5/hours",
    "/h5/notices",
    "/h5/services",
    "/h5/activities",
)
LEFT_OUT = re.compile(
    r"sign-out|/file$|\.ics|/part$|letters/|export|download|\.txt$|/print$|/oauth|/picture|/code$|/draft"
)
MOST_PAGES = 140
WAIT = "networkidle"


@dataclass
class Walk:
    """One browser with one person in it; `seen` routes are shared by all walks of one kind."""

    app: Flask
    base: str
    page: Page
    seen: dict[str, str]
    queue: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def take_all(self, *begin: str) -> None:
        for path in begin:  # the next walker comes from pages that are known, and goes where only they may
            self.page.goto(self.base + path)
            self._follow_links()
        self.queue += begin
        while self.queue and len(self.seen) < MOST_PAGES:
            path = self.queue.pop(0)
            route = self._route(path)
            if path in self.asked or LEFT_OUT.search(path) or route is None:
                continue
            self.asked.add(path)
            if route in self.seen:
                continue
            self._take(path, route)

    def _take(self, path: str, route: str) -> None:
        answer = self._open(path)
        if answer is None or answer.status != 200 or self._route(self._path()) != route:
            return
        self.seen[route] = path
        shoot(self.page, route)
        self._follow_links()

    def _open(self, path: str) -> Response | None:
        """None for what is taken away instead of shown."""
        try:
            return self.page.goto(self.base + path)
        except PlaywrightError:
            return None

    def _follow_links(self) -> None:
        hrefs = self.page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        self.queue += [
            f"{parts.path}?{parts.query}" if parts.query else parts.path for parts in self._ours(hrefs)
        ]

    def _ours(self, hrefs: list[str]) -> Iterator:  # type: ignore[type-arg]
        for href in hrefs:
            parts = urlsplit(href)
            if href.startswith(self.base):
                yield parts

    def _path(self) -> str:
        return urlsplit(self.page.url).path

    def _route(self, path: str) -> str | None:
        try:
            endpoint, _ = self.app.url_map.bind("127.0.0.1").match(urlsplit(path).path, method="GET")
        except HTTPException:
            return None
        return None if "static" in endpoint else str(endpoint)


def shoot(page: Page, route: str) -> None:
    """The page at both widths, small enough to be kept."""
    for name, size in WIDTHS.items():
        page.set_viewport_size(size)
        page.wait_for_load_state(WAIT)
        keep(
            page.screenshot(full_page=True),
            FOLDER / name / f"{route.replace('_console', '')}.png",
            KEPT_WIDTH[name],
        )
    page.set_viewport_size(DESK)


def keep(content: bytes, to: Path, width: int) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(BytesIO(content)) as full:
        top = full.convert("RGB").crop((0, 0, full.width, min(full.height, TALLEST * full.width // width)))
        small = top.resize((width, width * top.height // top.width), Image.Resampling.LANCZOS).quantize(48)
    small.save(to, optimize=True)


# ---- who walks -------------------------------------------------------------------------------------------------------


def signed_in(stack: Stack, browser: Browser, login: str, roles: tuple[str, ...]) -> BrowserContext:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    page.goto(stack.web + invitation(stack, login, roles))
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=again]").fill(PASSWORD)
    page.locator("[name=again]").press("Enter")
    page.wait_for_url("**/console/**")
    return context


def invitation(stack: Stack, login: str, roles: tuple[str, ...]) -> str:
    """The path of a one-time link, as the command prints it."""
    chosen = [word for role in roles for word in ("--role", role)]
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "wsgi",
        "staff",
        "invite",
        "--login",
        login,
        "--name",
        "周干事",
    ]
    done = subprocess.run(
        [*command, *chosen], cwd=PROJECT, env=stack.environ, capture_output=True, text=True, check=True
    )
    found = re.search(r"/console/\S*invitation/\S+", done.stdout)
    assert found, done.stdout
    return found[0]


def as_neighbour(stack: Stack, browser: Browser) -> BrowserContext:
    """The sandbox's login knows who holds the phone by its cookie."""
    context = browser.new_context(viewport=PHONE)
    context.add_cookies([{"name": "sandbox_neighbour", "value": NEIGHBOUR, "url": stack.sandbox}])
    return context


def on_a_workday(data: Path) -> Path:
    """An empty installation whose clock stands on a Monday morning before its neighbourhood moves in."""
    data.mkdir()
    (data / "clock").write_text(str(int((WORKDAY - datetime.now(UTC)).total_seconds())))
    return data


def talk(sandbox: str) -> None:
    """A neighbour follows and books, on the phone."""
    phone = f"{sandbox}/phone/api/{NEIGHBOUR}/main"
    requests.post(f"{phone}/follow", json={}, timeout=30).raise_for_status()
    for words in TALK:
        requests.post(f"{phone}/send", json={"kind": "text", "text": words}, timeout=30).raise_for_status()


def say_more(sandbox: str) -> None:
    for words in MORE_TALK:
        body = {"kind": "text", "text": words}
        requests.post(f"{sandbox}/phone/api/{NEIGHBOUR}/main/send", json=body, timeout=30).raise_for_status()


# ---- the pictures ----------------------------------------------------------------------------------------------------


def take_phone(browser: Browser, address: str) -> None:
    """The picture of the README: the talk on the sandbox's phone."""
    page = browser.new_page(viewport=PHONE, device_scale_factor=2)
    page.goto(address)
    page.locator("[data-test=log]").get_by_text("约好了").wait_for()
    keep(page.screenshot(), README_PICTURE, 585)
    page.close()


def take_console(app: Flask, stack: Stack, browser: Browser) -> dict[str, str]:
    seen: dict[str, str] = {}
    outside = Walk(app, stack.web, browser.new_page(viewport=DESK), seen)
    outside.take_all(*BEFORE_SIGN_IN)
    for login, roles in WALKERS.items():
        context = signed_in(stack, browser, f"walk-{login}", roles)
        walk = Walk(app, stack.web, context.new_page(), seen)
        walk.take_all("/console/")
        _open_cards(walk)
        context.close()
    return seen


def _open_cards(walk: Walk) -> None:
    """What opens by a button, because that it is opened is written down: a resident's card, a talk's neighbour."""
    for path in [path for path in walk.seen.values() if path.startswith("/console/")]:
        walk.page.goto(walk.base + path)
        button = walk.page.locator("form.act button", has_text="看资料").first
        if button.count():
            button.click()
            walk.page.wait_for_load_state(WAIT)
            shoot(walk.page, "people_console.card")
            walk.seen["people_console.card"] = "一位居民的资料"
            walk._follow_links()
            walk.take_all()
            return


def take_residents(app: Flask, stack: Stack, browser: Browser) -> dict[str, str]:
    seen: dict[str, str] = {}
    context = as_neighbour(stack, browser)
    Walk(app, stack.web, context.new_page(), seen).take_all(*RESIDENTS_BEGIN)
    context.close()
    return seen


def write_index(console: dict[str, str], residents: dict[str, str]) -> None:
    """docs/screenshots/README.md: every picture under its route."""
    lines = ["# Every page, as `make screenshots` saw it", "", "The people are invented.", ""]
    for title, seen in (("Residents", residents), ("Console", console)):
        lines += [f"## {title}", ""]
        for route, path in sorted(seen.items()):
            name = route.replace("_console", "")
            lines.append(f"- `{path}` · [desk](desk/{name}.png) · [phone](phone/{name}.png)")
        lines.append("")
    (FOLDER / "README.md").write_text("\n".join(lines), "utf-8")


def main() -> None:
    from app import create_app
    from app.settings import load_settings
    from app.site import Site

    with tempfile.TemporaryDirectory() as folder, Stack(on_a_workday(Path(folder) / "data")) as stack:
        sandbox = stack.status()["phone"].removesuffix("/phone")
        talk(sandbox)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find(), args=["--no-sandbox", "--disable-gpu"]
            )
            take_phone(browser, f"{sandbox}/phone/?neighbour={NEIGHBOUR}")
            say_more(sandbox)
            site = Site(load_settings(stack.environ))
            app = create_app(site)
            residents, console = take_residents(app, stack, browser), take_console(app, stack, browser)
            site.close()
            browser.close()
    write_index(console, residents)
    print(
        f"{len(residents)} pages of residents, {len(console)} of the console, in {FOLDER.relative_to(PROJECT)}"
    )


if __name__ == "__main__":
    main()
