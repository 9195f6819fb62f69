"""The export for the national system: mapped columns, text cells, what was reported and what has changed since."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO, StringIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from bench.city.watch import Watch
from handlers.certificates import national
from models import registers
from models.certificate_export import NationalBatch, NationalMark
from models.hours import ServiceHours
from models.identity import Actor
from tests.certificates.offices import ID_NUMBER, does, gave, joined, served, with_id
from tests.neighbours import Phone
from tests.staff.clerks import Clerk, audited, clerk

Sheet = list[list[str]]


@pytest.fixture
def wang(ma: Phone) -> Clerk:
    return clerk(ma.town, "desk", login="wang")


def reported(person: Clerk, entity: str = "hours", which: str = "changes", form: str = "xlsx") -> bytes:
    person.opens("/console/certificates/national")
    location = person.sends("/console/certificates/national", entity=entity, which=which, form=form).location
    person.town.works()
    page = person.opens(location).text
    assert "做完了" in page, person.words
    return person.client.get(f"{location}/file").data


def cells(content: bytes) -> Sheet:
    rows: Sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    return rows


def test_volunteers_and_hours_go_out_as_text_with_our_heads_in_the_first_row(wang: Clerk, ma: Phone) -> None:
    with_id(ma.town, ma)
    head, row = cells(reported(wang, "volunteers"))
    told = dict(zip(head, row, strict=True))
    assert told["志愿者编号"] == "V000001"
    assert told["证件号码"] == ID_NUMBER
    assert (told["性别"], told["出生日期"]) == ("女", "1949-12-31")
    assert told["变化"] == "新增"
    rows = cells(reported(wang))
    assert len(rows) == 4
    assert all(isinstance(cell, str) for row in rows for cell in row), "numbers too"


def test_a_batch_of_changes_holds_what_is_new_corrected_and_taken_back(wang: Clerk, ma: Phone) -> None:
    first = cells(reported(wang))
    assert [row[-1] for row in first[1:]] == ["新增"] * 3
    (new,) = served(ma.town, ma, (60, "2026-11-20"))

    def changes(by: Actor) -> None:
        by.session.execute(update(ServiceHours).where(ServiceHours.minutes == 240).values(minutes=120))
        taken = by.session.scalars(select(ServiceHours).where(ServiceHours.minutes == 210)).one()
        taken.state, taken.minutes, taken.transfer_id = "void", 0, None

    does(ma.town, changes)
    watch = Watch(ma.town.site.database.engine)
    with watch.path("counted"), ma.town.reading() as session:
        assert national.count(session, "hours") == (4, 1), "what was reported and is void is still told of"
        assert national.count(session, "volunteers") == (1, 1)
    assert [one.times for one in watch.asked.values() if "count(" in one.sql] == [1, 1]
    second = {row[0]: (row[-3], row[-1]) for row in cells(reported(wang))[1:]}
    assert second == {"H00000001": ("2", "更正"), "H00000003": ("0", "撤销"), f"H{new:08}": ("1", "新增")}
    with ma.town.reading() as session:
        marks = {mark.record_id: mark.batch_id for mark in session.scalars(select(NationalMark))}
        assert marks == {1: 2, 2: 1, 3: 2, new: 2}
    wang.opens("/console/certificates/national")
    location = wang.sends(
        "/console/certificates/national", entity="hours", which="changes", form="csv"
    ).location
    ma.town.works()
    assert "没有变化" in wang.opens(location).text


def test_a_batch_that_is_made_again_holds_the_same_records(wang: Clerk, ma: Phone) -> None:
    before = cells(reported(wang))
    wang.opens("/console/certificates/national")
    location = wang.sends("/console/certificates/national/1/make").location
    ma.town.works()
    wang.opens(location)
    again = cells(wang.client.get(f"{location}/file").data)
    assert [row[0] for row in again] == [row[0] for row in before]


def test_csv_has_the_mark_of_utf8_and_nothing_in_it_acts(wang: Clerk, ma: Phone) -> None:
    does(
        ma.town,
        lambda by: gave(by.session, ma.person(by.session), 60, date(2026, 9, 9), "=cmd|'/c calc'!A1").id,
    )
    content = reported(wang, form="csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 5
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert any(cell.startswith("'=cmd") for row in rows for cell in row)


def test_staff_map_the_columns_look_first_and_go_back(wang: Clerk, ma: Phone) -> None:
    wang.opens("/console/certificates/national/columns/hours")
    told = {
        "place": ["2", "1", ""],
        "head": ["服务者", "时长", ""],
        "field": ["name", "minutes", "record"],
        "day_form": "%Y%m%d",
    }
    wang.sends("/console/certificates/national/columns/hours", **told, look="1")
    assert "服务者" in wang.words
    assert "马*兰" in wang.words
    assert "马秀兰" not in wang.page
    assert cells(reported(wang))[0][0] == "记录编号", "nothing was kept by looking"
    wang.opens("/console/certificates/national/columns/hours")
    wang.sends("/console/certificates/national/columns/hours", **told)
    assert cells(reported(wang, which="all"))[:2] == [["时长", "服务者"], ["240", "马秀兰"]]
    assert "第2批" in wang.opens("/console/certificates/national/columns/hours").text
    wang.sends("/console/certificates/national/columns/hours/reset")
    assert cells(reported(wang, which="all"))[0][0] == "记录编号"
    wang.opens("/console/certificates/national/columns/hours")
    twice = told | {"head": ["时长", "时长", ""]}
    wang.sends("/console/certificates/national/columns/hours", **twice)
    assert "有两列" in wang.words


def test_many_records_need_a_second_person_who_is_not_the_first(
    wang: Clerk, ma: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(national, "MOST_ALONE", 2)
    wang.opens("/console/certificates/national")
    wang.sends("/console/certificates/national", follow=True, entity="hours", which="changes", form="xlsx")
    assert "等第二个人同意" in wang.words
    wang.sends("/console/certificates/national/1/agree", follow=True)
    assert "等第二个人同意" in wang.words
    wang.sends("/console/certificates/national/1/make", follow=True)
    chief = clerk(ma.town, "approver", login="chief", name="张主任")
    assert "要报服务时间" in chief.opens("/console/").text
    chief.opens("/console/certificates/national")
    chief.sends("/console/certificates/national/1/agree")
    assert chief.sends("/console/certificates/national/1/make").status_code == 403
    wang.opens("/console/certificates/national")
    location = wang.sends("/console/certificates/national/1/make").location
    ma.town.works()
    assert "做完了" in wang.opens(location).text
    with ma.town.reading() as session:
        batch = session.get_one(NationalBatch, 1)
        (line,) = audited(session, "certificates.make_national")
        assert batch.sha256 is not None
        assert line.facts["sha256"] == batch.sha256[:16]
        assert line.facts["rows"] == 3
    assert registers.MOST_ALONE == 500


def test_who_has_hours_but_no_file_gets_a_number_and_who_withdrew_no_identity_number(
    wang: Clerk, ma: Phone
) -> None:
    han = joined(ma.town, "韩世杰", "13900000002")
    served(ma.town, han, (60, "2026-09-09"))
    rows = cells(reported(wang, "volunteers"))
    assert [row[0] for row in rows[1:]] == ["V000001", "V000002"]
    assert [row[5] for row in rows[1:]] == ["", ""], "nobody agreed to the number"


def test_others_take_nothing_out(ma: Phone) -> None:
    for role in ("leader", "grid", "auditor"):
        assert clerk(ma.town, role).opens("/console/certificates/national").status_code == 403
    chief = clerk(ma.town, "approver", login="chief")
    chief.opens("/console/certificates/national")
    sent = chief.sends("/console/certificates/national", entity="hours", which="all", form="csv")
    assert sent.status_code == 403
