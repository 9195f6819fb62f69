"""B11, B12: whatever is uploaded as a sheet is read within half a gigabyte and thirty seconds, or refused in words."""

from __future__ import annotations

import csv
import resource
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from datetime import time as hour
from io import BytesIO

import pytest

from app.sheets import reader
from app.sheets.reader import LONGEST_CELL, MEMORY, MOST_ENTRIES
from app.sheets.reading import LARGEST, PROJECT, BadSheet, read
from tests.registers.workbooks import (
    MAIN,
    PARTS,
    SHEET,
    by_hand,
    sheet_xml,
    text_cell,
    with_long_text,
    workbook,
)


def code_of(content: bytes, *, only_in_the_child: bool = False) -> str:
    """Why it is refused; the reader itself says the same when it has all the memory of this machine."""
    with pytest.raises(BadSheet) as why:
        read(content)
    if not only_in_the_child:
        with pytest.raises(reader.Bad) as said:
            reader.read(content)
        assert said.value.code == why.value.code
    return why.value.code


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Reader and child may work so long, of the processor's time: a busy machine is no fault of theirs. Their memory is
    limited by the kernel (a test below reads the limits)."""
    began = _worked()
    yield
    assert _worked() - began < seconds


def _worked() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


# ---- what is read ----------------------------------------------------------------------------------------------------


def test_a_sheet_is_read_as_it_stands() -> None:
    rows = [
        ["姓名", "电话", "身份证", "日期", "时间"],
        ["马秀兰", 13900000001, "632123195001011234", date(2016, 4, 27), hour(9, 30)],
        ["王德福", "139 0000 0002", "", "2016.4.27", True],
    ]
    sheet = read(workbook(rows))
    assert reader.read(workbook(rows)) == {"name": sheet.name, "rows": sheet.rows}
    assert sheet.name == "居民"
    assert sheet.rows[1] == ["马秀兰", 13900000001, "632123195001011234", "2016-04-27", "09:30"]
    assert sheet.rows[2] == ["王德福", "139 0000 0002", "", "2016.4.27", "是"]
    assert sheet.width == 5


def test_b11_what_was_joined_over_several_rows_holds_for_each_and_titles_stay_one_cell() -> None:
    rows = [
        ["互助中路社区台账", "", ""],
        ["门牌", "姓名", "电话"],
        ["301", "马秀兰", "1"],
        ["", "马文明", "2"],
    ]
    sheet = read(workbook(rows, merged=[(0, 0, 0, 2), (2, 0, 3, 0)]))
    assert sheet.rows[0] == ["互助中路社区台账"]
    assert [row[0] for row in sheet.rows[2:]] == ["301", "301"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_b11_plain_tables_in_every_encoding_that_offices_write(encoding: str, separator: str) -> None:
    text = separator.join(("姓名", "电话")) + "\r\n" + separator.join(("马秀兰", "13900000001")) + "\r\n\r\n"
    assert read(text.encode(encoding)).rows == [["姓名", "电话"], ["马秀兰", "13900000001"]]


def test_b11_a_sheet_without_a_row_says_so() -> None:
    assert code_of(workbook([])) == "empty"
    assert code_of(b"") == "empty"
    assert code_of("\ufeff\r\n,,\r\n".encode()) == "empty"
    assert code_of(by_hand(sheet_xml('<row r="1"><c r="A1"/></row>'))) == "empty"


def test_b11_the_size_that_a_sheet_claims_means_nothing() -> None:
    one = f'<row r="1">{text_cell("A1", "姓名")}</row>'
    assert read(by_hand(sheet_xml(one, '<dimension ref="A1:XFD1048576"/>'))).rows == [["姓名"]]


def test_b11_cells_that_only_have_a_colour_do_not_count() -> None:
    painted = f'<row r="1">{text_cell("A1", "姓名")}<c r="XFD1" s="1"/></row><row r="1048576"><c r="A1048576" s="1"/></row>'
    with within(5):
        assert read(by_hand(sheet_xml(painted))).rows == [["姓名"]]


# ---- bombs -----------------------------------------------------------------------------------------------------------


def test_b11_a_single_cell_in_the_farthest_corner_is_refused_at_once() -> None:
    far = f'<row r="1048576">{text_cell("XFD1048576", "x")}</row>'
    bomb = by_hand(sheet_xml(far))
    assert len(bomb) < 5_000
    with within(3):
        assert code_of(bomb) == "too_many_columns"
    low = by_hand(sheet_xml(f'<row r="1048576">{text_cell("A1048576", "x")}</row>'))
    assert code_of(low) == "too_many_rows"


def test_b11_the_far_corner_that_hides_its_place_dies_with_its_own_memory() -> None:
    """Written so that the look ahead does not see it: then the limits of the process end it."""
    hidden = "<row r='1048576'><c t='inlineStr' r='XFD1048576'><is><t>x</t></is></c></row>"
    with within(35):
        assert code_of(by_hand(sheet_xml(hidden)), only_in_the_child=True) in ("too_much", "too_many_columns")


def test_b11_a_million_and_a_half_cells_in_two_hundred_kilobytes_are_refused() -> None:
    row = "".join("<c><v>1</v></c>" for _ in range(50))
    bomb = by_hand(sheet_xml("".join(f"<row>{row}</row>" for _ in range(30_000))))
    assert len(bomb) < 200_000
    with within(20):
        assert code_of(bomb) == "too_many_rows"


def test_b11_one_text_of_three_hundred_megabytes_is_refused_unread() -> None:
    bomb = with_long_text(300)
    assert len(bomb) < 400_000
    with within(5):
        assert code_of(bomb) == "too_much"


def test_b11_a_head_that_lies_about_its_size_does_not_help() -> None:
    honest = with_long_text(60)
    true_size = next(one for one in zipfile.ZipFile(BytesIO(honest)).infolist() if "shared" in one.filename)
    written, small = true_size.file_size.to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert written in honest
    with within(5):
        assert code_of(honest.replace(written, small)) == "broken"


def test_b11_one_shared_text_in_very_many_cells_is_refused() -> None:
    strings = f'<sst xmlns="{MAIN}"><si><t>{"长" * 1900}</t></si></sst>'
    row = "".join('<c t="s"><v>0</v></c>' for _ in range(60))
    bomb = by_hand(
        sheet_xml("".join(f"<row>{row}</row>" for _ in range(15_000))), {"xl/sharedStrings.xml": strings}
    )
    with within(35):
        assert code_of(bomb, only_in_the_child=True) == "too_much"


def test_b11_entities_are_refused_in_every_part() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    body = f'<row r="1">{text_cell("A1", "&b;")}</row>'
    declared = sheet_xml(body).replace("<worksheet", f"{laughs}<worksheet", 1)
    assert code_of(by_hand(declared)) == "strange_inside"
    outside = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst><si><t>&e;</t></si></sst>'
    assert code_of(by_hand(sheet_xml(""), {"xl/sharedStrings.xml": outside})) == "strange_inside"
    assert code_of(by_hand(declared.encode("utf-16").decode("latin-1"))) in ("strange_inside", "broken")


def test_b11_too_many_entries_columns_letters_and_bytes() -> None:
    many = {f"xl/media/{number}.xml": "x" for number in range(MOST_ENTRIES)}
    assert code_of(by_hand(sheet_xml(""), many)) == "too_much"
    assert code_of(("姓名," * 61 + "x").encode()) == "too_many_columns"
    assert code_of(("姓名\n" + "字" * (LONGEST_CELL + 1)).encode()) == "cell_too_long"
    assert code_of(b"a\n" * 21_000) == "too_many_rows"
    assert code_of(b"x" * (LARGEST + 1), only_in_the_child=True) == "too_large"


def test_b11_old_files_macros_and_other_kinds_are_refused_each_in_its_own_words() -> None:
    assert code_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600) == "old_format"
    assert code_of(by_hand(sheet_xml(""), {"xl/vbaProject.bin": b"x"})) == "macros"
    macro = PARTS["[Content_Types].xml"].replace(
        "openxmlformats-officedocument.spreadsheetml.sheet", "ms-excel.sheet.macroEnabled"
    )
    assert code_of(by_hand(sheet_xml(""), {"[Content_Types].xml": macro})) == "macros"
    for other in (
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        "<html>姓名</html>".encode(),
        b"\xff\xd8\xff\xe0\x80\x00",
    ):
        assert code_of(other) == "other_format"
    empty = BytesIO()
    zipfile.ZipFile(empty, "w").writestr("a.txt", "x")
    assert code_of(empty.getvalue()) == "other_format"


# ---- names inside ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/cron.d/x",
        "xl/../../x.xml",
        "/etc/passwd",
        "C:\\windows\\x.dll",
        "C:x",
        "xl\\worksheets\\sheet2.xml",
        "a" * 300,
        "xl/embeddings/inner.xlsx",
        "inner.zip",
        "xl/run.exe",
    ],
)
def test_b12_names_that_lead_elsewhere_and_files_in_the_file_are_refused(name: str) -> None:
    whole = by_hand(sheet_xml(f'<row r="1">{text_cell("A1", "姓名")}</row>'), {name: "x"})
    assert code_of(whole) == "strange_inside"


def test_b12_links_twins_and_locked_entries_are_refused() -> None:
    out = BytesIO(by_hand(sheet_xml("")))
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("xl/worksheets/sheet2.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert code_of(out.getvalue()) == "strange_inside"
    twin = BytesIO(by_hand(sheet_xml("")))
    with zipfile.ZipFile(twin, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(SHEET, sheet_xml(f'<row r="1">{text_cell("A1", "x")}</row>'))
    assert code_of(twin.getvalue()) == "strange_inside"
    nul = by_hand(sheet_xml(""), {"xl/worksheets/sheetX.xml": "x"}).replace(b"sheetX.xml", b"sheet\0.xml")
    assert code_of(nul) in ("strange_inside", "broken")


def test_broken_archives_are_refused() -> None:
    whole = workbook([["姓名"], ["马秀兰"]])
    assert code_of(whole[: len(whole) // 2]) == "broken"
    assert code_of(b"PK\x03\x04" + b"\x00" * 100) == "broken"
    assert code_of(by_hand("<worksheet><sheetData><row></worksheet>")) in ("broken", "empty")


def test_the_child_has_nothing_of_ours_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGFU_SECRETS__MASTER_KEY", "nobody may see this")
    assert read("姓名".encode()).rows == [["姓名"]]


def test_b11_the_child_gives_up_memory_time_files_and_core_dumps_before_it_reads() -> None:
    told = (
        "import resource; from app.sheets import reader; reader.limit_myself(); print(*(resource.getrlimit(what)[1]"
        " for what in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)))"
    )
    done = subprocess.run([sys.executable, "-c", told], cwd=PROJECT, capture_output=True, check=True)
    assert done.stdout.split() == [str(MEMORY).encode(), b"30", b"0", b"0"]


def test_whoever_reads_a_table_without_being_the_child_keeps_the_limits_of_its_own_process() -> None:
    before = csv.field_size_limit()
    assert reader.read("姓名,电话\n马秀兰,1".encode())["rows"][1] == ["马秀兰", "1"]
    assert csv.field_size_limit() == before
