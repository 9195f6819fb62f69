"""The lunar calendar and the solar terms, by which older neighbours name days.

lunar-python computes a year in several milliseconds, so each year is turned into a small table once.
"""

import datetime as dt
from functools import lru_cache

_JULIAN_OF_ORDINAL_ZERO = 1_721_424.5
TERMS = tuple(
    "立春雨水惊蛰春分清明谷雨立夏小满芒种夏至小暑大暑立秋处暑白露秋分寒露霜降立冬小雪大雪冬至小寒大寒"[
        i : i + 2
    ]
    for i in range(0, 48, 2)
)


@lru_cache(maxsize=32)
def _months(year: int) -> tuple[tuple[int, dt.date, int], ...]:
    """(month, first day, length) of a lunar year; a leap month has a negative number."""
    from lunar_python import LunarYear  # 2 MB that only programs with features need

    rows = LunarYear.fromYear(year).getMonths()
    return tuple(
        (row.getMonth(), _from_julian(row.getFirstJulianDay()), row.getDayCount())
        for row in rows
        if row.getYear() == year
    )


def _from_julian(julian_day: float) -> dt.date:
    return dt.date.fromordinal(int(julian_day - _JULIAN_OF_ORDINAL_ZERO))


def lunar_days(year: int, month: int, day: int) -> tuple[dt.date, ...]:
    """The dates of a lunar day: none when that month is short, two when the month comes twice."""
    return tuple(
        first + dt.timedelta(days=day - 1)
        for number, first, length in _months(year)
        if abs(number) == month and 1 <= day <= length
    )


def leap_day(year: int, month: int, day: int) -> tuple[dt.date, ...]:
    """The date in the leap month (闰六月), when that year has it."""
    return tuple(
        first + dt.timedelta(days=day - 1)
        for number, first, length in _months(year)
        if number == -month and 1 <= day <= length
    )


def lunar_of(day: dt.date) -> tuple[int, int, int]:
    """(lunar year, month, day of month); the month is negative in a leap month."""
    for year in (day.year, day.year - 1):
        for number, first, length in _months(year):
            if first <= day < first + dt.timedelta(days=length):
                return year, number, (day - first).days + 1
    raise ValueError(f"no lunar date for {day}")


def month_starts(day: dt.date) -> tuple[tuple[int, dt.date, int], ...]:
    """The lunar month that holds the day and the two after it, as (month, first day, length)."""
    year, _, _ = lunar_of(day)
    rows = [*_months(year), *_months(year + 1)]
    here = next(i for i, (_, first, length) in enumerate(rows) if day < first + dt.timedelta(days=length))
    return tuple(rows[here : here + 3])


def new_years_eve(year: int) -> dt.date:
    """除夕 before the lunar year begins."""
    return _months(year)[0][1] - dt.timedelta(days=1)


@lru_cache(maxsize=32)
def _terms(year: int) -> dict[str, dt.date]:
    from lunar_python import Solar

    table = Solar.fromYmd(year, 6, 15).getLunar().getJieQiTable()
    days = [dt.date(s.getYear(), s.getMonth(), s.getDay()) for s in table.values()]
    in_year = sorted(day for day in days if day.year == year)
    from_little_cold = TERMS[-2:] + TERMS[:-2]
    return dict(zip(from_little_cold, in_year, strict=True))


def solar_term(name: str, year: int) -> dt.date:
    return _terms(year)[name]
