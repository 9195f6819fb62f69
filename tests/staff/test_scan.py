"""The phone that scans the code on a computer's screen: the number, the big button, and phones that are nobody's."""

from __future__ import annotations

import re

import pytest

from models import staff_scan, staff_wechat
from models.identity import Identity
from models.staff_scan import StaffScan
from tests.neighbours import Town
from tests.pages.conftest import Browser
from tests.staff.clerks import Clerk, audited, clerk
from tests.staff.test_wechat import POLL, asks, polls

OFFERED = re.compile(r'name="number" value="(\d\d)"')


def scans(browser: Browser, screen: Clerk) -> str:
    """Scan what stands on this screen; the path that the code holds."""
    cookie = screen.client.get_cookie("scan")
    assert cookie is not None
    path = f"/h5/staff/{staff_scan.key_of(cookie.value)}"
    assert browser.opens(path).status_code in (200, 409)
    return path


def taps(browser: Browser, path: str, **fields: str) -> str:
    return browser.client.post(path, data=fields).text


@pytest.fixture
def wang(street: Town) -> Clerk:
    return clerk(street, "desk", login="wang")


@pytest.fixture
def phone(street: Town, wang: Clerk, browser: Browser) -> Browser:
    """Wang's own phone, bound by scanning."""
    asks(wang, "/console/mine/wechat")
    path = scans(browser, wang)
    assert "绑定这个微信" in browser.client.get(path).text
    told = re.search(r'class="number">(\d\d)<', taps(browser, f"{path}/yes"))
    assert told is not None
    assert told[1] in browser.client.get(path).text, "opened again it shows the same"
    assert polls(wang, seen="asked").text.count("手机上显示的两位数") == 1
    wang.opens("/console/scan")
    wang.sends("/console/scan/number", number=told[1], follow=True)
    assert "微信绑定好了" in wang.words
    return browser


def test_who_scans_picks_the_number_says_yes_and_the_computer_is_let_in(street: Town, phone: Browser) -> None:
    screen = Clerk(street, "")
    _, number = asks(screen)
    path = scans(phone, screen)
    page = phone.client.get(path).text
    offered = OFFERED.findall(page)
    assert len(offered) == 3
    assert number in offered
    assert "127.0.0.1" in page
    assert "是我,让它进" in taps(phone, f"{path}/number", number=number)
    assert polls(screen).text.count("等您在手机上点") == 1
    assert "看电脑" in taps(phone, f"{path}/yes")
    assert polls(screen, seen="matched").headers["HX-Redirect"] == "/console/"
    assert "王干事" in screen.opens("/console/").text
    with street.reading() as session:
        actions = [line.action for line in audited(session, "staff.scan_open")]
        assert actions
        assert {line.channel for line in audited(session, "staff.scan_approve")} == {"page"}


def test_another_number_than_the_screens_ends_it(street: Town, phone: Browser) -> None:
    """Who is talked into scanning a stranger's code does not see that computer's screen."""
    screen = Clerk(street, "")
    _, number = asks(screen)
    path = scans(phone, screen)
    wrong = next(one for one in OFFERED.findall(phone.client.get(path).text) if one != number)
    assert "数字不对" in taps(phone, f"{path}/number", number=wrong)
    assert "过期了" in taps(phone, f"{path}/number", number=number)
    assert "过期了" in polls(screen).text


def test_b25_a_yes_before_the_number_is_no_yes(street: Town, phone: Browser) -> None:
    screen = Clerk(street, "")
    asks(screen)
    path = scans(phone, screen)
    assert "过期了" in taps(phone, f"{path}/yes")
    assert polls(screen).status_code == 204


def test_not_me_ends_it_at_once(street: Town, phone: Browser) -> None:
    screen = Clerk(street, "")
    asks(screen)
    path = scans(phone, screen)
    assert "没有让它进" in taps(phone, f"{path}/no")
    assert "过期了" in polls(screen).text
    with street.reading() as session:
        assert len(audited(session, "staff.scan_refuse")) == 1


def test_looking_at_a_code_lets_nobody_in(street: Town, phone: Browser) -> None:
    screen = Clerk(street, "")
    asks(screen)
    path = scans(phone, screen)
    phone.client.head(path)
    phone.client.get(path)
    assert polls(screen).status_code == 204
    with street.reading() as session:
        assert {row.state for row in session.query(StaffScan).filter_by(purpose="enter")} == {"asked"}


def test_b14_a_phone_that_is_nobodys_learns_and_opens_nothing(
    street: Town, wang: Clerk, phone: Browser, neighbours: list[str]
) -> None:
    screen, stranger = Clerk(street, ""), Browser(street, neighbours[1])
    _, number = asks(screen)
    path = scans(stranger, screen)
    for page in (
        stranger.client.get(path).text,
        taps(stranger, f"{path}/number", number=number),
        taps(stranger, f"{path}/yes"),
        taps(stranger, f"{path}/no"),
    ):
        assert "没有绑定工作台账号" in page
        assert not re.search(r"wang|王干事|127\.0\.0\.1", page)
    assert polls(screen).status_code == 204


def test_a_yes_of_one_phone_is_not_finished_by_another(
    street: Town, wang: Clerk, phone: Browser, neighbours: list[str]
) -> None:
    li = clerk(street, "approver", login="li", name="李主任")
    second = Browser(street, neighbours[1])
    second.opens("/h5/hours")

    def bind(session) -> None:  # type: ignore[no-untyped-def]
        taken = staff_wechat.identity_of(session, wang.member(session).id)
        other = session.query(Identity).filter(Identity.id != taken.id).one()
        staff_wechat.bind(session, li.member(session), other)

    street.writing(bind)
    screen = Clerk(street, "")
    _, number = asks(screen)
    path = scans(phone, screen)
    taps(phone, f"{path}/number", number=number)
    assert "过期了" in second.client.get(path).text
    assert "过期了" in taps(second, f"{path}/yes")
    assert polls(screen, seen="matched").status_code == 204


def test_b17_a_yes_from_a_page_of_somebody_else_is_refused(street: Town, phone: Browser) -> None:
    screen = Clerk(street, "")
    _, number = asks(screen)
    path = scans(phone, screen)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {"Origin": "https://evil.example"}):
        answer = phone.client.post(f"{path}/number", data={"number": number}, headers=headers)
        assert answer.status_code == 403


def test_a_browser_that_wechat_has_not_vouched_for_is_sent_to_wechat(street: Town, phone: Browser) -> None:
    screen = Clerk(street, "")
    asks(screen)
    cookie = screen.client.get_cookie("scan")
    assert cookie is not None
    path = f"/h5/staff/{staff_scan.key_of(cookie.value)}"
    assert "/connect/oauth2/authorize" in street.client.get(path).headers["Location"]
    assert street.client.post(f"{path}/yes").status_code == 403


def test_an_account_that_may_not_ask_who_looks_shows_only_digits(street: Town) -> None:
    object.__setattr__(street.site.main.app, "capabilities", frozenset())
    screen = Clerk(street, "")
    asks(screen)
    page = screen.opens("/console/scan").text
    assert 'class="qr"' not in page
    assert "的对话里发" in page
    assert screen.client.post("/console/scan/part", data={"csrf_token": screen.token(), "seen": "asked"}, headers=POLL).status_code == 204  # fmt: skip


def test_a_browser_let_in_by_digits_or_weeks_ago_opens_no_computer(street: Town, phone: Browser) -> None:
    """Whoever is talked into typing six digits in the chat would else hand over the console with them."""
    screen = Clerk(street, "")
    _, number = asks(screen)
    path = scans(phone, screen)
    with phone.client.session_transaction() as cookie:
        cookie.pop("vouched")
    assert phone.client.post(f"{path}/number", data={"number": number}).status_code == 403
    assert "/connect/oauth2/authorize" in phone.client.get(path).headers["Location"]
    assert "是哪个" in phone.opens(path).text
    object.__setattr__(street.site.main.app, "capabilities", frozenset())
    with phone.client.session_transaction() as cookie:
        cookie.pop("vouched")
    answer = phone.client.get(path)
    assert answer.status_code == 403
    assert "扫一扫" in answer.text
