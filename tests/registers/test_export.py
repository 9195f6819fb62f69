"""Taking tables out: covered, marked, counted; whole only with a reason, many people only with a second person."""

from __future__ import annotations

import csv
from datetime import timedelta
from hashlib import sha256
from io import BytesIO, StringIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions as appointments
from handlers.people import actions as people
from handlers.staff import actions as staff
from handlers.wishes import actions as wishes
from models.identity import Actor, Person
from models.people import residents
from models.plans import Service
from models.registers import MOST_ALONE, RegisterExport
from models.slots import free_slots
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, audited, clerk

WISH = "想要一辆轮椅,我是马秀兰,电话13900000001"


def asks(person: Clerk, kind: str, **fields: str) -> str:
    """Fill in the form; the address to which it leads."""
    today = clock.today()
    told = {
        "first": f"{today - timedelta(days=60)}",
        "last": f"{today}",
        "form": "xlsx",
        "reason": "",
        **fields,
    }
    person.opens("/console/registers")
    return person.sends("/console/registers/export", kind=kind, **told).location or ""


def file_of(person: Clerk, location: str) -> bytes:
    person.town.works()
    person.opens(location)
    assert "做完了" in person.words, person.words
    return person.client.get(f"{location}/file").data


def rows_of(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


@pytest.fixture
def office(sqlite_town: Town) -> Clerk:
    sqlite_town.seed("people")
    return clerk(sqlite_town, "desk", login="office")


def many(town: Town, number: int) -> None:
    """So many residents more."""

    def unit(session):  # type: ignore[no-untyped-def]
        for n in range(number):
            person = Person()
            session.add(person)
            session.flush()
            people.join(Actor(session, person, channel="job"), name="王一", phone=f"139{n:08d}")

    town.writing(unit)


def test_residents_are_covered_and_every_page_says_who_took_them(office: Clerk) -> None:
    with frozen("2026-11-23 09:00"):
        office.signs_in()
        content = file_of(office, asks(office, "residents"))
    rows = rows_of(content)
    assert rows[0][0] == "互助中路社区居民台账(全部)"
    assert rows[1][0] == "单位:互助中路社区    日期:2026-11-23    填表人:王干事"
    assert rows[2] == ["编号", "姓名", "手机", "住处", "登记日期"]
    found = next(row for row in rows if row[2] == "139****0001")
    assert found[1] == "马*兰"
    assert found[3] == "东府佳苑3号楼2单元"
    assert b"13900000001" not in content
    with office.town.reading() as session:
        (line,) = audited(session, "registers.export")
        digest = sha256(content).hexdigest()
        assert line.facts["sha256"] == digest[:16]
        assert line.facts["rows"] == len(rows) - 3
        assert line.facts["kind"] == "residents"
        asked = session.scalars(select(RegisterExport)).one()
        assert (asked.state, asked.sha256) == ("taken", digest)


def test_whole_numbers_need_a_typed_reason(office: Clerk) -> None:
    asks(office, "residents", whole="y")
    assert "请写明为什么" in office.words
    asks(office, "residents", whole="y", reason="要")
    assert "请写明为什么" in office.words
    rows = rows_of(file_of(office, asks(office, "residents", whole="y", reason="停水要逐户打电话")))
    assert ["马秀兰", "13900000001"] in [row[1:3] for row in rows]
    with office.town.reading() as session:
        assert audited(session, "registers.export")[-1].facts["whole"] is True
        assert session.scalars(select(RegisterExport)).one().reason == "停水要逐户打电话"
        assert "停水" not in str([one.facts for one in audited(session, "registers.ask_export")])


def test_a_file_that_was_taken_is_not_taken_twice_and_is_nobody_elses(office: Clerk) -> None:
    location = asks(office, "residents")
    file_of(office, location)
    other = clerk(office.town, "desk", login="other")
    assert other.opens(f"{location}/file").status_code == 404
    office.sends("/console/registers/exports/1/take", follow=True)
    assert "还没有人同意,或者已经取过" in office.words
    other.sends("/console/registers/exports/1/take", follow=True)
    assert "这不是您的角色能取的" in other.words


def test_more_than_five_hundred_people_need_a_second_person_who_is_not_the_first(office: Clerk) -> None:
    many(office.town, MOST_ALONE)
    assert asks(office, "residents") == "/console/registers"
    office.opens("/console/registers")
    assert "等第二个人同意" in office.words
    assert "现在取" not in office.words
    office.sends("/console/registers/exports/1/take", follow=True)
    assert "还没有人同意" in office.words
    office.sends("/console/registers/exports/1/agree", follow=True)
    assert "自己要的不能自己同意" in office.words
    second = clerk(office.town, "approver", login="second", name="李主任")
    second.opens("/console/registers")
    with office.town.reading() as session:
        people_there = len(session.scalars(residents()).all())
    assert f"王干事 要 居民 {people_there}行" in second.words
    second.opens("/console/")
    assert "等您同意的导出" in second.words
    second.opens("/console/registers")
    second.sends("/console/registers/exports/1/agree", follow=True)
    assert "同意了" in second.words
    second.sends("/console/registers/exports/1/refuse", follow=True)
    assert "已经有人看过了" in second.words
    office.opens("/console/registers")
    answer = office.sends("/console/registers/exports/1/take")
    assert len(rows_of(file_of(office, answer.location))) == 3 + people_there
    with office.town.reading() as session:
        assert len(audited(session, "registers.agree_export")) == 1


def test_what_was_refused_or_agreed_to_yesterday_is_not_given_out(office: Clerk) -> None:
    many(office.town, MOST_ALONE)
    with frozen("2026-11-23 09:00"):
        for person in (office, second := clerk(office.town, "desk", login="second")):
            person.signs_in()
        asks(office, "residents")
        second.opens("/console/registers")
        second.sends("/console/registers/exports/1/refuse")
        office.opens("/console/registers")
        assert "没有同意" in office.words
        asks(office, "residents")
        second.opens("/console/registers")
        second.sends("/console/registers/exports/2/agree")
    with frozen("2026-11-24 09:01"):
        office.signs_in()
        for number in (1, 2):
            office.sends(f"/console/registers/exports/{number}/take", follow=True)
            assert "还没有人同意,或者已经取过、过了24小时" in office.words


def test_a_table_that_grew_past_five_hundred_since_it_was_asked_for_is_not_made(office: Clerk) -> None:
    location = asks(office, "residents")
    many(office.town, MOST_ALONE)
    office.town.works()
    office.opens(location)
    assert "现在超过500行了" in office.words


def test_appointments_wishes_hours_and_notices_of_a_period(office: Clerk) -> None:
    town = office.town
    town.seed("appointments", "activities", "volunteers", "wishes", "notices", "programmes")
    later = f"{clock.today() + timedelta(days=30)}"
    town.writing(lambda session: _booked(town, session))
    rows = rows_of(file_of(office, asks(office, "appointments", last=later)))
    assert rows[2][:3] == ["日期", "时间", "服务"]
    assert ["陈*兰", "139****0101", "约好"] in [row[4:7] for row in rows[3:]]
    rows = rows_of(file_of(office, asks(office, "notices", last=later)))
    assert len(rows) > 3
    content = file_of(office, asks(office, "wishes", last=later, form="csv"))
    assert content.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.reader(StringIO(content.decode("utf-8-sig"))))) > 3


def _booked(town: Town, session: Session) -> None:
    by = town.phone("兰").actor(session)
    people.join(by, name="陈玉兰", phone="13900000101")
    service = session.scalars(select(Service)).first()
    assert service is not None
    slot = session.scalars(free_slots(service)).first()
    assert slot is not None
    appointments.book(by, slot)


def test_wishes_go_out_without_who_wishes_and_without_their_own_words(office: Clerk) -> None:
    town = office.town
    town.phone("兰").follows()

    def unit(session):  # type: ignore[no-untyped-def]
        by = town.phone("兰").actor(session)
        people.join(by, name="马秀兰", phone="13900000001")
        wishes.say_wish(by, WISH, category="生活用品")

    town.writing(unit)
    content = file_of(office, asks(office, "wishes", form="csv")).decode("utf-8-sig")
    assert "(没有公开)" in content
    assert "轮椅" not in content
    assert "马" not in content.partition("\r\n")[2].partition("\r\n\r\n")[0]
    asks(office, "wishes", whole="y", reason="就是想看看")
    assert "不含姓名和号码" in office.words


def test_the_trail_is_for_the_auditor_alone_and_reads_as_words(office: Clerk) -> None:
    auditor = clerk(office.town, "auditor", login="auditor")
    rows = rows_of(file_of(auditor, asks(auditor, "trail")))
    assert "登录" in [row[4] for row in rows]
    assert asks(office, "trail") == ""
    assert "registers/export" in office.page
    assert asks(auditor, "residents") == "", "the auditor sees no residents"
    with office.town.reading() as session:
        assert {one.kind for one in session.scalars(select(RegisterExport))} == {"trail"}


def test_periods_that_make_no_sense_and_empty_tables_are_refused_in_words(office: Clerk) -> None:
    asks(office, "appointments", first="2026-02-01", last="2026-01-01")
    assert "开始不能晚于结束" in office.words
    asks(office, "appointments", first="2020-01-01", last="2026-01-01")
    assert "一次最多一年" in office.words
    asks(office, "appointments", first="2020-01-01", last="2020-01-02")
    assert "没有内容" in office.words


def test_a_proof_that_is_old_is_asked_for_again_before_anything_leaves(office: Clerk) -> None:
    office.opens("/console/registers")
    with frozen(f"{clock.local(clock.now()) + timedelta(minutes=6):%Y-%m-%d %H:%M:%S}"):
        answer = office.sends(
            "/console/registers/export", kind="residents", first="2026-01-01", last="2026-01-01"
        )
        assert answer.status_code == 302
        assert answer.location.startswith("/console/again")
    with office.town.reading() as session:
        assert session.scalars(select(RegisterExport)).all() == []


def test_who_has_no_business_with_registers_takes_nothing_out(office: Clerk) -> None:
    for role in ("admin", "grid", "care", "petitions"):
        other = clerk(office.town, role)
        assert other.opens("/console/registers").status_code == 403
        assert other.sends("/console/registers/export", kind="residents").status_code == 403
    leader = clerk(office.town, "leader")
    assert leader.sends("/console/registers/exports/1/agree").status_code == 403
    assert asks(leader, "residents") == ""


def test_a_large_table_in_small_pieces_is_a_large_table(office: Clerk) -> None:
    """Whoever takes five hundred people in two halves within a day needs a second person for the other half."""
    many(office.town, MOST_ALONE // 2 + 50)
    with frozen("2026-11-23 09:00"):
        office.signs_in()
        assert "/console/work/" in asks(office, "residents")
        assert asks(office, "residents", whole="y", reason="停水要逐户打电话") == "/console/registers"
        office.opens("/console/registers")
        assert "等第二个人同意" in office.words
    with frozen("2026-11-24 09:01"):
        office.signs_in()
        assert "/console/work/" in asks(office, "residents"), "the next day is another day"


def test_b16_who_lost_the_role_does_not_take_what_was_agreed_to(office: Clerk) -> None:
    many(office.town, MOST_ALONE)
    asks(office, "residents")
    second = clerk(office.town, "approver", login="second", name="李主任")
    second.opens("/console/registers")
    second.sends("/console/registers/exports/1/agree")

    def other_role(session: Session) -> None:
        staff.set_roles(Actor(session, channel="job"), office.member(session), ["leader"])

    office.town.writing(other_role)
    office.signs_in()
    office.opens("/console/registers")
    office.sends("/console/registers/exports/1/take", follow=True)
    assert "这不是您的角色能取的" in office.words


def test_a_file_that_lies_ready_asks_who_takes_it_when_the_proof_is_old(office: Clerk) -> None:
    location = asks(office, "residents")
    office.town.works()
    with frozen(f"{clock.local(clock.now()) + timedelta(minutes=6):%Y-%m-%d %H:%M:%S}"):
        answer = office.opens(f"{location}/file")
        assert answer.status_code == 302
        assert answer.location.startswith("/console/again")


def test_c4_a_discreet_service_has_its_other_name_in_tables(office: Clerk) -> None:
    """Who came for what somebody may not see over a shoulder stands in no file and on no paper."""
    town = office.town
    town.seed("appointments")

    def booked(session: Session) -> None:
        by = town.phone("兰").actor(session)
        people.join(by, name="陈玉兰", phone="13900000101")
        service = session.scalars(select(Service).where(Service.discreet_name.is_not(None))).one()
        slot = session.scalars(free_slots(service)).first()
        assert slot is not None
        appointments.book(by, slot)

    town.writing(booked)
    later = f"{clock.today() + timedelta(days=30)}"
    rows = rows_of(file_of(office, asks(office, "appointments", last=later)))
    named = {row[2] for row in rows[3:]}
    assert "社区预约" in named
    assert "心理咨询" not in named
    for day in sorted({str(row[0]) for row in rows[3:] if row[2] == "社区预约"}):
        page = office.opens(f"/console/appointments/print?day={day}").text
        assert "陈*兰" in str(rows)
        assert "心理咨询" not in page.partition("<main")[2]
