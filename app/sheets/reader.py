"""The child process that reads one sheet from its standard input (python -m app.sheets.reader) and prints it as JSON,
or the code of why not. It first gives up what it does not need: memory, time, files. A workbook is unpacked here by
hand, entry by entry, and only the parts that make up cells are packed again for the library: what an entry is called,
what its head claims and what else lies in the archive has no effect.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import resource
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from typing import Any

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 30
MOST_UNPACKED = 50 * 1024 * 1024
MOST_ENTRIES = 200
MOST_ROWS, MOST_COLUMNS = 20_000, 60
LONGEST_CELL = 2_000
MOST_SIGNS = 5_000_000  # of all cells together: one long shared text can stand in a million of them

OLD_OFFICE, ARCHIVE = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/sharedStrings\.xml"
    r"|xl/styles\.xml|xl/worksheets/[A-Za-z0-9_-]+\.xml"
)
INSIDE = re.compile(r"\.(?:zip|xls[xmb]?|docx?|pptx?|bin|exe|js|vbs)$", re.IGNORECASE)
DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
FILLED = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>\s*<(?:\w+:)?(?:f|v|is)\b'
)


class Bad(Exception):
    def __init__(self, code: str, at: str = "") -> None:
        super().__init__(code)
        self.code, self.at = code, at


def limit_myself() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    csv.field_size_limit(LONGEST_CELL * 2)  # of this process, like those above


def read(content: bytes) -> dict[str, Any]:
    """{"name", "rows"} of a workbook or a table of plain text."""
    if content.startswith(OLD_OFFICE):
        raise Bad("old_format")
    name, rows = _workbook(content) if content.startswith(ARCHIVE) else ("", _text_table(content))
    kept = list(_within_limits(rows))
    while kept and not kept[-1]:
        kept.pop()
    if not kept:
        raise Bad("empty")
    return {"name": name, "rows": kept}


# ---- workbooks -------------------------------------------------------------------------------------------------------


def _workbook(content: bytes) -> tuple[str, list[list[Any]]]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    clean = _packed_again(content)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(clean)) as book:
            shown = (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
            names = [one.name for one in book.sheets_metadata if (one.typ, one.visible) == shown]
            if not names:
                raise Bad("empty")
            sheet = book.get_sheet_by_name(names[0])
            rows = sheet.to_python(skip_empty_area=False)
            return names[0], _filled_down(rows, sheet.merged_cell_ranges or [])
    except (CalamineError, OSError, ValueError):
        raise Bad("broken") from None


def _packed_again(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_entries(archive.infolist())
            return _copy(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise Bad("broken") from None


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.orig_filename for entry in entries]
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Bad("too_much")
    if any("vbaproject" in name.lower() or "macrosheets" in name.lower() for name in names):
        raise Bad("macros")
    if "xl/workbook.bin" in names or "xl/workbook.xml" not in names:
        raise Bad("other_format")
    if len(set(names)) < len(names) or any(_is_strange(entry) for entry in entries):
        raise Bad("strange_inside")


def _is_strange(entry: zipfile.ZipInfo) -> bool:
    """A name that would lead elsewhere, a link, something locked, or one more file inside the file."""
    name = entry.orig_filename
    leads_away = name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    is_printer = name.startswith("xl/printerSettings/")
    is_file = INSIDE.search(name) is not None and not is_printer
    return leads_away or is_link or is_file or "\0" in name or len(name) > 200 or bool(entry.flag_bits & 1)


def _copy(archive: zipfile.ZipFile) -> bytes:
    """Only what makes up cells, with the sizes that the parts really have."""
    out, left = BytesIO(), MOST_UNPACKED
    with zipfile.ZipFile(out, "w") as clean:
        for entry in archive.infolist():
            if not PARTS.fullmatch(entry.orig_filename):
                continue
            with archive.open(entry) as part:
                body = part.read(left + 1)
            left -= len(body)
            if left < 0:
                raise Bad("too_much")
            _check_part(entry.orig_filename, body)
            clean.writestr(entry.orig_filename, body)
    return out.getvalue()


def _check_part(name: str, body: bytes) -> None:
    if b"\0" in body or DECLARES.search(body):
        raise Bad("strange_inside")
    if name == "[Content_Types].xml" and b"macroEnabled" in body:
        raise Bad("macros")
    if name.startswith("xl/worksheets/"):
        for column, row in FILLED.findall(body):
            if _number_of(column) > MOST_COLUMNS:
                raise Bad("too_many_columns", f"{column.decode()}{row.decode()}")
            if int(row) > MOST_ROWS + 20:  # a title and a head stand above the rows
                raise Bad("too_many_rows", f"{column.decode()}{row.decode()}")


def _number_of(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def _filled_down(rows: list[list[Any]], merged: Iterable[Any]) -> list[list[Any]]:
    """A cell that was joined over several rows (one door, four people) holds for each of them."""
    for (top, left), (bottom, _) in merged:
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row) and row[left] == "":
                row[left] = rows[top][left]
    return rows


# ---- plain text ------------------------------------------------------------------------------------------------------


def _text_table(content: bytes) -> list[list[Any]]:
    text = _decoded(content)
    if "\0" in text or text.lstrip().startswith(("%PDF", "<")):
        raise Bad("other_format")
    head = text[:LONGEST_CELL]
    separator = max("\t,;,", key=head.count)
    try:
        return [list(row) for row in csv.reader(StringIO(text, newline=""), delimiter=separator)]
    except csv.Error:
        raise Bad("broken") from None


def _decoded(content: bytes) -> str:
    """What Excel and WPS write: UTF-8 with or without its mark, GBK, or UTF-16 with its mark."""
    marked = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for encoding in (marked, "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Bad("other_format")


# ---- cells -----------------------------------------------------------------------------------------------------------


def _within_limits(rows: Iterable[list[Any]]) -> Iterator[list[str | int | float]]:
    left = MOST_SIGNS
    for number, row in enumerate(rows, 1):
        cells = [_plain(cell) for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        if number > MOST_ROWS + 20 and cells:
            raise Bad("too_many_rows", str(number))
        if len(cells) > MOST_COLUMNS:
            raise Bad("too_many_columns", str(number))
        for cell in cells:
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                raise Bad("cell_too_long", str(number))
            left -= len(cell) if isinstance(cell, str) else 1
        if left < 0:
            raise Bad("too_much")
        yield cells


def _plain(cell: Any) -> str | int | float:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, dt.time):
        return f"{cell:%H:%M}"
    if isinstance(cell, dt.timedelta):
        return str(cell)
    return cell.strip() if isinstance(cell, str) else cell


def main() -> None:
    limit_myself()
    try:
        told = read(sys.stdin.buffer.read())
    except Bad as why:
        told = {"bad": why.code, "at": why.at}
    except MemoryError:
        told = {"bad": "too_much"}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
