"""The exchange's desk: matching, settling, accounts moved with a reason and two people above a limit, stamps, paper."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.files import content_of
from handlers.ledger import actions
from models.exchange import Exchange, ExchangeHand
from models.ledger import TimeAccount, account_of, open_account
from models.staff_wechat import StaffWeChat
from models.stored_file import StoredFile
from tests.ledger.conftest import asked, balance, does, earned, promised, sound, state
from tests.neighbours import Phone, Town
from tests.posters.pages import text_of
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang")


@pytest.fixture
def li(sqlite_town: Town, monday: Any) -> Clerk:
    return clerk(sqlite_town, "approver", login="li", name="李主任")


def account(phone: Phone) -> int:
    with phone.town.reading() as session:
        found = account_of(session, phone.actor(session).me)
        assert found is not None
        return found.id


def opened(wang: Clerk, phone: Phone, number: str) -> str:
    """The address of a resident's account, found by phone."""
    wang.sends("/console/time/accounts", who=number)
    return f"/console/time/accounts/{account(phone)}"


def test_a_request_is_made_at_the_window_matched_by_telephone_and_paid(
    wang: Clerk, ma: Phone, han: Phone
) -> None:
    does(han, actions.offer, "小修", text="会修水管")
    wang.sends(
        "/console/time/ask",
        who="13900000001",
        category="小修",
        hours="1小时",
        hands="1",
        wanted_on="2026-11-24",
        text="水龙头漏水",
    )
    with wang.town.reading() as session:
        number = session.scalars(select(Exchange.id)).one()
    assert balance(ma) == (0, 60)
    assert "会修水管" in wang.opens(f"/console/time/{number}").text
    wang.sends(f"/console/time/{number}/match", who="13900000002")
    assert state(wang.town, (Exchange, number)) == "matched"
    with wang.town.reading() as session:
        hand = session.get_one(Exchange, number).live[0].id
    does(han, actions.mark_done, (ExchangeHand, hand))
    wang.opens(f"/console/time/{number}")
    wang.sends(f"/console/time/{number}/confirm")
    assert (balance(ma), balance(han)) == ((-60, 0), (60, 0))
    assert sound(wang.town)
    with wang.town.reading() as session:
        assert audited(session, "ledger.read")


def test_a_dispute_is_settled_with_a_part(wang: Clerk, ma: Phone, han: Phone) -> None:
    request = asked(ma)
    does(han, actions.mark_done, promised(han, request))
    does(ma, actions.dispute, request, "只修了一半")
    assert "有争议" in wang.opens("/console/time?which=dispute").text
    assert "互助" in wang.opens("/console/").text
    wang.opens(f"/console/time/{request[1]}")
    wang.sends(f"/console/time/{request[1]}/settle", hours="3小时", reason="两边都问过了")
    assert "最多按说好的2小时付" in wang.words
    wang.sends(f"/console/time/{request[1]}/settle", hours="1小时", reason="两边都问过了")
    assert balance(han) == (60, 0)
    other = asked(ma, minutes=60)
    wang.opens(f"/console/time/{other[1]}")
    wang.sends(f"/console/time/{other[1]}/cancel", reason="本人说不用了")
    assert (state(ma.town, other), balance(ma)) == ("cancelled", (-60, 0))


def test_hours_are_posted_given_and_granted_once_for_each_form(wang: Clerk, ma: Phone, han: Phone) -> None:
    at = opened(wang, ma, "13900000001")
    form = {"kind": "post", "hours": "2小时", "category": "志愿服务", "reason": "上月的签到表"}
    for _ in range(2):
        wang.sends(f"{at}/move", once="one", **form)
    assert balance(ma) == (120, 0)
    wang.sends(
        f"{at}/move", once="two", kind="gift", hours="30分钟", category="小修", to="韩世杰", reason="本人要送"
    )
    assert (balance(ma), balance(han)) == ((90, 0), (30, 0))
    wang.sends(
        f"{at}/move", once="three", kind="grant", hours="1小时", category="小修", reason="腿脚不便,没法挣"
    )
    assert balance(ma) == (150, 0)
    wang.sends(f"{at}/move", once="four", **(form | {"hours": "1e309"}))
    assert "没看懂是多久" in wang.words
    assert balance(ma) == (150, 0)
    assert sound(wang.town)


def test_above_the_limit_a_second_person_looks(wang: Clerk, li: Clerk, ma: Phone) -> None:
    at = opened(wang, ma, "13900000001")
    form = {"kind": "post", "category": "志愿服务", "reason": "全年的签到表"}
    wang.sends(f"{at}/move", once="one", hours="11小时", **form)
    assert balance(ma) == (0, 0)
    wang.opens("/console/time/orders")
    assert "要另一位同事看" in wang.words
    wang.sends("/console/time/orders/1/decide", answer="yes")
    assert balance(ma) == (0, 0)
    li.opens("/console/time/orders")
    li.sends("/console/time/orders/1/decide", answer="yes")
    assert balance(ma) == (660, 0)
    assert li.opens(at).status_code == 403
    li.opens("/console/time/orders")
    li.sends(f"{at}/limit", hours="0", reason="不再先欠了")
    with wang.town.reading() as session:
        assert session.get_one(TimeAccount, account(ma)).lowest == 0


def test_a_stamp_is_typed_in_once_and_an_entry_corrected(wang: Clerk, ma: Phone) -> None:
    at = opened(wang, ma, "13900000001")
    stamp = {"number": "XF-0123", "hours": "1小时", "category": "志愿服务"}
    wang.sends(f"{at}/stamp", **stamp)
    wang.opens(at)
    wang.sends(f"{at}/stamp", **stamp)
    assert "印花 XF-0123 在11月23日(星期一)上午9点已经录过了,录入的是王干事" in wang.words
    assert balance(ma) == (60, 0)
    wang.opens(at)
    wang.sends(f"{at}/entries/1/reverse", reason="录错了人")
    assert balance(ma) == (0, 0)
    assert "已更正" in wang.opens(at).text
    wang.sends(f"{at}/stamp", **stamp)
    assert balance(ma) == (60, 0)


def test_many_pay_one_and_a_ring_is_shown_as_a_hint(wang: Clerk, ma: Phone, han: Phone, qi: Phone) -> None:
    wang.opens("/console/time/group")
    wang.sends(
        "/console/time/group",
        payers="13900000001\n13900000002",
        taker="13900000003",
        hours="1小时",
        category="辅导",
        once="g",
    )
    assert (balance(ma), balance(qi)) == ((-60, 0), (120, 0))
    for asker, helper in ((qi, ma), (ma, han), (han, qi)):
        request = asked(asker, minutes=30)
        does(helper, actions.mark_done, promised(helper, request))
        does(asker, actions.confirm, request)
    wang.opens("/console/time/rings")
    assert "不是说谁不对" in wang.words
    assert "马秀兰 → 韩世杰 → 祁生华 → 马秀兰" in wang.words


def test_the_paper_book_says_what_the_ledger_says(wang: Clerk, ma: Phone, han: Phone) -> None:
    earned(ma, 90)
    at = opened(wang, ma, "13900000001")
    wang.sends(f"{at}/stamp", number="XF-007", hours="1小时", category="志愿服务")
    for paper, year in (("a5", ""), ("a4", "2026")):
        wang.sends(f"{at}/book", paper=paper, year=year)
        wang.town.works()
    with wang.town.reading() as session:
        files = session.scalars(select(StoredFile).order_by(StoredFile.id)).all()
        told = [text_of(content_of(one)) for one in files]
        assert len(audited(session, "ledger.print_book")) == 2
    for text in told:
        assert "幸福交换手册" in text
        assert "马秀兰" in text
        assert "2小时30分钟" in text
    assert "XF-007" in told[0]
    assert "2026年" in told[1]


def test_terms_are_the_approvers_and_others_are_kept_out(wang: Clerk, li: Clerk, han: Phone) -> None:
    assert wang.opens("/console/time/terms").status_code == 403
    assert clerk(wang.town, "leader", login="zhou").opens("/console/time").status_code == 403
    li.opens("/console/time/terms")
    said = {"credit": "2小时", "most": "100小时", "two_above": "8小时"}
    li.sends("/console/time/terms", per_point="30", **said)
    earned(han, 60)
    li.sends("/console/time/terms", per_point="60", **said)
    assert "不能再改" in li.words
    assert "2分" in han.says("我的时间")


def test_a_page_number_that_no_database_takes_is_the_first_page(wang: Clerk, ma: Phone) -> None:
    own = opened(wang, ma, "13900000001")
    for path in ("/console/time", own, "/console/matters", "/console/wishes", "/console/broadcasts"):
        assert wang.opens(f"{path}?page={10**21}").status_code == 200, path


def test_nobody_of_the_staff_gives_hours_to_themselves(wang: Clerk, ma: Phone, han: Phone) -> None:
    """At home they are residents: their own account is for a colleague."""

    def bind(session: Session) -> int:
        identity = ma.identity(session)
        assert identity is not None
        session.add(StaffWeChat(staff_id=wang.member(session).id, identity_id=identity.id))
        return open_account(session, ma.person(session)).id

    own = ma.town.writing(bind)
    wang.opens(f"/console/time/accounts/{own}")
    wang.sends(
        f"/console/time/accounts/{own}/stamp",
        number="XF-0500",
        hours="1小时",
        category="志愿服务",
        follow=True,
    )
    assert "请另一位同事来办" in wang.words
    wang.sends(
        f"/console/time/accounts/{own}/move",
        kind="post",
        hours="1小时",
        reason="帮忙打扫楼道",
        category="打扫",
        once="own-1",
        follow=True,
    )
    assert "请另一位同事来办" in wang.words
    assert balance(ma) == (0, 0)
