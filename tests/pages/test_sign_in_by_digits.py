"""Where WeChat cannot tell who looks at a page, six digits do: shown on the page, typed in the chat."""

from __future__ import annotations

import re

import pytest

from app import create_app
from models.pages import PageSession
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor

MINE = "/h5/appointments"


@pytest.fixture
def town_without_login(sqlite_town: Town) -> Town:
    """An account that is not verified has no OAuth."""
    object.__setattr__(sqlite_town.site.main.app, "capabilities", frozenset())
    return sqlite_town


@pytest.fixture
def browser(town_without_login: Town) -> Visitor:
    return Visitor(town_without_login)


@pytest.fixture
def ma(town_without_login: Town) -> Phone:
    return town_without_login.phone("马秀兰")


def digits(visitor: Visitor) -> str:
    found = re.search(r"登录 (\d{6})", visitor.words)
    assert found is not None, visitor.words
    return found[1]


def test_digits_typed_in_the_chat_open_the_page_that_was_asked_for(browser: Visitor, ma: Phone) -> None:
    code = digits(browser.opens(f"{MINE}?from=menu"))
    assert "这个网页是您自己打开的吗" in ma.says(f"登录 {code}")
    assert "请回到网页" in ma.says("1")
    browser.taps("我发好了,继续")
    assert (browser.status, "我的预约" in browser.words) == (200, True)


def test_the_word_alone_asks_for_the_digits(browser: Visitor, ma: Phone) -> None:
    code = digits(browser.opens(MINE))
    assert "6位数字" in ma.says("登录")
    assert "请回到网页" in ma.says(code, "1")
    assert browser.opens(MINE).status == 200


def test_digits_without_the_word_are_asked_about_and_one_more_digit_signs_in(
    browser: Visitor, ma: Phone
) -> None:
    code = digits(browser.opens(MINE))
    assert "1 网页上" in ma.says(code)
    assert "这个网页是您自己打开的吗" in ma.says("1")
    assert "请回到网页" in ma.says("1")
    assert browser.opens(MINE).status == 200
    assert "网页上" not in ma.says("12345")


def test_the_page_shows_the_same_digits_until_they_are_old(browser: Visitor) -> None:
    with frozen("2026-11-23 09:00") as clock:
        code = digits(browser.opens(MINE))
        assert digits(browser.opens(MINE)) == code
        clock.shift(301)
        assert browser.opens(MINE).status == 403
        assert digits(browser) != code


def test_digits_are_good_for_five_minutes(browser: Visitor, ma: Phone) -> None:
    with frozen("2026-11-23 09:00") as clock:
        code = digits(browser.opens(MINE))
        clock.shift(301)
        assert "这个数字不对,或者过了5分钟" in ma.says(f"登录 {code}", "1")


def test_b18_b19_digits_work_once_and_for_the_browser_that_shows_them(
    town_without_login: Town, browser: Visitor, ma: Phone
) -> None:
    code = digits(browser.opens(MINE))
    other = Visitor(town_without_login).opens(MINE)
    ma.says(f"登录{code}", "1")
    assert other.opens(MINE).status == 403
    assert browser.opens(MINE).status == 200
    thief = town_without_login.phone("别人")
    assert "不对" in thief.says(f"登录 {code}", "1")


def test_who_says_no_lets_nobody_in(browser: Visitor, ma: Phone) -> None:
    code = digits(browser.opens(MINE))
    ma.says(f"登录 {code}", "0")
    assert browser.opens(MINE).status == 403


def test_who_was_talked_into_it_shuts_every_page_with_one_digit(browser: Visitor, ma: Phone) -> None:
    """Somebody shows a resident the digits of a browser of his own."""
    code = digits(browser.opens(MINE))
    ma.says(f"登录 {code}", "1")
    assert browser.opens(MINE).status == 200
    assert "所有网页都退出了" in ma.says("1")
    assert browser.opens(MINE).status == 403


def test_b19_five_wrong_tries_and_one_must_wait(browser: Visitor, ma: Phone) -> None:
    code = digits(browser.opens(MINE))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        ma.says(f"登录 {wrong}", "1")
    assert "输错了5次" in ma.says(f"登录 {code}", "1")
    assert browser.opens(MINE).status == 403


def test_b18_the_browser_gets_a_new_key_with_the_person(browser: Visitor, ma: Phone) -> None:
    """B22: a cookie that somebody planted before opens nothing afterwards."""
    code = digits(browser.opens(MINE))
    planted = browser.client.get_cookie("session")
    assert planted is not None
    ma.says(f"登录 {code}", "1")
    browser.opens(MINE)
    other = Visitor(browser.town)
    other.client.set_cookie("session", planted.value)
    assert other.opens(MINE).status == 403


def test_the_page_learns_that_the_digits_were_typed(browser: Visitor, ma: Phone) -> None:
    code = digits(browser.opens(MINE))
    assert browser.client.get("/h5/oauth/waiting").json == {"in": False}
    ma.says(f"登录 {code}", "1")
    assert browser.client.get("/h5/oauth/waiting").json == {"in": True}
    assert Visitor(browser.town).client.get("/h5/oauth/waiting").json == {"in": False}


def test_the_digits_stand_nowhere_in_the_database(town_without_login: Town, browser: Visitor) -> None:
    code = digits(browser.opens(MINE))
    with town_without_login.reading() as session:
        row = session.query(PageSession).one()
        assert code not in f"{row.key_hash} {row.state_hash} {row.return_to}"


def test_outside_wechat_a_live_account_shows_digits_too(sqlite_town: Town) -> None:
    """WeChat's own page would only say that it must be opened in WeChat."""
    site = sqlite_town.site
    web = site.settings.web.model_copy(update={"public_url": "http://localhost"})
    site.settings = site.settings.model_copy(update={"mode": "live", "web": web})
    client = create_app(site).test_client()
    assert "登录" in client.get(MINE).text
    inside = client.get(MINE, headers={"User-Agent": "Mozilla/5.0 MicroMessenger/8.0.50"})
    assert "/connect/oauth2/authorize" in inside.location
