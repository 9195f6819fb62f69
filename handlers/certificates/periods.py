"""From when until when, in words: 全部, 今年, 去年, or two days or months ("2026年3月到8月", "2026.3.1-2026.8.31")."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from app import clock
from app.understanding.numbers import plain
from models.refusal import Refusal

ALL, THIS_YEAR, LAST_YEAR, OTHER = "全部", "今年", "去年", "自己说哪几天"
CHOICES = (ALL, THIS_YEAR, LAST_YEAR, OTHER)
_DAY = r"(?:(?P<year{n}>\d{{4}}|今年|去年)[年.\-/]?)?(?P<month{n}>\d{{1,2}})[月.\-/]?(?:(?P<day{n}>\d{{1,2}})[日号]?)?"
_PERIOD = re.compile(rf"从?{_DAY.format(n=1)}(?:到|至|-|~|—|–)+{_DAY.format(n=2)}(?:为止)?")

Span = tuple[date | None, date]


def span_of(choice: str, typed: str = "") -> Span:
    """The first day (None: from the beginning) and the last, never after today."""
    today = clock.today()
    if choice == THIS_YEAR:
        return date(today.year, 1, 1), today
    if choice == LAST_YEAR:
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    if choice == OTHER:
        first, last = typed.split("/")
        return date.fromisoformat(first), min(date.fromisoformat(last), today)
    return None, today


def period_in(text: str) -> str:
    """ "2026-03-01/2026-08-31"; a month alone is meant from its first day to its last. Raises Refusal for days that
    no calendar has, ValueError for other words."""
    found = _PERIOD.fullmatch(plain(text).replace(" ", ""))
    if found is None:
        raise ValueError(text)
    first = _day(found, "1", None)
    last = _day(found, "2", first.year)
    if first > last or first > clock.today():
        raise Refusal("certificates.bad_period")
    return f"{first.isoformat()}/{last.isoformat()}"


def _day(found: re.Match[str], which: str, year_before: int | None) -> date:
    year, month = _year(found[f"year{which}"], year_before), int(found[f"month{which}"])
    given = found[f"day{which}"]
    if not 1 <= month <= 12:
        raise Refusal("certificates.bad_period")
    most = monthrange(year, month)[1]
    of_month = int(given) if given else 1 if which == "1" else most
    if not 1 <= of_month <= most:
        raise Refusal("certificates.bad_period")
    return date(year, month, of_month)


def _year(said: str | None, year_before: int | None) -> int:
    today = clock.today()
    if said in (None, "今年"):
        return year_before if said is None and year_before else today.year
    return today.year - 1 if said == "去年" else int(said or 0)
