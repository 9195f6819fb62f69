"""Which days of the country are worked: weekends, public holidays and the days worked in their stead (调休)."""

import datetime as dt
from functools import lru_cache
from typing import Literal

DayKind = Literal["workday", "weekend", "holiday", "makeup"]


@lru_cache(maxsize=16)
def _year(year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    import holidays  # 4 MB that only programs with features need

    china = holidays.country_holidays("CN", years=year)
    return frozenset(china), frozenset(china.weekend_workdays)


def china_day(day: dt.date) -> DayKind:
    """What the State Council's calendar makes of the day.

    A year whose swapped days are not announced yet has its statutory holidays only.
    """
    off, worked = _year(day.year)
    if day in worked:
        return "makeup"
    if day in off:
        return "holiday"
    return "weekend" if day.weekday() >= 5 else "workday"


def is_working_day(day: dt.date) -> bool:
    """Whether offices are open: weekends that are worked instead of a holiday count."""
    return china_day(day) in ("workday", "makeup")


def working_day_after(day: dt.date, count: int = 1) -> dt.date:
    """The last of so many working days after this one."""
    while count:
        day += dt.timedelta(days=1)
        count -= is_working_day(day)
    return day
