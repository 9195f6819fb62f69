"""Days with a name: 元旦, 中秋, 除夕, 清明, 六月六. Each is a rule that gives its date in a year."""

import datetime as dt
from collections.abc import Callable

from app.understanding.lunar import TERMS, lunar_days, new_years_eve, solar_term

DayOfYear = Callable[[int], dt.date]

_SOLAR = {
    "元旦": (1, 1),
    "元旦节": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "三八": (3, 8),
    "三八节": (3, 8),
    "三八妇女节": (3, 8),
    "植树节": (3, 12),
    "五一": (5, 1),
    "五一节": (5, 1),
    "五一劳动节": (5, 1),
    "劳动节": (5, 1),
    "五四": (5, 4),
    "青年节": (5, 4),
    "六一": (6, 1),
    "六一儿童节": (6, 1),
    "儿童节": (6, 1),
    "七一": (7, 1),
    "建党节": (7, 1),
    "八一": (8, 1),
    "八一建军节": (8, 1),
    "建军节": (8, 1),
    "教师节": (9, 10),
    "国庆": (10, 1),
    "国庆节": (10, 1),
    "十一国庆": (10, 1),
    "十一假期": (10, 1),
    "十一长假": (10, 1),
    "十一放假": (10, 1),
    "平安夜": (12, 24),
    "圣诞": (12, 25),
    "圣诞节": (12, 25),
}
_LUNAR = {
    "春节": (1, 1),
    "大年初一": (1, 1),
    "过年": (1, 1),
    "过大年": (1, 1),
    "元宵": (1, 15),
    "元宵节": (1, 15),
    "龙抬头": (2, 2),
    "端午": (5, 5),
    "端午节": (5, 5),
    "端阳": (5, 5),
    "七夕": (7, 7),
    "七夕节": (7, 7),
    "中元节": (7, 15),
    "中秋": (8, 15),
    "中秋节": (8, 15),
    "八月节": (8, 15),
    "重阳": (9, 9),
    "重阳节": (9, 9),
    "腊八": (12, 8),
    "腊八节": (12, 8),
    "小年": (12, 23),
}
_EVE = ("除夕", "除夕夜", "年三十", "大年三十", "三十晚上", "大年夜", "年三十晚上")
_PLAIN_TERMS = (
    "清明",
    "冬至",
    "立春",
    "立夏",
    "立秋",
    "立冬",
    "夏至",
    "春分",
    "秋分",
    "谷雨",
    "惊蛰",
    "芒种",
    "霜降",
)
_AS_TERM = ("", "节", "那天", "当天", "节气", "这天")
# A day of the month in Chinese numerals that the lunar calendar made famous.
FOLK_DAYS = frozenset({(1, 15), (2, 2), (3, 3), (5, 5), (6, 6), (7, 7), (7, 15), (8, 15), (9, 9), (12, 8)})
DOUBTFUL = frozenset(
    "过年 过大年 小年 十一假期 十一长假 十一放假".split()
)  # which day is meant differs from house to house


def _solar(month: int, day: int) -> DayOfYear:
    return lambda year: dt.date(year, month, day)


def _lunar(month: int, day: int) -> DayOfYear:
    """By the lunar year that starts in the calendar year: 腊八 of 2026 falls in January 2027."""
    return lambda year: lunar_days(year, month, day)[0]


def _sunday(month: int, nth: int) -> DayOfYear:
    def day(year: int) -> dt.date:
        first = dt.date(year, month, 1)
        return first + dt.timedelta(days=(6 - first.weekday()) + 7 * (nth - 1))

    return day


def _term(name: str) -> DayOfYear:
    return lambda year: solar_term(name, year)


def _term_names() -> dict[str, DayOfYear]:
    """Snow and heat are weather before they are days, so 大雪 needs 那天 or 节气 behind it."""
    names = {name + tail: _term(name) for name in TERMS for tail in _AS_TERM[2:]}
    return names | {name + tail: _term(name) for name in _PLAIN_TERMS for tail in _AS_TERM}


FESTIVALS: dict[str, DayOfYear] = (
    {name: _solar(*day) for name, day in _SOLAR.items()}
    | {name: _lunar(*day) for name, day in _LUNAR.items()}
    | dict.fromkeys(_EVE, new_years_eve)
    | {"母亲节": _sunday(5, 2), "父亲节": _sunday(6, 3)}
    | _term_names()
)
