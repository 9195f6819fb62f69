"""Bringing residents in: looked at first, taken in with a consent on paper, taken back within a day."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.sheets.reading import read
from app.work import Task, run_waiting
from handlers.people import actions as people
from handlers.registers import works
from handlers.registers.actions import forget_old_sheets
from models import work as work_model
from models.households import broken_households, live_households, members_of
from models.identity import Actor, Person
from models.people import Consent, residents
from models.refusal import Refusal
from models.registers import RegisterImport, RegisterLine
from models.stored_file import StoredFile
from models.work import Work
from tests.neighbours import Town, frozen
from tests.registers.offices import BASIS, HEAD, checked, hands_in, line, names, takes_in
from tests.registers.workbooks import by_hand, sheet_xml, text_cell, workbook
from tests.staff.clerks import Clerk, audited, clerk

GOOD = [
    HEAD,
    line("陈玉兰", 13900000101, "东府佳苑", "3", "2"),
    line("买买提·艾力", "139 0000 0102", "湖滨小区", "2号楼", "1单元"),
    line("韩生莲", "13900000103"),
]
BAD = [*GOOD, line("", "13900000104"), line("赵明", "1390000"), line("李梅", "13900000106", "月亮小区")]


@pytest.fixture
def office(sqlite_town: Town) -> Clerk:
    sqlite_town.seed("people")
    return clerk(sqlite_town, "desk")


def test_a_good_sheet_is_looked_at_then_taken_in_with_consent_on_paper(office: Clerk) -> None:
    number = hands_in(office, GOOD)
    assert "3 行" in office.words
    assert "3 可以登记" in office.words
    assert "陈玉兰 13900000101 东府佳苑3号楼2单元301" in office.words
    assert names(office.town) & {"陈玉兰"} == set(), "looking writes nothing"
    assert "登记了 3 位" in takes_in(office, number)
    with office.town.reading() as session:
        person = next(one for one in session.scalars(residents()) if one.name == "陈玉兰")
        assert person.phone == "13900000101"
        assert person.place is not None
        assert person.place.full_name == "东府佳苑3号楼2单元"
        consents = session.scalars(select(Consent).where(Consent.person_id == person.id)).all()
        assert [(one.purpose, one.channel) for one in consents] == [("service", "paper")]
        sheet = session.get_one(RegisterImport, number)
        assert (sheet.state, sheet.basis) == ("done", "登记簿第3册")
        written = session.scalars(select(RegisterLine)).all()
        assert f"{written[0].agreed_on}" == "2026-11-01"
        (done,) = audited(session, "registers.end_import")
        assert done.facts == {"state": "done", "made": 3}
        assert "陈玉兰" not in str([one.facts for one in audited(session, "registers.check")])


def test_whoever_came_from_a_sheet_is_told_so_in_their_copy_and_the_day_on_the_paper_goes_with_them(
    office: Clerk,
) -> None:
    takes_in(office, hands_in(office, GOOD))

    def unit(session: Session) -> None:
        person = next(one for one in session.scalars(residents()) if one.name == "陈玉兰")
        by = Actor(session, person=person, channel="page")
        assert "11月1日(星期日)" in str(people.export(by, person)["台账"])
        people.erase(by, person)
        days = {
            line.agreed_on for line in session.scalars(select(RegisterLine)) if line.person_id == person.id
        }
        assert days == {None}

    office.town.writing(unit)


def test_people_of_one_door_become_a_household_whose_head_is_the_one_the_sheet_names(office: Clerk) -> None:
    head = ["姓名", "手机", "住址", "与户主关系", "同意"]
    rows = [
        ["马小军", 13900000201, "东府佳苑3号楼2单元702", "儿子", "是"],
        ["马建国", 13900000202, "东府佳苑3-2-702", "户主", "是"],
        ["冶兰", 13900000203, "东府佳苑3栋2单元702室", "妻", "是"],
        ["李单", 13900000204, "东府佳苑3号楼2单元703", "", "是"],
        ["周远", 13900000205, "东府佳苑", "", "是"],
    ]
    number = hands_in(office, [head, *rows])
    assert "登记了 5 位" in takes_in(office, number)
    with office.town.reading() as session:
        homes = {home.door: home for home in session.scalars(live_households())}
        told = [(stay.person.name, stay.tie) for stay in session.scalars(members_of(homes["702"]))]
        assert told == [("马建国", "head"), ("马小军", "child"), ("冶兰", "spouse")]
        assert [stay.person.name for stay in session.scalars(members_of(homes["703"]))] == ["李单"]
        assert broken_households(session) == []
    answer = office.sends(f"/console/registers/import/{number}/take-back")
    office.town.works()
    office.opens(answer.location)
    assert "撤销了 5 位" in office.words
    with office.town.reading() as session:
        assert {home.door for home in session.scalars(live_households())} & {"702", "703"} == set()
        assert broken_households(session) == []


def test_what_is_wrong_is_red_in_its_cell_and_in_the_file_to_take_away(office: Clerk) -> None:
    number = hands_in(office, BAD)
    for words in ("6 行", "3 可以登记", "3 有问题", "没有姓名", "不是11位手机号", "没有这个小区"):
        assert words in office.words
    assert office.page.count("bad-cell") == 3
    found = re.search(r"/console/work/\d+/file", office.page)
    assert found is not None
    marked = office.client.get(found[0]).data
    rows = read(marked).rows
    assert rows[2][:2] == ["姓名", "手机"]
    assert rows[6][-1] == "没有姓名"
    assert rows[7][1] == "1390000"
    office.sends(f"/console/registers/import/{number}/take-in", which="all", **BASIS)
    assert "还有3行有问题" in office.words
    assert "登记了 3 位" in takes_in(office, number, which="good")
    assert {"陈玉兰", "韩生莲"} <= names(office.town)
    assert "赵明" not in names(office.town)


def test_the_corrected_file_can_be_handed_in_again_as_it_is(office: Clerk) -> None:
    hands_in(office, BAD)
    found = re.search(r"/console/work/\d+/file", office.page)
    assert found is not None
    marked = office.client.get(found[0]).data
    office.opens("/console/registers/import")
    answer = office.sends("/console/registers/import", file=(BytesIO(marked), "要改的地方.xlsx"))
    checked(office, answer.location)
    assert "6 行" in office.words
    assert "3 可以登记" in office.words


def test_pasted_cells_are_a_sheet_and_columns_can_be_put_right(office: Clerk) -> None:
    office.opens("/console/registers/import")
    pasted = "名称\t号\n陈玉兰\t13900000101\n"
    answer = office.sends("/console/registers/import", pasted=pasted)
    number = checked(office, answer.location)
    assert "还缺:姓名、手机号" in office.words
    answer = office.sends(f"/console/registers/import/{number}/columns", column=["name", "phone"])
    assert answer.status_code == 302
    checked(office, answer.location)
    assert "1 可以登记" in office.words
    office.sends(f"/console/registers/import/{number}/columns", column=["name", "name"], follow=True)
    assert "两列都选成了" in office.words


def test_who_is_known_or_stands_twice_is_skipped_and_a_shared_phone_is_said(office: Clerk) -> None:
    rows = [
        HEAD,
        line("马秀兰", 13900000001),
        line("马小军", 13900000001),
        line("陈玉兰", 13900000101),
        line("陈玉兰", 13900000101),
    ]
    number = hands_in(office, rows)
    assert "2 已经有了,跳过" in office.words
    assert "只登记一次:第5行" in office.words
    assert "都登记过,跳过:第2行" in office.words
    assert "手机号和已经登记的另一位相同(一家人共用也可以):第3行" in office.words
    assert "登记了 2 位" in takes_in(office, number)
    with office.town.reading() as session:
        known = [
            one.name for one in session.scalars(residents()) if one.name in ("马秀兰", "陈玉兰", "马小军")
        ]
        assert sorted(known) == sorted(["马秀兰", "陈玉兰", "马小军"])


def test_nobody_comes_in_without_a_basis(office: Clerk) -> None:
    without = [["姓名", "手机"], ["陈玉兰", 13900000101]]
    number = hands_in(office, without)
    office.sends(f"/console/registers/import/{number}/take-in", which="all", basis="登记簿")
    assert "请先确认本人都在纸上签过同意" in office.words, "the tick is missing"
    office.sends(f"/console/registers/import/{number}/take-in", which="all", sure="y", basis="")
    assert "请先确认本人都在纸上签过同意" in office.words, "where the paper lies is missing"
    refused = hands_in(office, [["姓名", "手机", "同意"], ["陈玉兰", 13900000101, "否"]])
    assert "没有写“是”或“同意”" in office.words
    office.sends(f"/console/registers/import/{refused}/take-in", which="good", **BASIS)
    assert "没有一行可以登记" in office.words
    assert "陈玉兰" not in names(office.town)


def test_an_import_is_undone_but_for_those_who_were_touched_since(office: Clerk) -> None:
    town = office.town
    with frozen("2026-11-23 09:00"):
        office.signs_in()
        number = hands_in(office, GOOD)
        takes_in(office, number)
    with frozen("2026-11-23 10:00"):

        def unit(session):  # type: ignore[no-untyped-def]
            person = next(one for one in session.scalars(residents()) if one.name == "韩生莲")
            people.correct_name(Actor(session, person=person, channel="console"), "韩生兰")

        town.writing(unit)
        office.signs_in()
        office.opens(f"/console/registers/import/{number}")
        assert "会删掉这次登记的3位居民" in office.words
        answer = office.sends(f"/console/registers/import/{number}/take-back")
        town.works()
        office.opens(answer.location)
        assert "撤销了 2 位。留下 1 位" in office.words
        office.opens(f"/console/registers/import/{number}")
        assert "第4行:有人改过" in office.words
    assert "陈玉兰" not in names(town)
    assert "韩生兰" in names(town)


def test_after_a_day_nothing_can_be_undone_and_the_cells_are_gone(office: Clerk) -> None:
    with frozen("2026-11-23 09:00"):
        office.signs_in()
        number = hands_in(office, BAD)
        takes_in(office, number, which="good")
    with frozen("2026-11-24 09:01"):
        office.signs_in()
        office.opens(f"/console/registers/import/{number}")
        assert "撤销这次登记" not in office.words
        office.sends(f"/console/registers/import/{number}/take-back", follow=True)
        assert "现在撤销不了" in office.words
        office.town.writing(lambda session: forget_old_sheets(Actor(session, channel="job")))
        with office.town.reading() as session:
            sheet = session.get_one(RegisterImport, number)
            assert sheet.seen is None
            assert sheet.file is None
            assert not session.scalars(
                select(StoredFile).where(StoredFile.purpose == "registers.import")
            ).all()


def test_an_import_that_was_killed_in_the_middle_goes_on_and_doubles_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = clerk(town, "desk")
    rows = [
        HEAD,
        *(
            line(f"王{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{'东南西北中'[n // 10]}", 13900001000 + n)
            for n in range(50)
        ),
    ]
    number = hands_in(person, rows)
    monkeypatch.setattr(works, "BATCH", 10)

    class Killed(BaseException):
        """As if the process had been ended: nothing is written down any more."""

    steps = Task.step

    def step(self: Task, done: int, total: int, words: str = "") -> None:
        if words == "登记" and done >= 20 and self._tries == 1:
            raise Killed
        steps(self, done, total, words)

    monkeypatch.setattr(Task, "step", step)
    answer = person.sends(f"/console/registers/import/{number}/take-in", which="all", **BASIS)
    with pytest.raises(Killed):
        run_waiting(town.site)
    assert len(names(town)) == 20
    with frozen(f"{clock.local(clock.now()) + work_model.LEASE * 2:%Y-%m-%d %H:%M:%S}"):
        assert run_waiting(town.site) == 1
    person.opens(answer.location)
    assert "登记了 50 位" in person.words
    with town.reading() as session:
        assert (
            session.scalar(select(func.count()).select_from(Person).where(Person.joined_at.is_not(None)))
            == 50
        )
        assert session.scalar(select(func.count()).select_from(RegisterLine)) == 50
        assert session.scalars(select(Work.state).order_by(Work.id.desc())).first() == "done"


def test_an_import_that_was_stopped_can_go_on_or_be_undone(
    office: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = hands_in(office, GOOD)
    monkeypatch.setattr(works, "BATCH", 1)
    answer = office.sends(f"/console/registers/import/{number}/take-in", which="all", **BASIS)
    steps = Task.step

    def step(self: Task, done: int, total: int, words: str = "") -> None:
        if done == 2:
            office.town.writing(lambda session: work_model.stop(session, self.id))
        steps(self, done, total, words)

    monkeypatch.setattr(Task, "step", step)
    office.town.works()
    monkeypatch.setattr(Task, "step", steps)
    office.opens(answer.location)
    assert "已经停下" in office.words
    office.opens(f"/console/registers/import/{number}")
    assert "停在中间了:登记了2位" in office.words
    assert "撤销2位" in office.words
    answer = office.sends(f"/console/registers/import/{number}/go-on")
    office.town.works()
    office.opens(answer.location)
    assert "登记了 3 位" in office.words


def test_all_or_nothing_means_nothing_when_a_line_fails_after_all(
    office: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = hands_in(office, GOOD)
    _refuse("韩生莲", monkeypatch)
    assert "一行也没有登记" in takes_in(office, number)
    assert names(office.town) & {"陈玉兰", "韩生莲"} == set()
    office.opens(f"/console/registers/import/{number}")
    assert "没有登记" in office.words


def test_one_refused_line_keeps_nobody_else_of_its_batch_out(
    office: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = hands_in(office, [*GOOD, line("错", "139")])
    _refuse("韩生莲", monkeypatch)
    assert "登记了 2 位" in takes_in(office, number, which="good")
    assert names(office.town) & {"陈玉兰", "韩生莲", "买买提·艾力"} == {"陈玉兰", "买买提·艾力"}


def _refuse(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever has this name be refused when they have been written."""
    written = works.actions.write_lines

    def write_lines(by, sheet, lines):  # type: ignore[no-untyped-def]
        written(by, sheet, lines)
        if any(one.name == name for one in lines):
            raise Refusal("people.bad_name")

    monkeypatch.setattr(works.actions, "write_lines", write_lines)


def test_a_sheet_can_be_thrown_away_and_two_clicks_begin_one_import(office: Clerk) -> None:
    number = hands_in(office, GOOD)
    office.sends(f"/console/registers/import/{number}/drop", follow=True)
    assert "一个人也没有登记" in office.words
    again = hands_in(office, GOOD)
    for expected in (302, 200):
        answer = office.sends(f"/console/registers/import/{again}/take-in", which="all", **BASIS)
        assert answer.status_code == expected
    assert "这一步现在做不了" in office.words
    office.town.works()
    assert len(names(office.town) & {"陈玉兰", "韩生莲", "买买提·艾力"}) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "没有收到表格"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "另存为xlsx"),
        (by_hand(sheet_xml(f'<row r="1048576">{text_cell("XFD1048576", "x")}</row>')), "列数太多了"),
        (by_hand(sheet_xml(""), {"xl/vbaProject.bin": b"x"}), "带宏"),
        (b"%PDF-1.7", "这不是xlsx或csv表格"),
        ("\r\n".encode("utf-8-sig"), "表格里没有内容"),
    ],
)
def test_b11_a_sheet_that_is_not_taken_says_what_to_do_instead(
    office: Clerk, content: bytes, words: str
) -> None:
    office.opens("/console/registers/import")
    answer = office.sends("/console/registers/import", file=(BytesIO(content), "../../台账.xls"))
    if answer.status_code == 302:
        office.town.works()
        office.opens(answer.location)
    assert words in office.words


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "C:\\x.xlsx",
        "\u202exslx.台账",
        "<script>.xlsx",
        "长" * 300 + ".xlsx",
        "\x00",
    ],
)
def test_b08_b12_a_file_is_kept_under_a_name_of_ours_and_shown_as_words(office: Clerk, name: str) -> None:
    office.opens("/console/registers/import")
    answer = office.sends("/console/registers/import", file=(BytesIO(workbook(GOOD)), name))
    assert answer.status_code == 302
    office.opens("/console/registers/import")
    assert "<script>.xlsx" not in office.page
    with office.town.reading() as session:
        (kept,) = session.scalars(select(StoredFile)).all()
        assert re.fullmatch(r"[0-9a-f]{32}", kept.key)
        assert not set(kept.name) & set("/\\\u202e\n\x00")


def test_b08_hostile_words_in_cells_are_words_on_the_page(office: Clerk) -> None:
    hostile = "<script>alert(1)</script>"
    hands_in(office, [HEAD, line(hostile, hostile), line("{{7*7}}", "\u202e13900000101")])
    assert hostile not in office.page
    assert "{{7*7}}" in office.words
    assert "2 有问题" in office.words


def test_a_sheet_that_could_not_be_opened_can_be_looked_at_again_or_thrown_away(office: Clerk) -> None:
    office.opens("/console/registers/import")
    answer = office.sends("/console/registers/import", file=(BytesIO(workbook(GOOD)), "居民.xlsx"))
    number = int(answer.location.rpartition("/")[2])
    office.town.writing(lambda session: work_model.stop(session, number))
    office.town.works()
    office.opens("/console/registers/import/1")
    assert "还没有检查成" in office.words
    answer = office.sends("/console/registers/import/1/columns")
    checked(office, answer.location)
    assert "3 可以登记" in office.words


def test_only_the_desk_brings_residents_in(office: Clerk) -> None:
    number = hands_in(office, GOOD)
    for role in ("leader", "approver", "auditor", "admin", "grid"):
        other = clerk(office.town, role)
        assert other.opens("/console/registers/import").status_code == 403
        assert other.opens(f"/console/registers/import/{number}").status_code == 403
        for step in ("take-in", "columns", "drop", "take-back", "go-on"):
            assert other.sends(f"/console/registers/import/{number}/{step}").status_code == 403
    stranger = office.town.client
    assert stranger.get("/console/registers/import").status_code == 302
