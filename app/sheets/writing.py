"""Sheets that leave the house: they open cleanly in WPS and Excel, print on A4 with who took them out on every page,
and nothing in them acts: every cell of words is a text cell, and one that begins like a formula begins with a sign
that stops it (B10)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ACTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SPACES = {ord("\t"): " ", ord("\r"): " "}
FAMILY, TINT, RED = "SimSun", "#E4F1E8", "#FDEBE9"
HEAD_AT = 2  # rows above the head: the title, and unit, day and who filled it in

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in signs of this font; a number column is added up by whoever gets the sheet, all others are text."""

    title: str
    width: int = 12
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """What is written: `mark` goes on every printed page (who took it out, when); `remarks` are {(row, column): words},
    shown in red with the words beside the cell. A `bare` one is for another program: the head stands in the first row,
    nothing above it or below the rows."""

    title: str
    unit: str
    day: str
    filled_by: str
    mark: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    remarks: dict[tuple[int, int], str] = field(default_factory=dict)
    bare: bool = False

    @property
    def head_at(self) -> int:
        return 0 if self.bare else HEAD_AT


def defused(words: str) -> str:
    """Text that no program takes for a formula; signs that cannot be seen are left out."""
    shown = "".join(sign for sign in words.translate(SPACES) if sign.isprintable() or sign == "\n")
    acts = words.startswith(ACTS) or shown.lstrip().startswith(ACTS)
    return f"'{shown}" if acts else shown


def as_xlsx(table: Table) -> bytes:
    import xlsxwriter  # only who makes sheets has it in memory

    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": table.title, "author": table.filled_by, "comments": table.mark})
        sheet = book.add_worksheet(table.title if table.bare else "台账")
        _print_setup(sheet, table)
        _head(book, sheet, table)
        _body(book, sheet, table)
    return out.getvalue()


def _print_setup(sheet: Any, table: Table) -> None:
    last = max(1, len(table.columns)) - 1
    mark = table.mark.replace("&", "＆")
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(table.head_at)
    if not table.bare:
        sheet.set_header(f"&L&9&K808080{mark}&R&9&K808080内部资料 用完请销毁"[:255])
    sheet.set_footer("&C&9第 &P 页,共 &N 页")
    sheet.print_area(0, 0, table.head_at + len(table.rows), last)
    sheet.freeze_panes(table.head_at + 1, 0)
    sheet.center_horizontally()


def _head(book: Any, sheet: Any, table: Table) -> None:
    if not table.bare:
        _above(book, sheet, table)
    head = book.add_format(
        {
            "bold": True,
            "font_name": FAMILY,
            "font_size": 11,
            "border": 1,
            "bg_color": TINT,
            "align": "center",
            "text_wrap": True,
        }
    )
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(table.head_at, number, defused(column.title), head)


def _above(book: Any, sheet: Any, table: Table) -> None:
    """The title; unit, day and who filled it in."""
    last = max(1, len(table.columns)) - 1
    large = book.add_format(
        {"bold": True, "font_size": 16, "font_name": FAMILY, "align": "center", "valign": "vcenter"}
    )
    small = book.add_format({"font_size": 10, "font_name": FAMILY, "align": "left", "valign": "vcenter"})
    sheet.set_row(0, 30)
    _across(sheet, 0, last, defused(table.title), large)
    _across(
        sheet, 1, last, defused(f"单位:{table.unit}    日期:{table.day}    填表人:{table.filled_by}"), small
    )


def _across(sheet: Any, row: int, last: int, words: str, style: Any) -> None:
    if last:
        sheet.merge_range(row, 0, row, last, words, style)
    else:
        sheet.write_string(row, 0, words, style)


def _body(book: Any, sheet: Any, table: Table) -> None:
    common = {"font_name": FAMILY, "font_size": 11, "border": 1, "valign": "vcenter"}
    text = book.add_format({**common, "num_format": "@", "text_wrap": True})
    wrong = book.add_format(
        {**common, "num_format": "@", "text_wrap": True, "bg_color": RED, "font_color": "#A32019"}
    )
    number = book.add_format({**common, "num_format": "General"})
    for at, row in enumerate(table.rows):
        for column, cell in enumerate(row):
            place = table.head_at + 1 + at, column
            remark = table.remarks.get((at, column))
            if table.columns[column].is_number and isinstance(cell, (int, float)):
                sheet.write_number(*place, cell, number)
            else:
                sheet.write_string(*place, defused(_words(cell)), wrong if remark else text)
            if remark:
                sheet.write_comment(*place, remark, {"author": "工作台", "x_scale": 1.6})


def _words(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def as_csv(table: Table) -> bytes:
    """For other programs: the mark of UTF-8 at its beginning, so that Excel and WPS read Chinese."""
    out = StringIO(newline="")
    written = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    written.writerow([defused(column.title) for column in table.columns])
    written.writerows(_csv_rows(table))
    if not table.bare:
        written.writerow([])
        written.writerow([defused(table.mark)])
    return out.getvalue().encode("utf-8-sig")


def _csv_rows(table: Table) -> Iterable[list[Any]]:
    for row in table.rows:
        yield [cell if isinstance(cell, (int, float)) else defused(_words(cell)) for cell in row]
