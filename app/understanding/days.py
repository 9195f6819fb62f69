"""One rule for each way of naming a day; `app.understanding.when` puts them in order and weighs them.

A rule gets its match and today's date and answers with a reading, an `Impossible`, or None (not a date).
Weeks begin on Monday. A passed day is offered again where it comes next, and always asked.
"""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.understanding.festivals import DOUBTFUL, FESTIVALS, FOLK_DAYS
from app.understanding.lunar import leap_day, lunar_days, month_starts
from app.understanding.numbers import number_word, one_of, two_numbers
from app.understanding.readings import DayReading, Impossible

# A date named without its year that has passed means next year's only when that is near: 1月5号 said in December.
NEAR_NEXT_YEAR = dt.timedelta(days=120)
EVENING = 17  # after it, the weekday of today is rather next week's
SMALL_HOURS = 4  # before it, "tomorrow" may be the day that has just begun

Outcome = DayReading | Impossible | None


@dataclass(frozen=True, slots=True)
class Today:
    """The day and the hour at which the words were typed."""

    date: dt.date
    hour: int

    def plus(self, days: int) -> dt.date:
        return self.date + dt.timedelta(days=days)


YearlyDates = Callable[[int], tuple[dt.date, ...]]
Rule = Callable[[re.Match[str], Today], Outcome]

N = r"(?:[0-9]{1,4}|[零〇一二三四五六七八九十廿卅两]{1,4})"
D = r"(?:[0-9]{1,2}|[零一二三四五六七八九十廿卅]{1,4})"
ALONE = r"(?<![0-9./:\-第])"  # no digit of a longer number, and no ordinal
_YEARS = {"去年": -1, "前年": -2, "今年": 0, "明年": 1, "后年": 2}
YEAR = rf"(?:(?P<y>{one_of(' '.join(_YEARS))}|(?:[0-9]{{2}}|[0-9]{{4}}|[零〇一二三四五六七八九]{{4}})年)的?)?"


def unsure(first: dt.date, others: Iterable[dt.date] = ()) -> DayReading:
    rest = tuple(day for day in dict.fromkeys(others) if day != first)
    return DayReading(first, sure=False, others=rest)


def passed(said: dt.date, following: dt.date, others: Iterable[dt.date] = ()) -> DayReading:
    return DayReading(following, sure=False, others=tuple(others), past=True, said=said)


def date_or_impossible(year: int, month: int, day: int, words: str) -> dt.date | Impossible:
    if not 1 <= month <= 12:
        return Impossible("month", words)
    if not 1 <= year <= 9998 or not 1 <= day <= monthrange(year, month)[1]:
        return Impossible("day", words)
    return dt.date(year, month, day)


def _year_said(words: str | None, today: Today) -> int | None:
    if words is None:
        return None
    if words in _YEARS:
        return today.date.year + _YEARS[words]
    number = number_word(words.removesuffix("年"))
    return None if number is None else number + 2000 if number < 100 else number


def yearly(dates: YearlyDates, today: Today, year: int | None) -> Outcome:
    """The day of a yearly rule: in the year said, else the next to come; None when the rule has no such day."""
    if year is not None:
        return _in_year(dates(year), dates, today)
    here = today.date.year
    known = sorted(day for y in (here - 1, here, here + 1) for day in dates(y))
    coming = [day for day in known if day >= today.date]
    if not coming:
        return None
    if coming[0].year == here or coming[0] - today.date <= NEAR_NEXT_YEAR:
        return DayReading(coming[0])
    gone = [day for day in known if day < today.date and day.year == here]
    return passed(gone[-1], coming[0]) if gone else unsure(coming[0])


def _in_year(days: tuple[dt.date, ...], dates: YearlyDates, today: Today) -> Outcome:
    if not days:
        return None
    if days[0] >= today.date:
        return DayReading(days[0]) if len(days) == 1 else unsure(days[0], days[1:])
    here = today.date.year
    coming = [day for year in (here, here + 1) for day in dates(year) if day >= today.date]
    return passed(days[0], coming[0] if coming else today.date)


def _solar_days(month: int, day: int) -> YearlyDates:
    def dates(year: int) -> tuple[dt.date, ...]:
        at = date_or_impossible(year, month, day, "")
        return () if isinstance(at, Impossible) else (at,)

    return dates


def _month_day(month: int, day: int, year: int | None, words: str, today: Today) -> Outcome:
    if not 1 <= month <= 12:
        return Impossible("month", words)
    if year is not None and not 1 <= year <= 9990:
        return Impossible("day", words)
    return yearly(_solar_days(month, day), today, year) or Impossible("day", words)


def full_date(match: re.Match[str], today: Today) -> Outcome:
    year, month, day = (int(part) for part in match.group("y", "m", "d"))
    return _month_day(month, day, year, match[0], today)


def month_and_day(match: re.Match[str], today: Today) -> Outcome:
    """12月1号, 二〇二六年十二月一日, 明年三月一号; without 号 and in Chinese it may be lunar."""
    if pair := two_numbers(match["d"]):
        return _month_days(pair, match, today)
    month, day = number_word(match["m"]), number_word(match["d"])
    if month is None or day is None:
        return None
    year = _year_said(match["y"], today)
    if match["sign"] or match["m"].isdigit() or match["d"].isdigit():
        return _month_day(month, day, year, match[0], today)
    return _solar_or_lunar(month, day, year, match[0], today)


def _month_days(days: tuple[int, int], match: re.Match[str], today: Today) -> Outcome:
    """四月五六号: one of two days."""
    month, year = number_word(match["m"]) or 0, _year_said(match["y"], today)
    first, second = (_month_day(month, day, year, match[0], today) for day in days)
    if isinstance(first, DayReading) and isinstance(second, DayReading):
        return unsure(first.day, (second.day,))
    return first


def _solar_or_lunar(month: int, day: int, year: int | None, words: str, today: Today) -> Outcome:
    solar = _month_day(month, day, year, words, today)
    lunar = yearly(lambda y: lunar_days(y, month, day), today, year)
    if not isinstance(solar, DayReading) or not isinstance(lunar, DayReading):
        return solar if lunar is None or isinstance(solar, DayReading) else lunar
    first, second = (lunar, solar) if (month, day) in FOLK_DAYS else (solar, lunar)
    return unsure(first.day, second.candidates)


def short_date(match: re.Match[str], today: Today) -> Outcome:
    """12/1 is a date; 12.1 and 12-1 may also be a price or a door, so they are asked."""
    month, day = int(match["m"]), int(match["d"])
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    reading = _month_day(month, day, None, match[0], today)
    if match["sep"] == "/" or not isinstance(reading, DayReading):
        return reading
    return DayReading(reading.day, sure=False, past=reading.past, said=reading.said)


_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}


def lunar_date(match: re.Match[str], today: Today) -> Outcome:
    """农历八月十五, 正月初三, 腊月二十三, 八月初五, 闰六月初一."""
    name = match["m"]
    month = _LUNAR_MONTHS.get(name) or number_word(name)
    day = number_word(match["d"].removeprefix("初"))
    if month is None or day is None or not 1 <= month <= 12:
        return Impossible("month", match[0])
    find = leap_day if match["leap"] else lunar_days
    year = _year_said(match["y"], today)
    if year is not None and not 1900 < year < 2200:
        return Impossible("day", match[0])
    return yearly(lambda y: find(y, month, day), today, year) or Impossible("day", match[0])


def new_year_day(match: re.Match[str], today: Today) -> Outcome:
    """大年初五."""
    day = number_word(match["d"])
    return None if day is None else yearly(lambda y: lunar_days(y, 1, day), today, None)


def lunar_day(match: re.Match[str], today: Today) -> Outcome:
    """初五: of this lunar month, or of the next; in the twelfth month rather of the new year's first."""
    day = number_word(match["d"])
    if day is None or not 1 <= day <= 10:
        return Impossible("day", match[0])
    (number, first, _), (_, following, _), _ = month_starts(today.date)
    this, next_one = first + dt.timedelta(days=day - 1), following + dt.timedelta(days=day - 1)
    if this < today.date:
        return DayReading(next_one) if number == 12 else passed(this, next_one)
    return unsure(this, (next_one,)) if number == 12 else DayReading(this)


_AROUND = {"前一天": -1, "头一天": -1, "后一天": 1, "后的一天": 1, "前的一天": -1}


def festival(match: re.Match[str], today: Today) -> Outcome:
    """中秋, 国庆第二天, 教师节前一天, 明年春节."""
    name = match["name"]
    rule = FESTIVALS[name]
    year = _year_said(match["y"], today)
    if year is not None and not 1950 < year < 2150:
        return Impossible("day", match[0])
    shift = dt.timedelta(days=_shift(match["around"]))
    reading = yearly(lambda y: (rule(y) + shift,), today, year)
    if isinstance(reading, DayReading) and name in DOUBTFUL:
        return replace(reading, sure=False)
    return reading


def _shift(words: str | None) -> int:
    if not words:
        return 0
    if words.startswith("第"):
        return (number_word(words[1:-1]) or 1) - 1
    return _AROUND[words]
