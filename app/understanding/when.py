"""When does a resident mean? Days and times in Chinese words, as people book with them.

The phrases are tried in order and each covers what it has read. What was found is then weighed together:
明天不行后天可以 drops a day, 明天,不对,后天 drops what came before, two different days are asked.
Total: any text is read (600 characters of it), nothing is raised.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace

from app.understanding.clocks import DAY_WAS_HERE, clock_in
from app.understanding.days import Outcome, Today
from app.understanding.numbers import number_word, plain
from app.understanding.phrases import NOT_DAYS, RULES
from app.understanding.readings import ClockReading, DayReading, Impossible, MomentReading

__all__ = ["ClockReading", "DayReading", "Impossible", "MomentReading", "clock_in", "day_in", "moment_in"]

_COVER = "\ue001"
_SPACES = re.compile(r"(?<=[一-鿿0-9]) +(?=[一-鿿])|(?<=[一-鿿]) +(?=[0-9])")
_REFUSED_BEFORE = re.compile(r"(?:不是|不要|不约|不想约|别约?|除了|不能|没法)(?:在|约|选)?$")
_REFUSED_AFTER = re.compile(
    r"(?:[的我也都]|上午|下午|早上|晚上){0,3}(?:不行|不可以|不方便|不成|不合适|没空|没时间|不去|去不了|来不了|不在家|有事)"
)
_CORRECTED = re.compile(r"不对|说错|错了|哦不|啊不|[改换调挪推][到成为]?")
_VAGUE_BEFORE = re.compile(r"过[了完]$")
_VAGUE_AFTER = re.compile(r"(?:那天)?(?:之前|以前|之后|以后|前后|左右|前(?![台面天])|后(?![面天晌]))")
_CLOCK_LIKE = re.compile(r"[0-9]{1,2}\.[0-5][0-9]")
_IN_A_WHILE = re.compile(
    r"(?P<n>半|一个半|[0-9]{1,3}(?:\.5)?|[一二两三四五六七八九十]{1,3})(?P<half>个半)?个?(?P<unit>小时|钟头|分钟|刻钟)"
    r"(?:之?以?后|过后|后)|再?过(?P<n2>半|一个半|[0-9]{1,3}|[一二两三四五六七八九十]{1,3})个?(?P<unit2>小时|钟头|分钟|刻钟)"
)
_AT_ONCE = re.compile(r"现在|马上|立刻|立马|这会儿")
_MINUTES = {"小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15}


@dataclass(frozen=True, slots=True)
class _Found:
    begin: int
    end: int
    words: str
    outcome: DayReading | Impossible
    weekday: int | None  # a bare weekday fits any date that falls on it


def day_in(text: str, now: dt.datetime) -> DayReading | Impossible | None:
    """The day named, seen from `now` in the community's own time (never UTC: the day would be another).

    Impossible for 2月30日, None when no day is named.
    """
    folded, found = _scan(text, now)
    return _weighed(folded, found)


def moment_in(text: str, now: dt.datetime) -> MomentReading | Impossible | None:
    """The day and time named; `now` is the community's own time, and so is the answer.

    A time alone is today's, or tomorrow's when that is over; both are asked.
    """
    soon = _in_a_while(text, now)
    if soon:
        return soon
    folded, found = _scan(text, now)
    day = _weighed(folded, found)
    clock = clock_in(_without_days(folded, found))
    if isinstance(day, Impossible):
        return day
    if isinstance(clock, Impossible):
        return clock
    if day is None:
        return None if clock is None else MomentReading(_day_for(clock, now), clock, now.tzinfo)
    if clock is None and _AT_ONCE.fullmatch(day.words):
        return MomentReading(day, ClockReading(_minute(now).time(), words=day.words), now.tzinfo)
    return _unless_over(day, clock, now)


def _minute(moment: dt.datetime) -> dt.datetime:
    return moment.replace(second=0, microsecond=0)


def _in_a_while(text: str, now: dt.datetime) -> MomentReading | None:
    """半小时后, 一个半小时以后, 再过二十分钟."""
    match = _IN_A_WHILE.search(plain(text))
    if not match:
        return None
    words, unit = match["n"] or match["n2"], match["unit"] or match["unit2"]
    minutes = _count(words) * _MINUTES[unit] + (30 if match["half"] else 0)
    at = _minute(now) + dt.timedelta(minutes=minutes)
    return MomentReading(
        DayReading(at.date(), words=match[0]), ClockReading(at.time(), words=match[0]), now.tzinfo
    )


def _count(words: str) -> float:
    if words in ("半", "一个半"):
        return 0.5 if words == "半" else 1.5
    return float(words) if words[0].isdigit() else number_word(words) or 0


def _scan(text: str, now: dt.datetime) -> tuple[str, list[_Found]]:
    """The folded text with doors and phones covered, and every day found in it, left to right."""
    folded = NOT_DAYS.sub(lambda m: _COVER * len(m[0]), _SPACES.sub("", plain(text)).replace("元月", "一月"))
    today = Today(now.date(), now.hour)
    left, found = folded, []
    for pattern, rule in RULES:
        for match in pattern.finditer(left):
            outcome = _tried(rule(match, today), match)
            if outcome is not None:
                found.append(outcome)
                left = left[: match.start()] + _COVER * len(match[0]) + left[match.end() :]
    return folded, sorted(found, key=lambda f: f.begin)


def _tried(outcome: Outcome, match: re.Match[str]) -> _Found | None:
    if outcome is None:
        return None
    groups = match.groupdict()
    bare = groups.get("day") is not None and groups.get("which") is None
    number = outcome.day.weekday() if bare and isinstance(outcome, DayReading) else None
    if isinstance(outcome, DayReading):
        outcome = replace(outcome, words=match[0])
    return _Found(match.start(), match.end(), match[0], outcome, number)


def _weighed(text: str, found: list[_Found]) -> DayReading | Impossible | None:
    kept = _meant(text, found)
    readings = [(f, _softened(text, f, f.outcome)) for f in kept if isinstance(f.outcome, DayReading)]
    if not readings:
        return next((f.outcome for f in kept if isinstance(f.outcome, Impossible)), None)
    if len(readings) < len(kept):
        return replace(readings[0][1], sure=False)
    return _agreed([reading for f, reading in readings if not _fits_another(f, kept)] or [readings[0][1]])


def _softened(text: str, found: _Found, reading: DayReading) -> DayReading:
    """周三之前 and 国庆以后 name no day; a refused day that stands alone is not taken either."""
    vague = _VAGUE_AFTER.match(text, found.end) is not None and not found.words.endswith("后")
    vague = vague or bool(_VAGUE_BEFORE.search(text[: found.begin]))
    return replace(reading, sure=False) if vague or _refused(text, found) else reading


def _meant(text: str, found: list[_Found]) -> list[_Found]:
    """Without what was taken back (不对), refused (明天不行), or was the time behind a day (8月5号9.30)."""
    corrections = [m.end() for m in _CORRECTED.finditer(text)]
    later = [f for f in found if corrections and f.begin >= corrections[-1]]
    kept = later or found
    kept = [f for f in kept if not _refused(text, f)] or kept
    return [f for f in kept if len(kept) == 1 or not _CLOCK_LIKE.fullmatch(f.words)] or kept


def _refused(text: str, found: _Found) -> bool:
    before = text[max(0, found.begin - 6) : found.begin]
    return bool(_REFUSED_BEFORE.search(before) or _REFUSED_AFTER.match(text, found.end))


def _fits_another(found: _Found, all_found: list[_Found]) -> bool:
    """周三 beside 11月25号 says nothing new when that is a Wednesday."""
    return found.weekday is not None and any(
        isinstance(other.outcome, DayReading)
        and other.weekday is None
        and other.outcome.day.weekday() == found.weekday
        for other in all_found
    )


def _agreed(readings: list[DayReading]) -> DayReading:
    common = set(readings[0].candidates).intersection(*(r.candidates for r in readings[1:]))
    if len(readings) > 1 and len(common) == 1:
        return next((r for r in readings if r.sure), replace(readings[0], day=common.pop(), others=()))
    if len(readings) == 1 or len({r.day for r in readings}) == 1:
        return min(readings, key=lambda r: r.sure)
    days = dict.fromkeys(day for r in readings for day in r.candidates)
    first, *others = days
    return replace(readings[0], day=first, sure=False, others=tuple(others))


def _without_days(text: str, found: list[_Found]) -> str:
    for f in found:
        if not _CLOCK_LIKE.fullmatch(f.words) or len(found) == 1:
            text = text[: f.begin] + DAY_WAS_HERE * (f.end - f.begin) + text[f.end :]
    return text


def _over(clock: ClockReading, now: dt.datetime) -> bool:
    return not clock.next_day and (clock.end or clock.start) <= now.time()


def _day_for(clock: ClockReading, now: dt.datetime) -> DayReading:
    today, tomorrow = now.date(), now.date() + dt.timedelta(days=1)
    if _over(clock, now):
        return DayReading(tomorrow, sure=False, words=clock.words)
    return DayReading(today, sure=False, others=(tomorrow,), words=clock.words)


def _unless_over(day: DayReading, clock: ClockReading | None, now: dt.datetime) -> MomentReading:
    """今天上午8点 said at ten is over: the next day in question is offered, and asked."""
    if clock is None or day.day != now.date() or not _over(clock, now):
        return MomentReading(day, clock, now.tzinfo)
    following, *rest = day.others or (now.date() + dt.timedelta(days=1),)
    missed = replace(day, day=following, others=tuple(rest), sure=False, past=True, said=day.day)
    return MomentReading(missed, clock, now.tzinfo)
