"""Workbooks for tests: proper ones, and ones that were made to do harm (built by hand, since no library would)."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
PARTS = {
    "[Content_Types].xml": TYPES,
    "_rels/.rels": f"""<?xml version="1.0"?><Relationships xmlns="{LINKS}">
<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">
<sheets><sheet name="台账" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<?xml version="1.0"?><Relationships xmlns="{LINKS}">
<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>""",
}
SHEET = "xl/worksheets/sheet1.xml"


def sheet_xml(data: str, more: str = "") -> str:
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{more}<sheetData>{data}</sheetData></worksheet>'


def text_cell(at: str, words: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{words}</t></is></c>'


def by_hand(sheet: str, more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook whose only sheet is exactly this XML."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {**PARTS, SHEET: sheet, **(more or {})}.items():
            archive.writestr(name, body)
    return out.getvalue()


def with_long_text(megabytes: int) -> bytes:
    """A workbook with one shared text of this length, packed piece by piece: the test itself stays small."""
    out = BytesIO(by_hand(sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')))
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/sharedStrings.xml", "w") as part,
    ):
        part.write(f'<sst xmlns="{MAIN}"><si><t>'.encode())
        for _ in range(megabytes):
            part.write(b"A" * (1 << 20))
        part.write(b"</t></si></sst>")
    return out.getvalue()


def workbook(rows: Sequence[Sequence[Any]], *, merged: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """As a clerk would save it; `merged` are (first row, first column, last row, last column) from 0."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy/m/d"}) as book:
        sheet = book.add_worksheet("居民")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell not in (None, ""):
                    sheet.write(number, column, cell)
        for area in merged:
            sheet.merge_range(*area, rows[area[0]][area[1]])
    return out.getvalue()
