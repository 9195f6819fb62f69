"""A clerk's way with a proof, and what others of the staff may not do."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from sqlalchemy import select

from handlers.certificates import issuing
from models.certificates import Certificate
from models.identity import Actor
from models.people import live_consent
from models.volunteer_file import VolunteerEntry, file_of
from tests.certificates.offices import (
    ID_NUMBER,
    applied,
    checked,
    does,
    issued,
    over,
    printed,
    state,
    with_id,
)
from tests.neighbours import Phone
from tests.pages.visitors import Visitor
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(ma: Phone) -> Clerk:
    return clerk(ma.town, "desk", login="wang")


def test_a_clerk_applies_for_somebody_at_the_counter_checks_posts_and_seals(
    wang: Clerk, ma: Phone, monday: time_machine.Coordinates
) -> None:
    wang.opens("/console/certificates/new")
    wang.sends("/console/certificates/new", phone="13900000001")
    asked = {"phone": "13900000001", "looked": "13900000001", "person": str(person_of(ma)), "posting": "y"}
    wang.sends("/console/certificates/new", **asked)
    assert "请填写" in wang.words, "where the signed sheet lies"
    answer = wang.sends("/console/certificates/new", **asked, paper="2026年卷宗3号", purpose="评优")
    assert answer.location.endswith("/console/certificates/1")
    assert "窗口代办" in wang.opens("/console/certificates/1").text
    assert "12.5小时" in wang.words
    wang.sends("/console/certificates/1/check", follow=True, how="")
    assert "还有7天" in wang.words
    with ma.town.reading() as session:
        consent = live_consent(session, ma.person(session), "posting")
        assert consent is not None
        assert consent.on_paper == "2026年卷宗3号"
        assert len(audited(session, "certificates.read")) == 2
    monday.shift(timedelta(days=8))
    over(ma.town)
    wang.signs_in()
    wang.opens("/console/certificates/1")
    wang.sends("/console/certificates/1/paper")
    refused = wang.client.post(
        "/console/certificates/1/seal",
        data={"csrf_token": wang.token(), "scan": (BytesIO(b"MZ not a scan"), "a.exe")},
    )
    assert "这个文件打不开" in refused.text
    sealed = {"csrf_token": wang.token(), "scan": (BytesIO(b"%PDF-1.7 scanned"), "a.pdf")}
    assert wang.client.post("/console/certificates/1/seal", data=sealed).status_code == 302
    assert state(ma.town, 1) == "issued"
    assert "HZZL-2026-0001" in wang.opens("/console/certificates?number=hzzl-2026-0001").text


def person_of(phone: Phone) -> int:
    with phone.town.reading() as session:
        return phone.person(session).id


def test_it_cannot_be_checked_before_somebody_issues(wang: Clerk, ma: Phone) -> None:
    number = applied(ma.town, ma)
    wang.opens("/console/certificates/terms")
    values = {"issuer": "互助中路社区居民委员会", "head": "张主任", "phone": "0971-5550000", "prefix": "HZZL"}
    wang.sends(
        "/console/certificates/terms", **values, unit="6", posting_days="5", answer_days="5", most_lines="16"
    )
    assert "请填7到60之间的数" in wang.words, "the law's least"
    wang.sends(
        "/console/certificates/terms", **values, unit="6", posting_days="10", answer_days="5", most_lines="16"
    )
    wang.opens(f"/console/certificates/{number}")
    assert "12.6小时" in wang.words
    wang.sends(f"/console/certificates/{number}/check", follow=True)
    assert "还有10天" in wang.words


def test_a_refusal_says_why_and_the_resident_reads_it(wang: Clerk, ma: Phone) -> None:
    number = applied(ma.town, ma)
    wang.opens(f"/console/certificates/{number}")
    wang.sends(f"/console/certificates/{number}/refuse", reason="")
    assert "请填写" in wang.words
    wang.sends(f"/console/certificates/{number}/refuse", reason="这段时间的记录还在核对,下周再来开")
    assert "还在核对" in ma.says("志愿证明", "1")


def test_the_whole_number_is_on_no_page_but_the_one_that_asked_why(wang: Clerk, ma: Phone) -> None:
    with_id(ma.town, ma)
    number, person = applied(ma.town, ma), person_of(ma)
    checked(ma.town, number)
    wang.opens(f"/console/certificates/{number}")
    assert ID_NUMBER not in wang.page
    assert "****************2X" in wang.page
    wang.sends(f"/console/certificates/files/{person}")
    assert ID_NUMBER not in wang.page
    wang.sends(f"/console/certificates/files/{person}/open-id", reason="")
    assert ID_NUMBER not in wang.page
    wang.sends(f"/console/certificates/files/{person}/open-id", reason="打印证明前核对")
    assert ID_NUMBER in wang.page
    looked = Visitor(ma.town, ma).opens("/h5/me/looked").words
    assert "身份证号" in looked


def test_the_file_holds_what_the_record_wants(wang: Clerk, ma: Phone) -> None:
    person = person_of(ma)
    wang.opens("/console/certificates/files")
    wang.sends(
        f"/console/certificates/files/{person}/complete",
        skills="理发",
        service_types=["为老服务"],
        area="东府佳苑",
    )
    wang.sends(
        f"/console/certificates/files/{person}/entry",
        kind="training",
        text="急救培训",
        on="2026-05-12",
        given_by="红十字会",
        hours="4",
    )
    assert "急救培训" in wang.words
    wang.sends(f"/console/certificates/files/{person}/id-number", kind="居民身份证", number=ID_NUMBER)
    assert "要先有本人同意" in wang.words
    wang.sends(
        f"/console/certificates/files/{person}/id-number",
        kind="居民身份证",
        number=ID_NUMBER,
        paper="卷宗3号",
    )
    with ma.town.reading() as session:
        kept = file_of(session, ma.person(session))
        assert kept is not None
        assert (kept.skills, kept.service_types, kept.id_covered) == ("理发", ["为老服务"], "*" * 16 + "2X")
        entry = session.scalars(select(VolunteerEntry)).one()
        assert (entry.minutes, entry.given_by) == (240, "红十字会")
    mine = Visitor(ma.town, ma).opens("/h5/certificates/file").words
    assert "急救培训" in mine


def test_void_needs_two_at_the_console_too(wang: Clerk, ma: Phone, monday: time_machine.Coordinates) -> None:
    number = issued(ma.town, ma, monday)
    wang.signs_in()
    wang.opens(f"/console/certificates/{number}")
    wang.sends(f"/console/certificates/{number}/void", reason="姓名里有一个字写错了", follow=True)
    assert "同意作废" not in wang.page
    wang.sends(f"/console/certificates/{number}/void/agree")
    assert state(ma.town, number) == "issued"
    chief = clerk(ma.town, "approver", login="chief", name="张主任")
    assert "要作废" in chief.opens("/console/").text
    chief.opens(f"/console/certificates/{number}")
    chief.sends(f"/console/certificates/{number}/void/agree")
    assert state(ma.town, number) == "void"


def test_others_of_the_staff_may_not(ma: Phone) -> None:
    number = applied(ma.town, ma)
    for role in ("leader", "grid", "auditor", "care"):
        other = clerk(ma.town, role)
        assert other.opens("/console/certificates").status_code == 403
        assert other.opens(f"/console/certificates/{number}").status_code == 403
    chief = clerk(ma.town, "approver", login="chief")
    chief.opens("/console/certificates")
    assert chief.sends(f"/console/certificates/{number}/check").status_code == 403
    assert chief.sends(f"/console/certificates/files/{person_of(ma)}").status_code == 403
    assert state(ma.town, number) == "applied"


def test_what_waits_stands_on_the_first_page(
    wang: Clerk, ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = applied(ma.town, ma)
    assert "等查 1份" in wang.opens("/console/").text
    checked(ma.town, number)
    monday.shift(timedelta(days=8))
    over(ma.town)
    printed(ma.town, number)
    wang.signs_in()
    assert "等盖章 1份" in wang.opens("/console/").text

    def asks(by: Actor) -> None:
        issuing.ask_void(by, by.session.get_one(Certificate, number), "纸张印坏了")

    does(ma.town, asks)
    assert "HZZL-2026-0001 要作废" in wang.opens("/console/").text
