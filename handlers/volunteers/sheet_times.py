"""Times as they stand on paper and are typed in a hurry: 8:30, 830, 8点半, 下午2点一刻; always within the session."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time, timedelta

from app import clock
from models.activities import ActivitySession
from models.refusal import Refusal

ABOVE = {"=", "同上", "〃", "''", '"', "“", "”"}
CLOCK = re.compile(r"(\d{1,2})[:.,·点时 ]+(\d{1,2})分?|(\d{1,2})(\d{2})|(\d{1,2})[点时]?")
TENS = re.compile(r"([二三四五])?十([一二三四五六七八九])?")
DIGITS = str.maketrans("零一二两三四五六七八九。", "01223456789.")
PARTS = {"半": "30分", "一刻": "15分", "三刻": "45分", "整": "", "钟": ""}
LATER = ("下午", "晚上", "傍晚", "中午")
EARLIER = ("上午", "早上", "早晨", "清早")
NOON = 12


def moment_of(typed: str, held: ActivitySession) -> datetime | None:
    """When that was, on the day of the session; None for nothing. Morning or afternoon is what fits the session.

    Raises Refusal volunteers.sheet_bad_time, volunteers.sheet_out_of_hours."""
    words = unicodedata.normalize("NFKC", "".join(typed.split()))
    if not words:
        return None
    hour, minute = _read(words)
    day = clock.local(held.starts).date()
    days = (day, day + timedelta(days=1))
    found = [clock.at(one, time(at, minute)) for one in days for at in _hours(hour, words)]
    fitting = [one for one in found if held.opens_at <= one <= held.shuts_at]
    if not fitting:
        raise Refusal("volunteers.sheet_out_of_hours", typed=typed, session=held)
    if fitting[0] > clock.now():
        raise Refusal("volunteers.sheet_not_yet", typed=typed)
    return fitting[0]


def _read(words: str) -> tuple[int, int]:
    plain = words
    for part in (*LATER, *EARLIER):
        plain = plain.removeprefix(part)
    plain = _in_digits(plain)
    found = CLOCK.fullmatch(plain)
    if found is None:
        raise Refusal("volunteers.sheet_bad_time", typed=words)
    hour = int(found[1] or found[3] or found[5])
    minute = int(found[2] or found[4] or 0)
    if hour > 23 or minute > 59:
        raise Refusal("volunteers.sheet_bad_time", typed=words)
    return hour, minute


def _in_digits(words: str) -> str:
    """ "八点半" as "8点30分", "十二点" as "12点"."""
    for part, told in PARTS.items():
        words = words.replace(part, told)
    words = TENS.sub(lambda one: f"{one[1] or '一'}{one[2] or '零'}", words)
    return words.translate(DIGITS)


def _hours(hour: int, words: str) -> tuple[int, ...]:
    if words.startswith(LATER):
        return (hour if hour >= NOON else hour + NOON,)
    if words.startswith(EARLIER) or hour >= NOON or hour == 0:
        return (hour,)
    return hour, hour + NOON
