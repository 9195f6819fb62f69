"""What stands in one cell of a register: phones that became numbers, dates as offices write them, ticks. Each function
gives what is meant or raises Wrong with the code of what is wrong (templates/registers/chat.txt has the words)."""

from __future__ import annotations

import re
from datetime import date, timedelta

from app import clock
from app.sheets.reading import Cell
from app.understanding.numbers import plain
from app.understanding.phone import name_in, phone_in
from models.households import door_in

EXCEL_EPOCH = date(1899, 12, 30)
SERIAL_DAYS = range(20_000, 80_000)  # 1954 to 2119
YES = frozenset("是 同意 已同意 已签 已签字 已签名 有 √ ✓ ✔ ☑ v y yes 1 对".split())
_FULL_DATE = re.compile(r"(\d{4})[.\-/年](\d{1,2})[.\-/月](\d{1,2})日?(?: .*)?")
_SHORT_DATE = re.compile(r"(\d{1,2})[.\-/月](\d{1,2})[日号]?")
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")


class Wrong(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text(cell: Cell) -> str:
    """As a person would read it: a number without the decimal point that a program gave it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def name(cell: Cell) -> str:
    words = text(cell)
    if not words:
        raise Wrong("cell_no_name")
    found = name_in(words)
    if found is None:
        raise Wrong("cell_bad_name")
    return found


def phone(cell: Cell) -> str:
    words = text(cell)
    if not words:
        raise Wrong("cell_no_phone")
    found = phone_in(words)
    if found is None:
        raise Wrong("cell_bad_phone")
    return found


def door(cell: Cell) -> str:
    """A number on a door; nothing is fine."""
    words = text(cell)
    if words and door_in(words) is None:
        raise Wrong("cell_bad_door")
    return words


def agreed(cell: Cell) -> bool:
    if plain(text(cell)).lower() not in YES:
        raise Wrong("cell_not_agreed")
    return True


def day(cell: Cell) -> date | None:
    """2016.4.27, 2016/4/27, 2016年4月27日, 20160427, 4月27日 (the last one that has been), or Excel's day number."""
    words = plain(text(cell))
    if not words:
        return None
    found = _day_in(words)
    if found is None:
        raise Wrong("cell_bad_day")
    if found > clock.today():
        raise Wrong("cell_day_ahead")
    return found


def _day_in(words: str) -> date | None:
    if words.isdigit() and int(words) in SERIAL_DAYS:
        return EXCEL_EPOCH + timedelta(days=int(words))
    full = _FULL_DATE.fullmatch(words) or _EIGHT_DIGITS.fullmatch(words)
    if full:
        return _date(*(int(part) for part in full.groups()))
    short = _SHORT_DATE.fullmatch(words)
    return _last(int(short[1]), int(short[2])) if short else None


def _date(year: int, month: int, of_month: int) -> date | None:
    try:
        return date(year, month, of_month)
    except ValueError:
        return None


def _last(month: int, of_month: int) -> date | None:
    """The last such day that is not ahead of us."""
    this_year = clock.today().year
    near = [_date(year, month, of_month) for year in range(this_year, this_year - 9, -1)]
    return next((one for one in near if one is not None and one <= clock.today()), None)
