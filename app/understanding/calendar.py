"""Which days of the country are worked: weekends, public holidays and the days worked in their stead (调休)."""

import datetime as dt
import importlib.util
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

DayKind = Literal["workday", "weekend", "holiday", "makeup"]


@lru_cache(maxsize=16)
def _year(year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    china = _china()(years=year)
    return frozenset(china), frozenset(china.weekend_workdays)


@cache
def _china() -> Any:
    """The calendar of one country: the usual way to it imports those of 250, which take 8 MB of each program."""
    import holidays

    path = Path(holidays.__file__).parent / "countries" / "china.py"
    spec = importlib.util.spec_from_file_location("holidays_of_china", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no calendar of China at {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.China


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
