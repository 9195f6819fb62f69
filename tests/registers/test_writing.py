"""B10 and B08 in sheets: what goes out cannot act, prints with who took it, and comes back exactly."""

from __future__ import annotations

import csv
import zipfile
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.sheets.reading import read
from app.sheets.writing import HEAD_AT, Column, Table, as_csv, as_xlsx, defused

ID_NUMBER, PHONE = "632123195001011234", "13900000001"
MARK = "王干事 2026-11-23 09:00 导出 第7号"
TRAPS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    ' =HYPERLINK("http://x")',
    "\n=1",
]
HOSTILE = [
    "\u202e马秀兰",
    "马\u200b秀\u200f兰\ufeff",
    '马"秀,兰',
    "马\n秀兰",
    "<script>alert(1)</script>",
    "{{7*7}}",
    '#import "x"',
    "😀" * 50,
    "字" * 5000,
    "a\x00b",
]


def table(*rows: list[Any], **more: Any) -> Table:
    columns = (Column("姓名", 12), Column("身份证", 22), Column("小时", 8, is_number=True))
    facts = {
        "title": "互助中路社区居民台账",
        "unit": "互助中路社区",
        "day": "2026-11-23",
        "filled_by": "王干事",
    }
    return Table(**facts, mark=MARK, columns=columns, rows=list(rows), **more)


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(name).decode()


def test_the_sheet_is_frozen_prints_on_a4_across_and_says_on_every_page_who_took_it() -> None:
    content = as_xlsx(table(["马秀兰", ID_NUMBER, 2.5]))
    sheet = part(content, "xl/worksheets/sheet1.xml")
    assert '<pane ySplit="3" topLeftCell="A4" activePane="bottomLeft" state="frozen"/>' in sheet
    assert 'paperSize="9"' in sheet
    assert 'orientation="landscape"' in sheet
    assert "fitToPage" in sheet
    assert "<oddHeader>" in sheet
    assert "王干事 2026-11-23 09:00" in sheet.partition("<oddHeader>")[2].partition("</oddHeader>")[0]
    assert '<col min="2" max="2" width="22' in sheet
    names = part(content, "xl/workbook.xml")
    assert "_xlnm.Print_Area" in names
    assert "$A$1:$C$4" in names
    assert "_xlnm.Print_Titles" in names


def test_b10_an_eighteen_digit_number_and_a_phone_come_back_exactly() -> None:
    content = as_xlsx(table(["马秀兰", ID_NUMBER, 2.5], ["王德福", PHONE, 1]))
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "互助中路社区居民台账"
    assert rows[1][0] == "单位:互助中路社区    日期:2026-11-23    填表人:王干事"
    assert rows[HEAD_AT] == ["姓名", "身份证", "小时"]
    assert rows[HEAD_AT + 1] == ["马秀兰", ID_NUMBER, 2.5]
    assert rows[HEAD_AT + 2][1] == PHONE
    assert read(content).rows[HEAD_AT + 1] == ["马秀兰", ID_NUMBER, 2.5]
    assert f'="{ID_NUMBER}"' not in as_csv(table(["马秀兰", ID_NUMBER, 2.5])).decode()


@pytest.mark.parametrize("trap", TRAPS)
def test_b10_what_begins_like_a_formula_is_words(trap: str) -> None:
    content = as_xlsx(table([trap, trap, 1]))
    sheet = part(content, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    assert read(content).rows[-1][0].startswith("'")  # type: ignore[union-attr]
    rows = list(csv.reader(StringIO(as_csv(table([trap, trap, 1])).decode("utf-8-sig"))))
    assert rows[1][0].startswith("'")
    assert rows[1][2] == "1"


def test_b10_a_number_column_with_words_in_it_is_words() -> None:
    assert read(as_xlsx(table(["马秀兰", "", "=1+1"]))).rows[-1][2] == "'=1+1"


@pytest.mark.parametrize("words", HOSTILE)
def test_b08_signs_that_cannot_be_seen_are_left_out_and_nothing_breaks_the_file(words: str) -> None:
    content = as_xlsx(table([words, "", 1]))
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    shown = rows[HEAD_AT + 1][0]
    [_, told, *_] = csv.reader(StringIO(as_csv(table([words, "", 1])).decode("utf-8-sig"), newline=""))
    for cell in (str(shown), told[0]):
        assert cell == "".join(sign for sign in words if sign not in "\u202e\u200b\u200f\ufeff\x00")


def test_csv_begins_with_the_mark_that_excel_needs_and_ends_with_who_took_it() -> None:
    content = as_csv(table(["马秀兰", ID_NUMBER, 2.5]))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    assert rows[:2] == [["姓名", "身份证", "小时"], ["马秀兰", ID_NUMBER, "2.5"]]
    assert rows[-1] == [MARK]


def test_remarks_stand_in_red_beside_their_cell() -> None:
    content = as_xlsx(table(["马秀兰", "1234", 1], remarks={(0, 1): "这不是身份证号"}))
    assert "这不是身份证号" in part(content, "xl/comments1.xml")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_b10_no_text_at_all_begins_like_a_formula(words: str) -> None:
    safe = defused(words)
    assert not safe.lstrip().startswith(("=", "+", "-", "@", "＝", "\t", "\r"))


def test_a_bare_table_begins_with_its_head_and_ends_with_its_last_row() -> None:
    bare = table(["马秀兰", ID_NUMBER, 2.5], bare=True)
    rows = CalamineWorkbook.from_filelike(BytesIO(as_xlsx(bare))).get_sheet_by_index(0).to_python()
    assert rows == [["姓名", "身份证", "小时"], ["马秀兰", ID_NUMBER, 2.5]]
    assert len(as_csv(bare).decode("utf-8-sig").splitlines()) == 2
