"""Hours, days and sentences as people write them, made fit to keep."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction

from app import clock
from app.understanding.lines import line_for_others
from app.understanding.numbers import number_word, plain
from app.understanding.when import Impossible, day_in
from models.exchange import LONGEST, SHORTEST, STEP
from models.refusal import Refusal

LONGEST_TEXT, LONGEST_REASON, SHORTEST_REASON = 80, 80, 4
MOST_AT_ONCE = 6000  # minutes in one move by hand: a hundred hours
FARTHEST = timedelta(days=60)
NUMBER = r"[0-9]{1,4}(?:\.[0-9]{1,2})?|[零一二两三四五六七八九十百]{1,5}"
HOURS = re.compile(
    rf"(?:(?:(?P<half>半)|(?P<whole>{NUMBER})(?P<more>个半)?)(?:个)?(?:小时|钟头|点)(?P<and>半)?(?:零|又)?)?"
    rf"(?:(?P<minutes>{NUMBER})(?:分钟|分)|(?P<quarter>[一三])刻钟)?"
)
BARE = re.compile(r"(?P<whole>[0-9]{1,3}(?:\.[0-9]{1,2})?)")
STAMP = re.compile(r"([A-Z]{0,4})-?([0-9]{3,12})")


def minutes_in(words: str) -> int:
    """ "2小时", "1.5小时", "两个半小时", "90分钟", "２"; a bare number is hours. Raises Refusal ledger.no_hours for
    what is none, nothing, negative or no number at all, ledger.odd_minutes where minutes do not come out whole."""
    said = "".join(plain(words).split())
    found = HOURS.fullmatch(said) or BARE.fullmatch(said)
    minutes = _minutes(found.groupdict()) if found and said else Fraction(0)
    if minutes <= 0 or minutes > MOST_AT_ONCE:
        raise Refusal("ledger.no_hours", most=MOST_AT_ONCE // 60)
    if minutes.denominator != 1:
        raise Refusal("ledger.odd_minutes")
    return int(minutes)


def _minutes(parts: dict[str, str | None]) -> Fraction:
    total = Fraction(0)
    if parts.get("half"):
        total += 30
    if parts.get("whole"):
        total += _number(parts["whole"] or "") * 60
    if parts.get("more") or parts.get("and"):
        total += 30
    if parts.get("minutes"):
        total += _number(parts["minutes"] or "")
    if parts.get("quarter"):
        total += 15 * (3 if parts["quarter"] == "三" else 1)
    return total


def _number(words: str) -> Fraction:
    if words[0].isdigit():
        return Fraction(words)
    value = number_word(words)
    return Fraction(value or 0)


def request_minutes_in(words: str) -> int:
    """For a request: a quarter of an hour to eight hours, in steps of five minutes."""
    try:
        minutes = minutes_in(words)
    except Refusal:  # whose bounds are those of a move by the desk
        minutes = 0
    if not SHORTEST <= minutes <= LONGEST or minutes % STEP:
        raise Refusal("ledger.odd_request", least=SHORTEST, most=LONGEST // 60, step=STEP)
    return minutes


def day_wanted(words: str) -> date:
    """The day on which help is wanted: today to two months ahead."""
    reading = day_in(words, clock.local(clock.now()))
    if reading is None:
        raise ValueError(words)
    if isinstance(reading, Impossible) or not reading.sure:
        raise Refusal("ledger.no_such_day")
    return check_day(reading.day)


def check_day(day: date) -> date:
    if not clock.today() <= day <= clock.today() + FARTHEST:
        raise Refusal("ledger.no_such_day")
    return day


def text_in(words: str) -> str:
    """What is to be done, in one sentence; nothing is a valid answer."""
    line = line_for_others(words)
    if len(line) > LONGEST_TEXT:
        raise Refusal("ledger.too_long", most=LONGEST_TEXT)
    return line


def reason_in(words: str) -> str:
    line = line_for_others(words)
    if len(line) < SHORTEST_REASON:
        raise Refusal("ledger.reason_needed")
    if len(line) > LONGEST_REASON:
        raise Refusal("ledger.too_long", most=LONGEST_REASON)
    return line


def stamp_in(words: str) -> str:
    """The number of a paper stamp as it is kept: "ａ－０１２３", "A 0123" and "a0123" are "A-0123"."""
    found = STAMP.fullmatch("".join(plain(words).upper().split()))
    if found is None:
        raise Refusal("ledger.bad_stamp")
    return "-".join(part for part in found.groups() if part)
