"""A member's own WeChat: bound by its owner, signing in with it by digits in the chat, and who must not (B16–B19, B22)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from handlers.people import rights as people
from handlers.staff import actions, scans
from models import staff_scan, staff_wechat
from models.identity import Actor, Person
from models.staff_scan import StaffScan
from models.staff_session import StaffSession
from tests.neighbours import Phone, Town, frozen
from tests.staff.clerks import Clerk, audited, clerk, hire

ASK, PART, POLL = "/console/sign-in/scan", "/console/scan/part", {"HX-Request": "true"}


@pytest.fixture
def house(sqlite_town: Town) -> Town:
    return sqlite_town


def shown(browser: Clerk) -> tuple[str, str]:
    """The digits and the number on a screen ("" for none)."""
    page = browser.opens("/console/scan").text
    digits, number = re.search(r"工作台 (\d{6})", page), re.search(r'big-number">(\d\d)<', page)
    assert digits is not None, browser.words
    return digits[1], number[1] if number else ""


def asks(browser: Clerk, path: str = ASK) -> tuple[str, str]:
    """Begin at this browser; what then stands on its screen."""
    if path == ASK:
        browser.opens("/console/sign-in")
    assert browser.sends(path).status_code == 302, browser.words
    return shown(browser)


def polls(browser: Clerk, seen: str = "asked") -> TestResponse:
    shown_page = browser.opens("/console/scan").text
    token = browser.token() if "csrf_token" in shown_page else ""
    return browser.client.post(PART, data={"csrf_token": token, "seen": seen}, headers=POLL)


def agrees(phone: Phone, digits: str, number: str) -> str:
    """Type the digits and pick the number that stands on the screen; the answer."""
    question = phone.says(f"工作台 {digits}")
    picked = re.search(rf"(\d) {number}\b", question)
    assert picked is not None, question
    return phone.says(picked[1])


def binds(wang: Clerk, phone: Phone) -> None:
    """Wang binds this phone as a member does."""
    digits, number = asks(wang, "/console/mine/wechat")
    assert number == "", "the number of a binding is the phone's to show"
    assert wang.login in phone.says(f"工作台 {digits}")
    told = re.search(r"\d\d", phone.says("1"))
    assert told is not None
    wang.opens("/console/scan")
    wang.sends("/console/scan/number", number=told[0], follow=True)
    assert "微信绑定好了" in wang.words


@pytest.fixture
def wang(house: Town) -> Clerk:
    return clerk(house, "desk", login="wang")


@pytest.fixture
def phone(house: Town, wang: Clerk) -> Phone:
    """Wang's own, bound."""
    own = house.phone("王干事")
    own.follows()
    binds(wang, own)
    return own


# ---- binding ---------------------------------------------------------------------------------------------------------


def test_a_member_binds_their_own_wechat_and_the_house_can_write_to_them(
    house: Town, wang: Clerk, phone: Phone
) -> None:
    with house.reading() as session:
        member = wang.member(session)
        assert staff_wechat.identity_of(session, member.id) == phone.identity(session)
        assert staff_wechat.wechat_person(session, member) == phone.person(session)
        assert [line.object_id for line in audited(session, "staff.bind_wechat")] == [str(member.id)]
    assert "已绑定" in wang.opens("/console/mine").text


def test_who_asks_what_we_keep_is_told_of_the_binding(house: Town, wang: Clerk, phone: Phone) -> None:
    def asked(session: Session) -> dict[str, object]:
        return people.export(phone.actor(session), phone.person(session))

    kept = house.writing(asked)
    assert "wang" in str(kept["工作人员"])


def test_a_number_that_is_not_the_phones_binds_nothing(house: Town, wang: Clerk) -> None:
    """Who guesses digits or looks over a shoulder binds their own phone only if the member types its number."""
    stranger = house.phone("路人")
    digits, _ = asks(wang, "/console/mine/wechat")
    stranger.says(f"工作台 {digits}")
    told = re.search(r"\d\d", stranger.says("1"))
    assert told is not None
    wang.opens("/console/scan")
    wang.sends("/console/scan/number", number=str(10 + (int(told[0]) + 1 - 10) % 90), follow=True)
    assert "作废" in wang.words
    wang.sends("/console/scan/number", number=told[0], follow=True)
    with house.reading() as session:
        assert staff_wechat.binding_of(session, wang.member(session).id) is None


@pytest.mark.parametrize("typed", ["²", "9" * 30, "9" * 5000])
def test_what_no_phone_shows_voids_the_binding_in_words(house: Town, wang: Clerk, typed: str) -> None:
    phone = house.phone("王姐")
    digits, _ = asks(wang, "/console/mine/wechat")
    phone.says(f"工作台 {digits}", "1")
    wang.opens("/console/scan")
    assert wang.sends("/console/scan/number", number=typed, follow=True).status_code == 200
    assert "作废" in wang.words


def test_one_wechat_belongs_to_one_account_and_a_newer_one_replaces_it(
    house: Town, wang: Clerk, phone: Phone
) -> None:
    li = clerk(house, "approver", login="li", name="李主任")
    digits, _ = asks(li, "/console/mine/wechat")
    assert "已经绑定了另一个账号" in phone.says(f"工作台 {digits}")
    new = house.phone("王干事的新手机")
    binds(wang, new)
    with house.reading() as session:
        assert staff_wechat.member_of(session, phone.identity(session)) is None
        assert staff_wechat.member_of(session, new.identity(session)) == wang.member(session)


def test_binding_asks_for_a_fresh_proof(house: Town) -> None:
    with frozen("2026-11-23 09:00") as time:
        wang = clerk(house, "desk", login="wang")
        time.shift(timedelta(minutes=6))
        for path in ("/console/mine/wechat", "/console/mine/wechat/unbind"):
            assert wang.sends(path).headers["Location"].startswith("/console/again")


def test_unbinding_signs_the_others_out_and_the_phone_opens_nothing_any_more(
    house: Town, wang: Clerk, phone: Phone
) -> None:
    there = Clerk(house, "wang")
    there.signs_in()
    wang.sends("/console/mine/wechat/unbind", follow=True)
    assert "解绑了" in wang.words
    assert there.opens("/console/").status_code == 302
    digits, _ = asks(there)
    assert "没有绑定" in phone.says(f"工作台 {digits}")
    wang.sends("/console/mine/wechat/unbind", follow=True)
    assert "没有绑定微信" in wang.words


def test_who_loses_the_phone_is_helped_by_an_administrator_and_by_the_command(
    house: Town, wang: Clerk, phone: Phone
) -> None:
    chief = clerk(house, "admin", login="chief", name="管理员")
    with house.reading() as session:
        number = wang.member(session).id
    chief.sends(f"/console/accounts/{number}/unbind-wechat")
    assert wang.opens("/console/").status_code == 302
    wang.signs_in()
    binds(wang, phone)
    done = house.app.test_cli_runner().invoke(args=["staff", "unbind-wechat", "--login", "wang"])
    assert done.exit_code == 0, done.output
    with house.reading() as session:
        assert staff_wechat.binding_of(session, number) is None
    again = house.app.test_cli_runner().invoke(args=["staff", "unbind-wechat", "--login", "wang"])
    assert again.exit_code != 0
    assert "Traceback" not in again.output


def test_b16_nobody_takes_the_wechat_off_a_colleague(house: Town, wang: Clerk, phone: Phone) -> None:
    li = clerk(house, "approver", login="li", name="李主任")
    with house.reading() as session:
        number = wang.member(session).id
    assert li.sends(f"/console/accounts/{number}/unbind-wechat").status_code == 403


def test_the_binding_follows_the_identity_when_two_records_become_one(
    house: Town, wang: Clerk, phone: Phone
) -> None:
    def merge(session: Session) -> int:
        identity, kept = phone.identity(session), Person()
        session.add(kept)
        assert identity is not None
        identity.person = kept
        session.flush()
        return kept.id

    kept = house.writing(merge)
    with house.reading() as session:
        person = staff_wechat.wechat_person(session, wang.member(session))
        assert person is not None
        assert person.id == kept


# ---- signing in ------------------------------------------------------------------------------------------------------


def test_digits_typed_in_the_chat_let_the_browser_in(house: Town, wang: Clerk, phone: Phone) -> None:
    browser = Clerk(house, "")
    digits, number = asks(browser)
    assert polls(browser).status_code == 204
    question = phone.says(f"工作台 {digits}")
    assert "账号 wang" in question
    assert number in question
    assert "127.0.0.1" in question
    assert polls(browser).status_code == 204
    picked = re.search(rf"(\d) {number}\b", question)
    assert picked is not None
    assert "马上就进去" in phone.says(picked[1])
    let_in = polls(browser)
    assert let_in.headers["HX-Redirect"] == "/console/"
    assert "王干事" in browser.opens("/console/").text
    with house.reading() as session:
        assert audited(session, "staff.sign_in")[-1].facts == {"how": "scan"}
        assert audited(session, "staff.scan_approve")[-1].actor == f"staff:{wang.member(session).id}"


def test_a_browser_without_javascript_is_let_in_by_its_button(house: Town, phone: Phone) -> None:
    browser = Clerk(house, "")
    digits, number = asks(browser)
    assert browser.sends(PART).headers["Location"].startswith("/console/scan")
    agrees(phone, digits, number)
    browser.opens("/console/scan")
    assert browser.sends(PART).headers["Location"] == "/console/"
    assert browser.opens("/console/").status_code == 200


def test_b19_a_number_that_is_not_on_the_screen_ends_it_in_the_chat_too(house: Town, phone: Phone) -> None:
    """Whoever was told on the telephone to send digits does not see the screen: habit lets nobody in."""
    browser = Clerk(house, "")
    digits, number = asks(browser)
    question = phone.says(f"工作台 {digits}")
    wrong = next(place for place, told in re.findall(r"([123]) (\d\d)\b", question) if told != number)
    assert "没有让它进" in phone.says(wrong)
    assert "过期了" in polls(browser).text
    assert "没有这个数字" in phone.says(f"工作台 {digits}")
    assert browser.opens("/console/").status_code == 302


def test_a_no_ends_it(house: Town, phone: Phone) -> None:
    browser = Clerk(house, "")
    digits, _ = asks(browser)
    phone.says(f"工作台 {digits}")
    assert "没有让它进" in phone.says("4")
    assert "过期了" in polls(browser).text
    assert "没有这个数字" in phone.says(f"工作台 {digits}")
    assert browser.opens("/console/").status_code == 302


def test_b19_a_code_lives_three_minutes(house: Town, phone: Phone) -> None:
    browser = Clerk(house, "")
    with frozen("2026-11-23 09:00") as time:
        digits, _ = asks(browser)
        phone.says(f"工作台 {digits}")
        time.shift(timedelta(seconds=181))
        assert "过期了" in phone.says("1")
        assert browser.opens("/console/scan").status_code == 410


def test_b18_a_code_lets_one_browser_in_once(house: Town, phone: Phone) -> None:
    browser, other = Clerk(house, ""), Clerk(house, "")
    digits, number = asks(browser)
    agrees(phone, digits, number)
    assert other.opens("/console/scan").status_code == 410
    stolen = browser.client.get_cookie("scan")
    assert stolen is not None
    assert stolen.http_only
    assert "HX-Redirect" in polls(browser).headers
    other.client.set_cookie("scan", stolen.value)
    assert other.opens("/console/scan").status_code == 410
    assert browser.client.get_cookie("scan") is None


def test_b18_a_planted_cookie_is_worth_nothing_and_the_session_is_new(house: Town, phone: Phone) -> None:
    browser = Clerk(house, "")
    browser.client.set_cookie("staff", "planted-by-somebody")
    browser.client.set_cookie("scan", "planted-by-somebody")
    assert browser.opens("/console/scan").status_code == 410
    digits, number = asks(browser)
    scan = browser.client.get_cookie("scan")
    assert scan is not None
    assert scan.value != "planted-by-somebody"
    agrees(phone, digits, number)
    polls(browser)
    session = browser.client.get_cookie("staff")
    assert session is not None
    assert session.value != "planted-by-somebody"


def test_a_phone_that_is_nobodys_learns_nothing(house: Town, wang: Clerk) -> None:
    browser, stranger = Clerk(house, ""), house.phone("路人")
    digits, number = asks(browser)
    answer = stranger.says(f"工作台 {digits}")
    assert "没有绑定" in answer
    assert not re.search(rf"wang|127\.0|\b{number}\b", answer)
    assert "menu" not in stranger.says("1")
    assert polls(browser).status_code == 204
    assert "社区工作人员用的" in stranger.says("工作台")


def test_b19_guessing_digits_is_counted_and_bars_the_phone(house: Town, wang: Clerk, phone: Phone) -> None:
    with frozen("2026-11-23 09:00") as time:
        browser = Clerk(house, "")
        digits, _ = asks(browser)
        for number in range(5):
            guess = f"{(int(digits) + number + 1) % 1_000_000:06d}"
            assert "没有这个数字" in phone.says(f"工作台 {guess}")
        assert "过15分钟" in phone.says(f"工作台 {digits}")
        time.shift(timedelta(minutes=16))
        digits, _ = asks(browser)
        assert "不是我" in phone.says(f"工作台 {digits}")
    with house.reading() as session:
        tries = audited(session, "staff.scan_wrong_digits")
        assert [line.facts["locked"] for line in tries] == [False] * 4 + [True]
        assert not re.search(r"\d{6}", str([line.facts for line in tries]))


def test_an_address_shows_a_few_codes_at_a_time(house: Town) -> None:
    for _ in range(staff_scan.MOST_FROM_ADDRESS):
        asks(Clerk(house, ""))
    one_more = Clerk(house, "")
    one_more.opens("/console/sign-in")
    assert one_more.sends(ASK).status_code == 429
    elsewhere = Clerk(house, "")
    elsewhere.client.environ_base["REMOTE_ADDR"] = "10.0.0.9"
    asks(elsewhere)


def test_b29_one_browser_that_asks_again_and_again_has_to_wait_too(house: Town) -> None:
    """Before, each new code made the one before void and none too many: rows and lines of the trail without an end."""
    browser = Clerk(house, "")
    for _ in range(staff_scan.MOST_MADE):
        asks(browser)
    browser.opens("/console/sign-in")
    assert browser.sends(ASK).status_code == 429
    with house.reading() as session:
        assert len(audited(session, "staff.scan_ask")) == staff_scan.MOST_MADE


def test_a_new_code_in_the_same_browser_ends_the_older_one(house: Town, phone: Phone) -> None:
    browser = Clerk(house, "")
    first, _ = asks(browser)
    asks(browser)
    assert "没有这个数字" in phone.says(f"工作台 {first}")


def test_b16_who_was_deactivated_after_saying_yes_is_not_let_in(
    house: Town, wang: Clerk, phone: Phone
) -> None:
    browser = Clerk(house, "")
    digits, number = asks(browser)
    agrees(phone, digits, number)

    def close(session: Session) -> None:
        actions.deactivate(Actor(session, channel="job"), wang.member(session))

    house.writing(close)
    assert "HX-Redirect" not in polls(browser).headers
    assert browser.opens("/console/").status_code == 302
    with house.reading() as session:
        assert staff_wechat.wechat_person(session, wang.member(session)) is None


def test_a_phone_that_was_taken_off_after_saying_yes_lets_nobody_in(
    house: Town, wang: Clerk, phone: Phone
) -> None:
    browser = Clerk(house, "")
    digits, number = asks(browser)
    agrees(phone, digits, number)
    wang.sends("/console/mine/wechat/unbind")
    assert "HX-Redirect" not in polls(browser).headers
    assert browser.opens("/console/").status_code == 302


def test_b17_no_page_that_is_only_looked_at_makes_a_code_or_lets_in(house: Town, phone: Phone) -> None:
    browser = Clerk(house, "")
    digits, number = asks(browser)
    agrees(phone, digits, number)
    for path in ("/console/sign-in", "/console/scan", "/console/again", "/console/mine"):
        browser.opens(path)
    assert browser.client.get(PART).headers["Location"].startswith("/console/sign-in")
    assert browser.client.get(ASK).headers["Location"].startswith("/console/sign-in")
    assert browser.client.post(ASK).status_code == 400
    assert browser.client.post(PART, headers=POLL).status_code == 400
    with house.reading() as session:
        waiting = select(func.count()).select_from(StaffScan).where(StaffScan.purpose == "enter")
        assert session.scalar(waiting) == 1
    assert browser.opens("/console/").status_code == 302


def test_the_token_outlives_the_residents_pages_while_a_code_is_shown(house: Town, phone: Phone) -> None:
    """In the sandbox the phone's pages open in the same browser and clear its common cookie."""
    browser = Clerk(house, "")
    digits, number = asks(browser)
    token = browser.token()
    agrees(phone, digits, number)
    with browser.client.session_transaction() as cookie:
        cookie.clear()
    answer = browser.client.post(PART, data={"csrf_token": token, "seen": "asked"}, headers=POLL)
    assert answer.headers["HX-Redirect"] == "/console/"


@pytest.mark.parametrize("back", ["//evil.example", "https:evil.example", "/\\evil", "/console/\r\nX: y"])
def test_b22_the_way_back_of_a_scan_stays_in_the_console(house: Town, phone: Phone, back: str) -> None:
    browser = Clerk(house, "")
    browser.opens("/console/sign-in")
    data = {"csrf_token": browser.token()}
    answer = browser.client.post(ASK, query_string={"back": back}, data=data)
    assert answer.headers["Location"] == "/console/scan?back=/console/"
    digits, number = shown(browser)
    agrees(phone, digits, number)
    data = {"csrf_token": browser.token(), "seen": "asked"}
    let_in = browser.client.post(PART, query_string={"back": back}, data=data, headers=POLL)
    assert let_in.headers["HX-Redirect"] == "/console/"


def test_secrets_of_a_code_lie_nowhere_in_clear(house: Town, wang: Clerk, tmp_path) -> None:  # type: ignore[no-untyped-def]
    browser = Clerk(house, "")
    digits, _ = asks(browser)
    cookie = browser.client.get_cookie("scan")
    assert cookie is not None
    key = staff_scan.key_of(cookie.value)
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("town.db*"))
    assert not any(secret.encode() in kept for secret in (cookie.value, key, digits, "127.0.0.1"))


# ---- proving it again ------------------------------------------------------------------------------------------------


def test_a_scan_proves_it_again_and_only_the_phone_of_who_sits_there(house: Town) -> None:
    with frozen("2026-11-23 09:00") as time:
        wang, li = (
            clerk(house, "desk", login="wang"),
            clerk(house, "approver", login="li", name="李主任"),
        )
        binds(wang, house.phone("王"))
        binds(li, house.phone("李"))
        time.shift(timedelta(minutes=6))
        wang.opens("/console/again?back=/console/mine")
        assert wang.sends("/console/again/scan?back=/console/mine").status_code == 302
        digits, number = shown(wang)
        assert "另一位同事" in house.phone("李").says(f"工作台 {digits}")
        agrees(house.phone("王"), digits, number)
        answer = wang.client.post(
            PART, query_string={"back": "/console/mine"}, data={"csrf_token": wang.token()}, headers=POLL
        )
        assert answer.headers["HX-Redirect"] == "/console/mine"
        assert wang.sends("/console/mine/wechat").headers["Location"].startswith("/console/scan")


def test_a_code_of_one_session_shows_itself_in_no_other(house: Town, wang: Clerk) -> None:
    asks(wang, "/console/mine/wechat")
    cookie = wang.client.get_cookie("scan")
    assert cookie is not None
    other = clerk(house, "approver", login="li", name="李主任")
    other.client.set_cookie("scan", cookie.value)
    assert other.opens("/console/scan").status_code == 410


# ---- real use --------------------------------------------------------------------------------------------------------


def _live(house: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.site, "settings", house.site.settings.model_copy(update={"mode": "live"}))


def test_in_real_use_a_bound_wechat_is_the_second_factor(
    house: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    _live(house, monkeypatch)
    browser = Clerk(house, "wang")
    digits, number = asks(browser)
    agrees(phone, digits, number)
    polls(browser)
    assert browser.opens("/console/").status_code == 200


def test_in_real_use_a_password_alone_reaches_the_scan_and_nothing_else(
    house: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also no new phone and no new code: who stole a password would enrol their own."""
    _live(house, monkeypatch)
    browser = Clerk(house, "wang")
    assert browser.signs_in().status_code == 302
    for path in ("/console/", "/console/mine", "/console/second-factor"):
        assert browser.opens(path).headers["Location"].startswith("/console/again"), path
    browser.opens("/console/again")
    assert browser.sends("/console/mine/wechat").headers["Location"].startswith("/console/again")
    browser.opens("/console/again")
    assert 'type="password"' not in browser.page.partition("<main")[2]
    assert browser.sends("/console/again", password="春天到湟水河边走走").status_code == 403
    browser.sends("/console/again/scan")
    digits, number = shown(browser)
    agrees(phone, digits, number)
    assert "HX-Redirect" in polls(browser).headers
    assert browser.opens("/console/").status_code == 200


def test_in_real_use_a_newcomer_may_bind_their_wechat_instead_of_a_code(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _live(house, monkeypatch)
    wang = clerk(house, "desk", login="wang")
    assert wang.opens("/console/").headers["Location"] == "/console/second-factor"
    assert "绑定我的微信" in wang.opens("/console/second-factor").text
    digits, _ = asks(wang, "/console/mine/wechat")
    phone = house.phone("王干事")
    phone.says(f"工作台 {digits}")
    told = re.search(r"\d\d", phone.says("1"))
    assert told is not None
    wang.opens("/console/scan")
    wang.sends("/console/scan/number", number=told[0])
    assert wang.opens("/console/").status_code == 200


# ---- two at once -----------------------------------------------------------------------------------------------------


def test_of_several_questions_at_once_one_lets_the_browser_in(town: Town) -> None:
    hire(town, "desk", login="wang")
    phone = town.phone("王干事")
    phone.follows()

    def approved(session: Session) -> str:
        by, member = phone.actor(session), Clerk(town, "wang").member(session)
        assert by.identity is not None
        staff_wechat.bind(session, member, by.identity)
        cookie = staff_scan.begin(session, "enter", address="10.0.0.1", browser="")
        row = scans.open_code(by, staff_scan.key_of(cookie))
        scans.pick_number(by, row, row.number)
        session.refresh(row)
        scans.approve(by, row)
        return cookie

    cookie = town.writing(approved)

    def enter(_number: int) -> bool:
        def unit(session: Session) -> bool:
            row = staff_scan.of_browser(session, cookie)
            return row is not None and scans.enter(Actor(session, channel="console"), row) is not None

        return town.writing(unit)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(enter, range(4))) == [False, False, False, True]
    with town.reading() as session:
        assert len(audited(session, "staff.sign_in")) == 1
        assert session.scalar(select(func.count()).select_from(StaffSession)) == 0
