"""Days in a text that cannot be meant: over already, after the notice has stopped to hold, or of an unclear calendar.

A weekday that does not fit its date, and a day that no month has, are found by plain.py with everything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app import clock
from app.understanding import lunar
from app.understanding.plain import MONTH_DAY, day_of
from app.understanding.wide import narrow
from app.words import day_words

_DIGITS = "一二三四五六七八九十"
_ONES = "[一二三四五六七八九]"
_NUMBER = rf"(?:初[{_DIGITS}]|十{_ONES}?|二十{_ONES}?|廿{_ONES}?|三十|{_ONES})"
_LUNAR = re.compile(
    r"(?P<said>(?:农|阴|旧)历|公历|阳历)?的?(?P<leap>闰)?"
    rf"(?P<month>正|冬|腊|十[一二]?|{_ONES})月(?P<day>{_NUMBER})(?P<sign>日|号)?"
    r"(?!\s*[次回个天名人户家年])"
)
_BESIDE = re.compile(r"\s*[(,,:、即]*\s*(?:公历|阳历|即|也就是|就是)?")
_GOES_ON = re.compile(r"\s*+(?:\(?(?:星期|周)[一二三四五六日天]\)?\s*+)?(?:起|开始|以来|至|到|[-~—–])")
_NOT_AN_EVENT = re.compile(r".{0,6}(?:出生|印发|发布|公布|施行|通过|成立|制定)")
_ORDER = {"正": 1, "冬": 11, "腊": 12}


@dataclass(frozen=True, slots=True)
class Odd:
    """`code`: "past", "after_end", "lunar_wrong" or "lunar_unclear"; `meant` what it should be, "" when unknown."""

    code: str
    words: str
    meant: str = ""


def odd_days(text: str, until: date | None = None) -> list[Odd]:
    """`until` is the last day on which the notice holds."""
    text = narrow(text)
    return list(dict.fromkeys((*_days(text, until), *_lunar_days(text))))


def _days(text: str, until: date | None) -> Iterator[Odd]:
    for match in MONTH_DAY.finditer(text):
        day, rest = day_of(match), text[match.end() : match.end() + 16]
        if day is None or _NOT_AN_EVENT.match(rest):
            continue
        if day < clock.today() and day.year >= clock.today().year - 1 and not _GOES_ON.match(rest):
            yield Odd("past", match[0])
        elif until is not None and day > until:
            yield Odd("after_end", match[0], day_words(until))


def _lunar_days(text: str) -> Iterator[Odd]:
    """A lunar day beside its date is compared with it; one that may be either is asked after."""
    for match in _LUNAR.finditer(text):
        if match["said"] in ("公历", "阳历"):
            continue
        after = _BESIDE.match(text, match.end())
        beside = MONTH_DAY.match(text, after.end()) if after else None
        day = day_of(beside) if beside else None
        if beside and day and (match["said"] or not match["sign"]):
            if (right := _lunar_date(match, day.year)) and day not in right:
                yield Odd("lunar_wrong", f"{match[0]} {beside[0]}", day_words(right[0]))
        elif not match["said"] and not match["leap"] and _is_unclear(match):
            yield Odd("lunar_unclear", match[0])


def _is_unclear(match: re.Match[str]) -> bool:
    """正月, 冬月, 腊月, 初几 and 廿几 are lunar by themselves; "八月十五日" says 日 and is not."""
    named = match["month"] in _ORDER or match["day"].startswith(("初", "廿"))
    return not named and not match["sign"]


def _lunar_date(match: re.Match[str], year: int) -> tuple[date, ...]:
    """The dates that this lunar day has in lunar years which touch this year."""
    month, day = _month(match["month"]), _day(match["day"])
    find = lunar.leap_day if match["leap"] else lunar.lunar_days
    every = (*find(year, month, day), *find(year - 1, month, day))
    return tuple(one for one in every if one.year == year)


def _month(words: str) -> int:
    return _ORDER.get(words) or _count(words)


def _day(words: str) -> int:
    if words.startswith("廿"):
        return 20 + (_count(words[1:]) if words[1:] else 0)
    return _count(words.removeprefix("初"))


def _count(words: str) -> int:
    """一 to 三十."""
    tens, is_ten, ones = words.rpartition("十")
    rest = _DIGITS.index(ones) + 1 if ones else 0
    return rest + (10 * (_DIGITS.index(tens) + 1 if tens else 1) if is_ten else 0)
