"""Who is looking at a page: told by WeChat, once, for this browser only, and never taken from an address."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import clock
from app.site import Site
from models.identity import Identity, Person
from models.pages import PageSession
from tests.neighbours import Town, frozen
from tests.pages.conftest import PUBLIC, Browser, path_of, settings_for
from tests.sandbox.platform_process import RunningPlatform

HOURS = "/h5/hours"


def asked_at_wechat(browser: Browser) -> str:
    return browser.client.get(HOURS).location


def people(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count()).select_from(Identity)) or 0


def test_a_page_sends_a_stranger_to_wechat_silently_and_back_to_itself(browser: Browser) -> None:
    address = asked_at_wechat(browser)
    query = parse_qs(urlsplit(address).query)
    assert query["scope"] == ["snsapi_base"]
    assert query["redirect_uri"] == [f"{PUBLIC}/h5/oauth"]
    assert address.endswith("#wechat_redirect")
    answer = browser.opens(HOURS)
    assert answer.status_code == 200
    assert "我的志愿时长" in answer.text


def test_the_second_page_asks_wechat_no_more(browser: Browser) -> None:
    browser.opens(HOURS)
    assert browser.client.get(HOURS).status_code == 200


def test_the_same_person_in_two_browsers_is_one_identity(street: Town, neighbours: list[str]) -> None:
    for _ in range(2):
        assert Browser(street, neighbours[0]).opens(HOURS).status_code == 200
    Browser(street, neighbours[1]).opens(HOURS)
    assert people(street) == 2


def test_b22_a_state_works_once(browser: Browser) -> None:
    back = path_of(browser.from_wechat(asked_at_wechat(browser)))
    assert browser.client.get(back).status_code == 302
    again = browser.client.get(back)
    assert again.status_code == 400
    assert "这个链接用过了" in again.text


def test_b22_a_state_works_only_in_the_browser_that_took_it_to_wechat(
    street: Town, browser: Browser, neighbours: list[str]
) -> None:
    back = path_of(browser.from_wechat(asked_at_wechat(browser)))
    foreign = Browser(street, neighbours[1])
    asked_at_wechat(foreign)
    assert foreign.client.get(back).status_code == 400
    assert street.client.get(back).status_code == 400
    assert people(street) == 0


def test_b22_a_state_is_good_for_ten_minutes(browser: Browser) -> None:
    with frozen("2026-11-23 09:00") as clock:
        back = path_of(browser.from_wechat(asked_at_wechat(browser)))
        clock.shift(601)
        assert browser.client.get(back).status_code == 400


@pytest.mark.parametrize("state", ["", "x", "0" * 32, "//evil.example", "a\r\nb", "a" * 4000])
def test_b22_an_invented_state_opens_nothing(browser: Browser, state: str) -> None:
    asked_at_wechat(browser)
    assert browser.client.get("/h5/oauth", query_string={"code": "c", "state": state}).status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "https:evil.example",
        "\\evil",
        "https://evil.example/",
        "%0d%0aLocation:%20//evil.example",
        "javascript:alert(1)",
    ],
)
def test_b22_no_address_in_the_query_decides_where_one_lands(browser: Browser, address: str) -> None:
    back = path_of(browser.from_wechat(asked_at_wechat(browser)))
    names = ("next", "return_to", "redirect", "url")
    landed = browser.client.get(f"{back}&" + "&".join(f"{name}={address}" for name in names))
    assert landed.location == HOURS


def test_b22_a_code_works_once(browser: Browser) -> None:
    """WeChat answers 40163; a code that was overheard opens no second browser."""
    back = path_of(browser.from_wechat(asked_at_wechat(browser)))
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert browser.client.get(back).status_code == 302
    thief = browser.client.application.test_client()
    state = parse_qs(urlsplit(thief.get(HOURS).location).query)["state"][0]
    answer = thief.get("/h5/oauth", query_string={"code": code, "state": state})
    assert answer.status_code == 502
    assert thief.get(HOURS).status_code == 302


@pytest.mark.parametrize("route", ["static", "no.such_route", "wechat.push", "console.today"])
def test_b22_the_way_back_is_a_page_of_the_table(street: Town, browser: Browser, route: str) -> None:
    """Even a row that somebody had tampered with leads to no other place."""
    back = path_of(browser.from_wechat(asked_at_wechat(browser)))
    street.writing(lambda s: setattr(s.scalars(select(PageSession)).one(), "return_to", [route, {}]))
    answer = browser.client.get(back)
    assert answer.status_code == 400
    assert browser.client.get(HOURS).status_code == 302


def test_a_code_that_wechat_refuses_is_explained_with_a_way_on(browser: Browser) -> None:
    state = parse_qs(urlsplit(asked_at_wechat(browser)).query)["state"][0]
    answer = browser.client.get("/h5/oauth", query_string={"code": "invented", "state": state})
    assert answer.status_code == 502
    assert "微信那边没答应" in answer.text
    assert f'href="{HOURS}"' in answer.text


def test_who_does_not_agree_is_told_so(browser: Browser) -> None:
    state = parse_qs(urlsplit(asked_at_wechat(browser)).query)["state"][0]
    answer = browser.client.get("/h5/oauth", query_string={"state": state})
    assert answer.status_code == 403
    assert "没认出您是谁" in answer.text


def test_an_openid_in_the_address_says_nothing(browser: Browser) -> None:
    browser.opens(HOURS)
    stranger = browser.client.application.test_client()
    assert stranger.get(f"{HOURS}?openid=o123&person=1").status_code == 302


def test_the_browsers_key_changes_at_sign_in_and_the_old_one_opens_nothing(browser: Browser) -> None:
    asked_at_wechat(browser)
    planted = browser.client.get_cookie("session")
    browser.opens(HOURS)
    assert planted is not None
    other = browser.client.application.test_client()
    other.set_cookie("session", planted.value)
    assert other.get(HOURS).status_code == 302


def test_a_tampered_cookie_is_a_stranger(browser: Browser) -> None:
    browser.opens(HOURS)
    browser.client.set_cookie("session", "eyJicm93c2VyIjoiMSJ9.aaaa.bbbb")
    assert browser.client.get(HOURS).status_code == 302


def test_nothing_in_the_database_opens_a_browser(street: Town, browser: Browser) -> None:
    with browser.client.session_transaction() as kept:
        kept["browser"] = "known"
    asked_at_wechat(browser)
    with street.reading() as session:
        row = session.scalars(select(PageSession)).one()
        assert row.key_hash != "known"
        assert len(row.key_hash) == len(row.state_hash or "") == 64


def test_an_erased_person_is_signed_out(street: Town, browser: Browser) -> None:
    browser.opens(HOURS)

    def erase(session) -> None:  # type: ignore[no-untyped-def]
        person = session.scalars(select(Identity)).one().person
        person.erased_at = person.created_at

    street.writing(erase)
    assert browser.client.get(HOURS).status_code == 302


def test_a_look_ahead_at_a_link_does_nothing(browser: Browser) -> None:
    browser.opens(HOURS)
    looked = browser.client.head(HOURS)
    assert looked.status_code == 200
    assert looked.data == b""


def test_an_account_without_login_says_to_do_it_in_the_chat(
    street: Town, browser: Browser, platform: RunningPlatform
) -> None:
    object.__setattr__(street.site.main.app, "capabilities", frozenset())
    answer = browser.client.get(HOURS)
    assert answer.status_code == 403
    assert "发屏幕上的4位数字" in answer.text


# ---- WeChat's made-up person of the read-only mode ---------------------------------------------------------------------


class OneVisitor(BaseHTTPRequestHandler):
    """A WeChat that says the same of everybody: `says` beside the tokens."""

    says: dict[str, object] = {}  # noqa: RUF012 (each fixture makes a class of its own)

    def do_GET(self) -> None:
        told = {"access_token": "t", "expires_in": 7200, "scope": "snsapi_base", **self.says}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def wechat_that_says(**says: object) -> Iterator[str]:
    handler = type("Handler", (OneVisitor,), {"says": says})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def town_with(tmp_path: Path, empty_sqlite: Path, valkey_server: str) -> Iterator[Callable[[str], Town]]:
    """A town whose WeChat is at this address."""
    made: list[Town] = []

    def make(wechat: str) -> Town:
        for file in empty_sqlite.glob("town.db*"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
        made.append(Town(Site(settings_for(tmp_path, wechat, valkey_server))))
        return made[-1]

    yield make
    for town in made:
        town.site.close()


def comes_back(town: Town) -> tuple[FlaskClient, TestResponse]:
    client = town.client
    state = parse_qs(urlsplit(client.get(HOURS).location).query)["state"][0]
    return client, client.get("/h5/oauth", query_string={"code": "c", "state": state})


def test_a_snapshot_user_is_never_stored_and_is_told_what_to_tap(town_with: Callable[[str], Town]) -> None:
    with wechat_that_says(openid="oVirtual", is_snapshotuser=1) as wechat:
        town = town_with(wechat)
        client, answer = comes_back(town)
        assert answer.status_code == 403
        assert "使用完整服务" in answer.text
        assert people(town) == 0
        assert client.get(HOURS).status_code == 302


def test_whom_wechat_calls_the_same_across_our_apps_is_one_person_on_pages_too(
    town_with: Callable[[str], Town],
) -> None:
    with wechat_that_says(openid="oPage", unionid="u1") as wechat:
        town = town_with(wechat)

        def known_by_mini(session: Session) -> None:
            person = Person(unionid="u1", name="马秀兰")
            session.add(Identity(kind="mini", app="mini:main", openid="oMini", person=person))

        town.writing(known_by_mini)
        client, answer = comes_back(town)
        assert answer.location == HOURS
        with town.reading() as session:
            assert len({one.person_id for one in session.scalars(select(Identity))}) == 1
        assert "马秀兰" in client.get("/h5/me/kept").text


def test_two_who_cannot_be_made_one_still_get_in(town_with: Callable[[str], Town]) -> None:
    with wechat_that_says(openid="oPage", unionid="u1") as wechat:
        town = town_with(wechat)

        def gone(session: Session) -> None:
            person = Person(unionid="u1", erased_at=clock.now())
            session.add(Identity(kind="mini", app="mini:main", openid="oMini", person=person))

        town.writing(gone)
        client, answer = comes_back(town)
        assert answer.location == HOURS
        assert client.get(HOURS).status_code == 200
