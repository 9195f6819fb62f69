"""The leader's page without a network, in a real browser: airplane mode, a browser that is killed, a phone that is new."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.cli import check_invariants
from handlers.activities.actions import plan_activity, plan_session
from handlers.volunteers import offline
from models.leader_devices import LeaderDevice
from models.volunteers import Attendance, Scan
from tests.activities.plans import house, on_file
from tests.browsers import FLAGS, serving
from tests.chromium import find
from tests.neighbours import Town
from tests.pages.test_in_chromium import SMALLEST_LETTERS, TOO_SMALL
from tests.volunteers.leaders_phone import device, link_for, signed_up, stays

pytestmark = pytest.mark.browser
NAMES = ("马秀兰", "张桂英", "才让卓玛")
READY = "没有网也能用了"


@pytest.fixture
def number(sqlite_town: Town) -> int:
    """A session under way with three people on its list, led by a resident."""
    leader = sqlite_town.phone("张河长")
    on_file(sqlite_town, leader, "张河长", "13900000099")

    def unit(session: Session) -> int:
        by, now = house(session), clock.now()
        facts = {"title": "河道清洁", "sentence": "一起来。", "place": "湟水河步道"}
        made = plan_activity(by, **facts, leader=leader.actor(session).me)
        return plan_session(
            by, made, starts=now - timedelta(minutes=5), ends=now + timedelta(hours=2), capacity=9
        ).id

    made = sqlite_town.writing(unit)
    signed_up(sqlite_town, made, *NAMES)
    return made


@pytest.fixture
def link(sqlite_town: Town, number: int) -> str:
    return f"/h5/offline/{number}/#{link_for(sqlite_town, number, sqlite_town.phone('张河长'))}"


class Slow:
    """The house, which may take a record down and then be silent until `go` is set."""

    def __init__(self, town: Town) -> None:
        self.town, self.app = town, town.app.wsgi_app
        self.silent, self.taken, self.go = False, threading.Event(), threading.Event()
        town.app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        answer = self.app(environ, start)
        if self.silent and environ["PATH_INFO"].endswith("/sync"):
            self.taken.set()
            self.go.wait(20)
        return answer


@pytest.fixture
def slow(sqlite_town: Town) -> Iterator[Slow]:
    made = Slow(sqlite_town)
    yield made
    made.go.set()


@pytest.fixture
def served(sqlite_town: Town, slow: Slow) -> Iterator[str]:
    with serving(sqlite_town) as address:
        yield address


def opened(context: BrowserContext, address: str, width: int = 390) -> Page:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(address)
    return page


def ticks(page: Page, name: str, words: str = "到了") -> None:
    page.get_by_role("button", name=f"{name}{words}").click()


def badge(page: Page) -> Any:
    return page.locator("#badge")


def scans(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count(Scan.id))) or 0


def came(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count(Attendance.id))) or 0


def test_in_airplane_mode_all_works_and_comes_in_once_when_there_is_a_network(
    chromium: Chromium, sqlite_town: Town, served: str, number: int, link: str
) -> None:
    context, broken = chromium.new_context(), []
    page = opened(context, served + link)
    page.on("console", lambda line: broken.append(line.text) if "Content Security" in line.text else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    expect(page.get_by_text(READY)).to_be_visible(timeout=15_000)
    assert page.evaluate("location.hash") == "", "the link stands no longer in the address"
    context.set_offline(True)
    page.reload()
    expect(page.locator("#title")).to_have_text("河道清洁")
    expect(page.locator("#net")).to_have_text("没有网络", timeout=10_000)
    ticks(page, "马*兰")
    expect(badge(page)).to_have_text("1条待上传")
    digits = page.locator("#people .person", has_text="张*英").locator(".who span").first.text_content() or ""
    page.fill("#words", digits)
    page.press("#words", "Enter")
    expect(badge(page)).to_have_text("2条待上传")
    expect(page.locator("#words")).to_have_value("")
    page.fill("#words", "马秀")
    expect(page.locator("#people .person:visible")).to_have_count(1)
    page.fill("#words", "")
    ticks(page, "才*")
    page.get_by_role("button", name="才*:撤回“到了”").click()
    expect(badge(page)).to_have_text("2条待上传")
    page.get_by_text("加一个没在名单上的人").click()
    page.fill("#name", "赵春花")
    page.fill("#phone", "13911112222")
    page.get_by_role("button", name="记下他到了").click()
    expect(badge(page)).to_have_text("3条待上传")
    page.reload()
    expect(page.locator(".count")).to_contain_text("到 3 / 4")
    assert scans(sqlite_town) == 0
    context.set_offline(False)
    expect(badge(page)).to_have_text("都传好了", timeout=20_000)
    expect(page.locator("#net")).to_have_text("在线")
    ticks(page, "马*兰", "走了")
    expect(badge(page)).to_have_text("都传好了", timeout=10_000)
    page.get_by_role("button", name="马*兰:撤回“走了”").click()
    expect(page.get_by_role("button", name="马*兰走了")).to_be_visible()
    expect(badge(page)).to_have_text("都传好了", timeout=10_000)
    assert [row[2] for row in stays(sqlite_town)] == [None, None]
    assert check_invariants(sqlite_town.site) == []
    assert broken == []
    context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_the_page_fits_reads_well_and_is_easy_to_tap(
    chromium: Chromium, served: str, link: str, width: int
) -> None:
    context = chromium.new_context()
    page = opened(context, served + link, width)
    expect(page.locator("#ready")).to_be_visible(timeout=15_000)
    ticks(page, "马*兰")
    page.get_by_text("加一个没在名单上的人").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate(SMALLEST_LETTERS) >= 18
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")
    context.close()


def test_a_second_phone_is_told_and_nothing_lies_on_it(
    chromium: Chromium, served: str, link: str, number: int
) -> None:
    first, second = chromium.new_context(), chromium.new_context()
    page = opened(first, served + link)
    expect(page.locator("#ready")).to_be_visible(timeout=15_000)
    other = opened(second, served + link)
    expect(other.locator("#trouble")).to_contain_text("换一部手机", timeout=15_000)
    expect(other.locator("#work")).to_be_hidden()
    assert "马" not in (other.locator("body").text_content() or "")
    raw = page.evaluate(READ_STORE)
    for secret in ("马*兰", "赵", "河道清洁"):
        assert secret not in raw, "names lie sealed"
    first.close()
    second.close()


READ_STORE = """() => new Promise((resolve) => {
  const asked = indexedDB.open("leader", 1);
  asked.onsuccess = () => {
    const all = asked.result.transaction("sessions").objectStore("sessions").getAll();
    all.onsuccess = () => resolve(all.result.map((one) => JSON.stringify(one) +
      new TextDecoder().decode(one.roster.data) + one.key.extractable).join());
  };
})"""


def test_a_browser_that_is_killed_while_it_brings_loses_and_doubles_nothing(
    chromium: Chromium, sqlite_town: Town, served: str, link: str, number: int, slow: Slow, tmp_path: Path
) -> None:
    """The house has written the records down, the answer never comes, the browser is dead: it sends them again."""
    profile = tmp_path / "phone"

    def phone() -> BrowserContext:
        return chromium.browser_type.launch_persistent_context(profile, executable_path=find(), args=FLAGS)

    context = phone()
    page = opened(context, served + link)
    expect(page.locator("#ready")).to_be_visible(timeout=15_000)
    context.set_offline(True)
    for name in ("马*兰", "张*英"):
        ticks(page, name)
    expect(badge(page)).to_have_text("2条待上传")
    slow.silent = True
    context.set_offline(False)
    assert slow.taken.wait(20)
    kill(profile)
    slow.silent = False
    slow.go.set()
    assert (scans(sqlite_town), came(sqlite_town)) == (2, 2)
    again = phone()
    page = opened(again, f"{served}/h5/offline/{number}/")
    expect(badge(page)).to_have_text("都传好了", timeout=20_000)
    expect(page.locator(".count")).to_contain_text("到 2 / 3")
    assert (scans(sqlite_town), came(sqlite_town)) == (2, 2)
    again.close()


def kill(profile: Path) -> None:
    """SIGKILL to every process of the browser with this folder."""
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if f"--user-data-dir={profile}".encode() in words:
            os.kill(int(entry.name), signal.SIGKILL)


def test_when_the_link_was_let_go_the_list_goes_from_the_phone(
    chromium: Chromium, sqlite_town: Town, served: str, link: str, number: int
) -> None:
    context = chromium.new_context()
    page = opened(context, served + link)
    expect(page.locator("#ready")).to_be_visible(timeout=15_000)
    mine = device(sqlite_town, number).id
    leader = sqlite_town.phone("张河长")
    sqlite_town.writing(lambda s: offline.let_go(leader.actor(s), s.get_one(LeaderDevice, mine)))
    page.reload()
    expect(page.locator("#trouble")).to_contain_text("删掉了", timeout=15_000)
    assert "马" not in (page.locator("main").inner_text())
    assert page.evaluate("caches.keys().then((names) => names.length)") == 0
    context.close()
