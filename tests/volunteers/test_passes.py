"""Own passes: held out by a resident, scanned or typed by the leader; worth nothing in anybody else's hands."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from handlers.activities import actions as activities
from handlers.people import actions as people
from handlers.volunteers import passes
from handlers.volunteers.actions import Outcome
from models.activities import ActivitySession
from models.passes import FORM, digits_of, pass_token, read_token
from models.refusal import Refusal
from models.volunteers import Attendance, Scan
from tests.activities.plans import a_session, house, on_file, token
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.people.homes import staff
from tests.races import at_once
from tests.volunteers.test_actions import known
from tests.volunteers.test_pages import read_qr

Clock = time_machine.Traveller


@pytest.fixture
def nine() -> Iterator[Clock]:
    with frozen("2026-11-23 09:00:10") as clock:
        yield clock


def signed_up(town: Town, name: str, number: int) -> Phone:
    phone = known(town, name)

    def unit(session: Session) -> None:
        activities.admit(house(session), session.get_one(ActivitySession, number), phone.actor(session).me)

    town.writing(unit)
    return phone


def pass_of(town: Town, phone: Phone) -> str:
    """What the code on this phone says now."""
    with town.reading() as session:
        return f"http://127.0.0.1:8000/h5/pass/{pass_token(phone.person(session), clock.now())}"


def digits(town: Town, number: int, phone: Phone) -> str:
    return town.writing(lambda s: digits_of(s, s.get_one(ActivitySession, number), phone.person(s)))


def redeemed(town: Town, leader: Phone, number: int, code: str, *, admit: bool = False) -> str:
    """The kind of the outcome, or the code of the refusal."""

    def unit(session: Session) -> Outcome:
        held = session.get_one(ActivitySession, number)
        return passes.redeem(leader.actor(session), held, code, admit=admit)

    try:
        return town.writing(unit).kind
    except Refusal as why:
        return why.code.removeprefix("volunteers.")


def stays(town: Town) -> list[tuple[str, bool, list[str]]]:
    with town.reading() as session:
        rows = session.scalars(select(Attendance).order_by(Attendance.came_at, Attendance.id))
        return [
            (clock.local(row.came_at).strftime("%H:%M"), row.left_at is not None, row.flags) for row in rows
        ]


# ---- what a pass is ------------------------------------------------------------------------------------------------


def test_a_pass_checks_in_and_out_and_the_same_code_twice_is_one_record(town: Town, nine: Clock) -> None:
    leader = known(town, "张河长")
    number = a_session(town, leader=leader)
    ma = signed_up(town, "马秀兰", number)
    shown = pass_of(town, ma)
    assert redeemed(town, leader, number, shown) == "in"
    nine.shift(20)
    assert redeemed(town, leader, number, shown) == "in"  # the same scan: what it was, and nothing more
    assert redeemed(town, leader, number, pass_of(town, ma)) == "repeat"
    assert redeemed(town, leader, number, digits(town, number, ma)) == "repeat"
    nine.shift(3600)
    assert redeemed(town, leader, number, digits(town, number, ma)) == "out"
    assert stays(town) == [("09:00", True, ["by_pass"])]


def test_two_leaders_who_scan_the_same_phone_at_once_make_one_record(town: Town, nine: Clock) -> None:
    leader = known(town, "张河长")
    number = a_session(town, leader=leader)
    ma = signed_up(town, "马秀兰", number)
    shown = pass_of(town, ma)
    kinds = at_once([lambda: redeemed(town, leader, number, shown) for _ in range(4)])
    assert set(kinds) <= {"in", "repeat"}
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Scan)) == 1
    assert len(stays(town)) == 1


def test_b26_a_pass_lives_for_five_minutes_and_a_photo_of_it_no_longer(
    sqlite_town: Town, nine: Clock
) -> None:
    leader = known(sqlite_town, "张河长")
    number = a_session(sqlite_town, leader=leader)
    shown = pass_of(sqlite_town, signed_up(sqlite_town, "马秀兰", number))
    nine.shift(299)
    assert (
        redeemed(sqlite_town, leader, number, pass_of(sqlite_town, signed_up(sqlite_town, "张桂英", number)))
        == "in"
    )
    told = read_token(shown.rpartition("/")[2])
    assert told is not None
    assert told.is_fresh(clock.now())
    nine.shift(1)
    assert redeemed(sqlite_town, leader, number, shown) == "pass_expired"
    nine.shift(-600)
    assert redeemed(sqlite_town, leader, number, shown) == "pass_expired"
    assert len(stays(sqlite_town)) == 1


def test_a_pass_tells_a_stranger_nothing(sqlite_town: Town, nine: Clock) -> None:
    ma = known(sqlite_town, "马秀兰")
    with sqlite_town.reading() as session:
        me = ma.person(session)
        one, other = pass_token(me, clock.now()), pass_token(me, clock.now())
        assert one != other
        assert {read_token(one), read_token(other)} == {read_token(one)}
        number_and_time = FORM.pack(me.id, int(clock.now().timestamp()))
        sealed = base64.urlsafe_b64decode(one)
        assert (
            number_and_time[:8] not in sealed
        )  # a short number's digits may stand in random bytes, eight bytes do not
        assert number_and_time[8:] not in sealed


def test_a_foreign_or_invented_code_is_refused_in_words(sqlite_town: Town, nine: Clock) -> None:
    leader = known(sqlite_town, "张河长")
    number = a_session(sqlite_town, leader=leader)
    way = "http://127.0.0.1:8000/h5/pass/"
    foreign = ["https://example.com/h5/pass/" + "A" * 60, "https://u.wechat.com/abc", "x" * 5000]
    for code in ("", "你好", way, f"{way}AAAA", *foreign, "0000 0", "１２３４", "12"):
        assert redeemed(sqlite_town, leader, number, code) == "pass_unknown"


def test_b26_a_forged_pass_is_refused_whatever_sign_is_changed(sqlite_town: Town, nine: Clock) -> None:
    leader = known(sqlite_town, "张河长")
    number = a_session(sqlite_town, leader=leader)
    shown = pass_of(sqlite_town, signed_up(sqlite_town, "马秀兰", number))
    for place in range(len(shown) - 60, len(shown), 7):
        forged = shown[:place] + ("B" if shown[place] == "A" else "A") + shown[place + 1 :]
        assert redeemed(sqlite_town, leader, number, forged) == "pass_unknown"


def test_digits_of_another_session_and_the_screens_own_code_are_told_apart(
    sqlite_town: Town, nine: Clock
) -> None:
    leader = known(sqlite_town, "张河长")
    here, there = a_session(sqlite_town, leader=leader), a_session(sqlite_town, "社区义剪", leader=leader)
    ma = signed_up(sqlite_town, "马秀兰", there)
    foreign = digits(sqlite_town, there, ma)
    assert redeemed(sqlite_town, leader, here, foreign) == "pass_digits_unknown"
    on_screen = f"http://127.0.0.1:8000/h5/checkin/{token(sqlite_town, here)}"
    assert redeemed(sqlite_town, leader, here, on_screen) == "pass_is_screen"


def test_who_has_not_signed_up_is_let_in_only_by_one_tap_more(sqlite_town: Town, nine: Clock) -> None:
    leader = known(sqlite_town, "张河长")
    number = a_session(sqlite_town, leader=leader, capacity=1)
    signed_up(sqlite_town, "张桂英", number)
    shown = pass_of(sqlite_town, known(sqlite_town, "马秀兰"))
    assert redeemed(sqlite_town, leader, number, shown) == "not_signed_up"
    assert stays(sqlite_town) == []
    assert redeemed(sqlite_town, leader, number, shown, admit=True) == "in"
    assert set(stays(sqlite_town)[0][2]) == {"admitted", "by_pass"}


def test_who_is_still_at_another_session_is_sent_back_there(sqlite_town: Town, nine: Clock) -> None:
    leader = known(sqlite_town, "张河长")
    here, there = a_session(sqlite_town, leader=leader), a_session(sqlite_town, "社区义剪", leader=leader)
    ma = signed_up(sqlite_town, "马秀兰", here)
    signed_up(sqlite_town, "马秀兰", there)
    assert redeemed(sqlite_town, leader, there, pass_of(sqlite_town, ma)) == "in"
    nine.shift(90)
    assert redeemed(sqlite_town, leader, here, pass_of(sqlite_town, ma)) == "elsewhere"


@pytest.mark.parametrize(("at", "why"), [("2026-11-23 08:29", "not_yet"), ("2026-11-23 11:31", "over")])
def test_a_pass_counts_only_while_the_session_is_on(sqlite_town: Town, at: str, why: str) -> None:
    with frozen(at):
        leader = known(sqlite_town, "张河长")
        number = a_session(sqlite_town, leader=leader)
        shown = pass_of(sqlite_town, signed_up(sqlite_town, "马秀兰", number))
        assert redeemed(sqlite_town, leader, number, shown) == why


def test_nobody_but_the_leader_redeems_a_pass(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town, leader=known(sqlite_town, "张河长"))
    ma, thief = signed_up(sqlite_town, "马秀兰", number), signed_up(sqlite_town, "韩世杰", number)
    for who in (ma, thief):
        with pytest.raises(Refusal, match=r"activities\.not_leader"):
            sqlite_town.writing(
                lambda s, who=who: passes.redeem(
                    who.actor(s), s.get_one(ActivitySession, number), pass_of(sqlite_town, ma)
                )
            )
    assert stays(sqlite_town) == []


def test_who_took_back_their_consent_is_not_entered_against_it(sqlite_town: Town, nine: Clock) -> None:
    leader = known(sqlite_town, "张河长")
    number = a_session(sqlite_town, leader=leader)
    ma = signed_up(sqlite_town, "马秀兰", number)

    def no(session: Session) -> None:
        people.give_consent(ma.actor(session), "volunteer")
        people.withdraw(ma.actor(session), "volunteer")

    sqlite_town.writing(no)
    assert redeemed(sqlite_town, leader, number, pass_of(sqlite_town, ma)) == "activities.has_withdrawn"


def test_leaders_who_check_themselves_in_are_marked_for_the_coordinator(
    sqlite_town: Town, nine: Clock
) -> None:
    leader = known(sqlite_town, "张河长")
    number = a_session(sqlite_town, leader=leader)
    signed_up(sqlite_town, "张河长", number)
    assert redeemed(sqlite_town, leader, number, pass_of(sqlite_town, leader)) == "in"
    assert "by_self" in stays(sqlite_town)[0][2]


def test_an_erased_person_has_no_pass_and_a_merged_one_the_pass_of_both(
    sqlite_town: Town, nine: Clock
) -> None:
    leader = known(sqlite_town, "张河长")
    number = a_session(sqlite_town, leader=leader)
    ma, zhang = signed_up(sqlite_town, "马秀兰", number), signed_up(sqlite_town, "张桂英", number)
    shown, typed = pass_of(sqlite_town, ma), digits(sqlite_town, number, ma)
    on_file(sqlite_town, zhang, "张桂英", "13900000002")
    sqlite_town.writing(
        lambda s: people.link_at_desk(staff(s), zhang.person(s), ma.person(s), reason="同一个人") and None
    )
    assert redeemed(sqlite_town, leader, number, typed) == "in"
    assert redeemed(sqlite_town, leader, number, shown) == "repeat"
    gone = pass_of(sqlite_town, zhang)
    sqlite_town.writing(lambda s: people.erase(staff(s), zhang.person(s)))
    assert redeemed(sqlite_town, leader, number, gone) == "pass_unknown"
    assert redeemed(sqlite_town, leader, number, typed) == "pass_digits_unknown"


# ---- pages -------------------------------------------------------------------------------------------------------


def code_on(page: str) -> str:
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert found is not None
    return read_qr(base64.b64decode(found[1]))


def test_a_resident_holds_out_a_code_and_four_digits(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    ma = signed_up(sqlite_town, "马秀兰", number)
    on_file(sqlite_town, ma)
    page = Visitor(sqlite_town, ma).opens("/h5/pass")
    assert page.status == 200
    assert 'http-equiv="refresh" content="120"' in page.page
    assert "马*兰" in page.words
    assert "马秀兰" not in page.page
    assert digits(sqlite_town, number, ma) in page.words
    shown = read_token(code_on(page.page).rpartition("/")[2])
    with sqlite_town.reading() as session:
        assert shown is not None
        assert shown.person_id == ma.person(session).id


def test_tomorrows_session_has_no_digits_yet_and_nothing_is_said_as_such(
    sqlite_town: Town, nine: Clock
) -> None:
    ma = signed_up(sqlite_town, "马秀兰", a_session(sqlite_town, starts="2026-11-24 09:00"))
    assert "今天没有您报名的活动" in Visitor(sqlite_town, ma).opens("/h5/pass").words


def test_a_daughter_holds_out_her_fathers_pass_and_nobody_elses(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    ma, father, other = (signed_up(sqlite_town, name, number) for name in ("马秀兰", "马德福", "韩世杰"))
    on_file(sqlite_town, ma)
    on_file(sqlite_town, father, "马德福", "13900000002")
    code = sqlite_town.writing(lambda s: people.issue_proxy_code(father.actor(s)))
    sqlite_town.writing(lambda s: people.become_proxy(ma.actor(s), code) and None)
    page = Visitor(sqlite_town, ma).opens("/h5/pass").taps("马*福")
    assert "马*福的签到码" in page.words
    assert digits(sqlite_town, number, father) in page.words
    with sqlite_town.reading() as session:
        foreign = other.person(session).id
    assert page.opens(f"/h5/pass?who={foreign}").status == 404
    assert Visitor(sqlite_town, other).opens(f"/h5/pass?who={foreign}").status == 200


def test_the_leader_types_scans_admits_and_ticks(sqlite_town: Town, nine: Clock) -> None:
    town, leader = sqlite_town, known(sqlite_town, "张河长")
    number = a_session(town, leader=leader)
    ma, zhang = signed_up(town, "马秀兰", number), known(town, "张桂英")
    on_file(town, ma)
    on_file(town, zhang, "张桂英", "13900000002")
    page = Visitor(town, leader).opens(f"/h5/leading/{number}").taps("扫签到码")
    page.presses("记下", code=digits(town, number, ma))
    assert "马*兰到了" in page.words
    page.presses("记下", code=digits(town, number, ma))
    assert "马*兰已经签到了" in page.words
    page.sends(f"/h5/leading/{number}/scan", once="a" * 16, code=pass_of(town, zhang))
    assert "张*英没有报名" in page.words
    assert page.status == 409
    page.presses("现场补报")
    assert "张*英到了" in page.words
    assert "已经现场补上" in page.words
    page.presses("记下", code="12")
    assert "没有记上" in page.words
    nine.shift(1800)
    page.opens(f"/h5/leading/{number}/scan").presses("走了")
    assert "走了" in page.words
    assert "30分钟(待确认)" in page.words


def test_wechats_own_scanner_leads_the_leader_to_the_session_and_others_to_words(
    sqlite_town: Town, nine: Clock
) -> None:
    town, leader = sqlite_town, known(sqlite_town, "张河长")
    number = a_session(town, leader=leader)
    ma, thief = signed_up(town, "马秀兰", number), known(town, "韩世杰")
    on_file(town, ma)
    address = pass_of(town, ma).removeprefix("http://127.0.0.1:8000")
    other = Visitor(town, thief).opens(address)
    assert "这是一位邻居的签到码" in other.words
    assert "马" not in other.words
    assert "这是您自己的签到码" in Visitor(town, ma).opens(address).words
    assert stays(town) == []
    page = Visitor(town, leader).opens(address)
    assert "马*兰" in page.words
    page.presses("河道清洁")
    assert "马*兰到了" in page.words
    nine.shift(301)
    late = Visitor(town, leader).opens(address)
    assert late.status == 409
    assert "过期了" in late.words


def test_who_does_not_lead_sees_no_scanning_page(sqlite_town: Town, nine: Clock) -> None:
    town = sqlite_town
    number = a_session(town, leader=known(town, "张河长"))
    ma = signed_up(town, "马秀兰", number)
    other = Visitor(town, ma)
    for path in (f"/h5/leading/{number}/scan", f"/h5/leading/{number}/scan/sdk.json?page=x"):
        assert other.opens(path).status == 404
    for path in ("scan", "tick"):
        assert (
            other.sends(f"/h5/leading/{number}/{path}", once="b" * 16, code="1234", person="1").status == 404
        )
    assert Visitor(town).opens(f"/h5/leading/{number}/scan").status in (302, 403)
    assert stays(town) == []


def test_only_the_scanning_page_itself_is_signed_for_wechat(sqlite_town: Town, nine: Clock) -> None:
    town, leader = sqlite_town, known(sqlite_town, "张河长")
    number = a_session(town, leader=leader)
    page = Visitor(town, leader)
    for foreign in ("https://example.com/", "http://127.0.0.1:8000/h5/pass", ""):
        assert page.opens(f"/h5/leading/{number}/scan/sdk.json?page={foreign}").status == 404


# ---- chat --------------------------------------------------------------------------------------------------------


def test_the_chat_says_the_digits_and_the_way_to_the_code(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    ma = signed_up(sqlite_town, "马秀兰", number)
    for words in ("我的签到码", "我的码", "签到码"):
        answer = ma.says(words)
        assert digits(sqlite_town, number, ma) in answer
        assert answer.endswith("/h5/pass")
    assert "今天没有您报名的活动" in known(sqlite_town, "路人").says("我的码")
