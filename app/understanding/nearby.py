"""Days named from today: 明天, 周三, 下礼拜五, 三天后, 月底, 25号. Beside `days`, which names them by the year."""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterator

from app.understanding.days import EVENING, SMALL_HOURS, Outcome, Today, passed, unsure
from app.understanding.numbers import number_word, two_numbers
from app.understanding.readings import DayReading, Impossible

_SHIFTS = {"今": 0, "明": 1, "昨": -1, "前": -2}
_FAR = 3_700  # days; nobody books beyond ten years


def day_word(match: re.Match[str], today: Today) -> Outcome:
    """今天, 明早, 大后天, 昨天."""
    words = match["word"]
    shift = _SHIFTS.get(words[-1], 2)
    shift += words.count("大") * (1 if shift > 0 else -1)
    day = today.plus(shift)
    if shift < 0:
        return passed(day, today.date, (today.plus(1),))
    if shift > 0 and today.hour < SMALL_HOURS:
        return unsure(today.plus(shift - 1), (day,))
    return DayReading(day)


def two_day_words(match: re.Match[str], today: Today) -> Outcome:
    """今明两天, 明后天."""
    first = 0 if match[0].startswith("今") else 1
    return unsure(today.plus(first), (today.plus(first + 1),))


def at_once(_match: re.Match[str], today: Today) -> Outcome:
    return DayReading(today.date)


_WEEKS = {"下": 1, "下下": 2, "下下下": 3, "上": -1, "上上": -2, "这": 0, "本": 0, "今": 0}


def weekday_number(words: str) -> int:
    """Monday is 0; 日, 天 and 7 are Sunday."""
    return 6 if words in "日天7" else (number_word(words) or 1) - 1


def weekday(match: re.Match[str], today: Today) -> Outcome:
    which = match["which"]
    number = weekday_number(match["day"])
    monday = today.plus(-today.date.weekday())
    if match["more"]:
        return _several_weekdays([number, *map(weekday_number, match["more"])], which, today)
    if which is None:
        return _bare_weekday(number, today)
    day = monday + dt.timedelta(days=number + 7 * _WEEKS[which])
    if day < today.date:
        return passed(day, _coming(number, today))
    if _WEEKS[which] == 0:
        return DayReading(day) if day != today.date else _today_or_next_week(day, today)
    return _weeks_ahead(match, day, today)


def _several_weekdays(numbers: list[int], which: str | None, today: Today) -> DayReading:
    """周二四, 下周六日."""
    monday = today.plus(-today.date.weekday() + 7 * _WEEKS[which or "这"])
    days = sorted(_from_today(monday + dt.timedelta(days=number), today) for number in numbers)
    return unsure(days[0], days)


def _from_today(day: dt.date, today: Today) -> dt.date:
    return day if day >= today.date else _coming(day.weekday(), today)


def _coming(number: int, today: Today) -> dt.date:
    return today.plus((number - today.date.weekday()) % 7 or 7)


def _bare_weekday(number: int, today: Today) -> DayReading:
    day = today.plus((number - today.date.weekday()) % 7)
    return _today_or_next_week(day, today) if day == today.date else DayReading(day)


def _today_or_next_week(day: dt.date, today: Today) -> DayReading:
    week_on = day + dt.timedelta(days=7)
    return unsure(week_on, (day,)) if today.hour >= EVENING else unsure(day, (week_on,))


def _weeks_ahead(match: re.Match[str], day: dt.date, today: Today) -> DayReading:
    """On a Sunday "next Monday" may be tomorrow or eight days on; 下个周三 may be the one to come."""
    week = dt.timedelta(days=7)
    if today.date.weekday() == 6:
        return unsure(day, (day + week,))
    if day.weekday() == 6 or (match["ge"] and match["which"] == "下" and day - week > today.date):
        return unsure(day, (day - week,))
    return DayReading(day)


def every_weekday(match: re.Match[str], today: Today) -> Outcome:
    """每周三: a habit, of which the next day is offered."""
    day = _coming(weekday_number(match["day"]), today)
    return unsure(day, (day + dt.timedelta(days=7),))


def nth_weekday(match: re.Match[str], today: Today) -> Outcome:
    """下个月第二个星期六."""
    year, month = _edge_month(match, today)
    if not 1 <= month <= 12:
        return Impossible("month", match[0])
    first = dt.date(year, month, 1)
    until = (weekday_number(match["day"]) - first.weekday()) % 7 + 7 * ((number_word(match["nth"]) or 1) - 1)
    day = first + dt.timedelta(days=until)
    return DayReading(day) if day >= today.date else passed(day, today.date)


def weekend(match: re.Match[str], today: Today) -> Outcome:
    weeks = _WEEKS[match["which"] or "这"]
    saturday = today.plus(5 - today.date.weekday() + 7 * weeks)
    days = [saturday, saturday + dt.timedelta(days=1)]
    if today.date.weekday() == 6:
        days += [day + dt.timedelta(days=7) for day in days]
    coming = [day for day in days if day >= today.date]
    return unsure(coming[0], coming) if coming else passed(saturday, today.date)


def whole_week(match: re.Match[str], today: Today) -> Outcome:
    """下周, this week: any of its days that is to come."""
    monday = today.plus(-today.date.weekday() + 7 * _WEEKS[match["which"]])
    coming = [day for day in (monday + dt.timedelta(days=i) for i in range(7)) if day >= today.date]
    return unsure(coming[0], coming) if coming else passed(monday, today.date)


_HALVES = {"月": 15, "年": 183}
_UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}


def after_days(match: re.Match[str], today: Today) -> Outcome:
    """三天后, 再过一个星期, 半个月后; 过两天 is any day soon."""
    count, unit = number_word(match["n"]), match["unit"]
    if pair := two_numbers(match["n"]):
        return unsure(*_each_in(pair, unit, today))
    if match["n"] == "半":
        return unsure(today.plus(_HALVES[unit])) if unit in _HALVES else None
    if count is None:
        return None
    if unit in ("月", "年"):
        return _after_months(count * (12 if unit == "年" else 1), today)
    if match["n"] == "两" and not match["after"]:
        return unsure(today.plus(2), (today.plus(1), today.plus(3)))
    days = count * _UNITS[unit]
    return None if days > _FAR else DayReading(today.plus(days))


def _each_in(counts: tuple[int, int], unit: str, today: Today) -> tuple[dt.date, tuple[dt.date]]:
    """两三天后: one of two days, not the twenty-third."""
    first, second = (today.plus(count * _UNITS.get(unit, 30)) for count in counts)
    return first, (second,)


def _after_months(count: int, today: Today) -> Outcome:
    if count > 120:
        return None
    year, month = month_ahead(today, count)
    day = dt.date(year, month, min(today.date.day, monthrange(year, month)[1]))
    return DayReading(day) if day.day == today.date.day else unsure(day)


def days_ago(match: re.Match[str], today: Today) -> Outcome:
    count = number_word(match["n"])
    if not count or count > _FAR:
        return None
    return passed(today.plus(-count), today.date)


def month_ahead(today: Today, count: int) -> tuple[int, int]:
    """(year, month) so many months from this one."""
    index = today.date.year * 12 + today.date.month - 1 + count
    return index // 12, index % 12 + 1


_MONTHS = {
    "这个": 0,
    "这": 0,
    "本": 0,
    "当": 0,
    "下个": 1,
    "下": 1,
    "下下个": 2,
    "下下": 2,
    "上个": -1,
    "上": -1,
}


def day_of_month_ahead(match: re.Match[str], today: Today) -> Outcome:
    """下个月5号, 本月二十号."""
    number = number_word(match["d"])
    year, month = month_ahead(today, _MONTHS[match["which"]])
    if number is None or not 1 <= number <= monthrange(year, month)[1]:
        return Impossible("day", match[0])
    day = dt.date(year, month, number)
    return DayReading(day) if day >= today.date else passed(day, next(_months_with(number, today)))


def _months_with(number: int, today: Today) -> Iterator[dt.date]:
    """The coming dates with that day of the month, after today."""
    for ahead in range(6):
        year, month = month_ahead(today, ahead)
        if number <= monthrange(year, month)[1] and dt.date(year, month, number) > today.date:
            yield dt.date(year, month, number)


def day_of_month(match: re.Match[str], today: Today) -> Outcome:
    """三号: this month's; when that is over, the next month that has it, and asked."""
    if pair := two_numbers(match["d"]):
        return _either_day(pair, match[0], today)
    number = number_word(match["d"])
    if number is None or not 1 <= number <= 31:
        return Impossible("day", match[0])
    coming = _months_with(number, today)
    if number == today.date.day:
        return DayReading(today.date) if today.hour < EVENING else unsure(today.date, (next(coming),))
    day = next(coming)
    if (day.year, day.month) == (today.date.year, today.date.month):
        return DayReading(day)
    if number < today.date.day:
        return passed(today.date.replace(day=number), day)
    return unsure(day)


def _either_day(numbers: tuple[int, int], words: str, today: Today) -> Outcome:
    """三四号, 十五六号: one of two days."""
    if not all(1 <= number <= 31 for number in numbers):
        return Impossible("day", words)
    first, second = (next(_months_with(number, today)) for number in numbers)
    return unsure(first, (second,))


def month_edge(match: re.Match[str], today: Today) -> Outcome:
    """月底, 下个月初, 十二月中旬: some day of it, so always asked."""
    year, month = _edge_month(match, today)
    if not 1 <= month <= 12:
        return Impossible("month", match[0])
    last = monthrange(year, month)[1]
    days = {"底": (last, last - 1, last - 2), "末": (last, last - 1, last - 2), "中": (15, 16, 14)}
    numbers = days.get(match["edge"][0], (1, 2, 3))
    coming = [day for n in numbers if (day := dt.date(year, month, n)) >= today.date]
    if coming:
        return unsure(coming[0], coming)
    ahead_year, ahead_month = month_ahead(today, 1)
    return unsure(dt.date(ahead_year, ahead_month, min(28, numbers[0])))


def _edge_month(match: re.Match[str], today: Today) -> tuple[int, int]:
    if match["m"]:
        month = number_word(match["m"]) or 0
        return today.date.year + (month < today.date.month), month
    return month_ahead(today, _MONTHS[match["which"] or "本"])


def year_edge(match: re.Match[str], today: Today) -> Outcome:
    end = dt.date(today.date.year, 12, 31)
    return unsure(end) if match["edge"] in "底末" else unsure(dt.date(today.date.year + 1, 1, 1))


def whole_month(_match: re.Match[str], today: Today) -> Outcome:
    year, month = month_ahead(today, 1)
    return unsure(dt.date(year, month, 1), (dt.date(year, month, n) for n in range(2, 8)))
