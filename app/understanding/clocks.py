"""Times of day as neighbours say them: 下午三点半, 9点来钟, 差五分十点, 吃完晌午, 两点到四点.

An hour without a part of the day is read as office hours are kept (三点 is the afternoon); where that is a
guess (七点) the reading is not sure. A time that cannot be (25点) is told apart from no time at all.
"""

import datetime as dt
import re
from dataclasses import replace

from app.understanding.numbers import number_word, one_of, plain
from app.understanding.readings import ClockReading, Impossible

DAY_WAS_HERE = "\ue000"  # stands in a text where the day's own words were

_SPANS = {
    "night": (0, 6),
    "early": (6, 9),
    "forenoon": (8, 12),
    "noon": (11, 13),
    "after_noon_meal": (13, 15),
    "afternoon": (13, 18),
    "dusk": (17, 19),
    "evening": (18, 21),
}
_PARTS = {
    "night": "凌晨 后半夜",
    "early": "清晨 清早 一早 一大早 大清早 大早上 早晨 早上 早起 赶早 赶早上 晨",
    "forenoon": "上午 前晌 早饭后 吃完早饭 吃过早饭",
    "noon": "中午 正午 晌午 大中午 响午",
    "after_noon_meal": (
        "吃完晌午 吃过晌午 吃完晌午饭 吃完午饭 吃过午饭 吃完中午饭 午饭后 午饭以后 午后 晌午后 晌午过后 晌午以后"
    ),
    "afternoon": "下午 后晌 下半天",
    "dusk": "傍晚 黄昏 擦黑 天快黑",
    "evening": "晚上 晚间 晚夕 夜里 夜间 黑里 黑了 晚饭后 吃完晚饭 吃过晚饭 天黑 半夜 深夜 大晚上",
}
_PART_OF = {word: part for part, words in _PARTS.items() for word in words.split()} | {
    "早": "early",
    "晚": "evening",
}
_P = rf"{one_of(' '.join(w for words in _PARTS.values() for w in words.split()))}|(?<={DAY_WAS_HERE})[早晚]"
_H = (
    r"(?<![0-9.:第零一二两三四五六七八九十])"
    r"(?:[0-9]{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[零一二两三四五六七八九])"
)
_LACK = r"(?:[0-9]{1,2}|[一二两三四五六七八九十]{1,3})分钟?|[一1]刻钟?"
_MINUTE = (
    r"半|[一二两三123]刻|[零0过]?(?:[0-9]{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])分"
    r"|[0-5][0-9](?![0-9])|[二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九]"
)
_TOLD = (
    rf"(?P<part>{_P})?的?(?:大概|大约|差不多|约)?"
    rf"(?:(?:差(?P<lack>{_LACK})(?:钟|不到|就)?)?(?P<h>{_H})(?:[点點](?!儿|[零0]?[0-9]{{3}})|时(?!间|候|刻|长|常))[钟钟整]*"
    rf"(?:还?差(?P<lack2>{_LACK})|(?P<min>{_MINUTE}))?"
    r"|(?<=[上下午晚晨早夕晌])(?P<h_alone>[0-9]{1,2})(?=$|[\s,，。吧])"
    r"|(?<![0-9:./])(?P<h24>[0-9]{1,2}):(?P<m24>[0-9]{2})(?![0-9]))"
)
_TIME = re.compile(_TOLD)
_DOTTED = re.compile(
    rf"(?:(?<={DAY_WAS_HERE})|(?P<part>{_P}))\s*(?P<h24>[0-9]{{1,2}})[.](?P<m24>[0-5][0-9])(?![0-9])"
)
_SPAN_OF_HOURS = re.compile(
    rf"(?P<part>{_P})?的?(?P<h>{_H})(?:-|~|—|到|至)(?=(?:{_P})?(?:[0-9]{{1,2}}|[一二两三四五六七八九十]{{1,3}})[点點])"
)
_PART_ONLY = re.compile(_P)
_JOIN = re.compile(r"\s*(?:-|~|—+|–|到|至)\s*")
_ABOUT = re.compile(r"来钟|来点|左右|前后|多钟?|上下|以后|之后|以前|之前")
# "一点" is a little more often than one o'clock; "两点意见" are points; the four-thirty class is a name.
_NO_TIME = re.compile(
    r"(?<=[快慢多少大小好差有早晚高低近远点轻便])[一1]点(?!半|钟|[零一二三四五0-9])"
    r"|[一1]点(?:也|都|儿|点)|第[一二三四五六七八九十0-9]+点"
    r"|[一二两三四五六七八九0-9]点(?:建议|意见|要求|希望|想法|问题|原因|事)|[四4]点半(?:课堂|学校|班|托管|课)"
)


def clock_in(text: str, part: str | None = None) -> ClockReading | Impossible | None:
    """The first time of day in the text. `part`: the part of the day already known ("下午")."""
    folded = _NO_TIME.sub(lambda m: "□" * len(m[0]), plain(text).replace("：", ":"))
    match = _first(folded)
    if match is None:
        return _only_part(folded)
    first = _read(match, _PART_OF.get(part or ""))
    if isinstance(first, Impossible):
        return first
    return _with_end(folded, match, first)


def _first(text: str) -> re.Match[str] | None:
    found = [m for pattern in (_SPAN_OF_HOURS, _TIME, _DOTTED) if (m := pattern.search(text))]
    return min(found, key=lambda m: m.start(), default=None)


def _only_part(text: str) -> ClockReading | None:
    match = _PART_ONLY.search(text)
    if match is None:
        return None
    begin, end = _SPANS[_PART_OF[match[0]]]
    return ClockReading(dt.time(begin), dt.time(end), about=True, words=match[0])


def _read(match: re.Match[str], known_part: str | None) -> ClockReading | Impossible:
    groups = match.groupdict()
    part = _PART_OF[groups["part"]] if groups.get("part") else known_part
    hour = number_word(groups.get("h") or groups.get("h24") or groups.get("h_alone") or "")
    minute = _minute(groups.get("min"), groups.get("m24"))
    if hour is None or hour > 24:
        return Impossible("hour", match[0])
    if minute > 59 or (hour == 24 and minute):
        return Impossible("minute", match[0])
    lack = _lacking(groups.get("lack") or groups.get("lack2"))
    about = bool(_ABOUT.match(match.string, match.end()))
    return _earlier(replace(_placed(part, hour, minute), about=about, words=match[0]), lack)


def _minute(words: str | None, digits: str | None) -> int:
    if digits:
        return int(digits)
    if not words:
        return 0
    if words == "半":
        return 30
    if words[-1] == "刻":
        return 15 * (number_word(words[0]) or 1)
    number = number_word(words.strip("过分"))
    return 99 if number is None else number


def _lacking(words: str | None) -> int:
    if not words:
        return 0
    return 15 if "刻" in words else number_word(words.rstrip("钟").rstrip("分")) or 0


def _earlier(reading: ClockReading, minutes: int) -> ClockReading:
    if not minutes:
        return reading
    moment = dt.datetime.combine(dt.date(2000, 1, 2), reading.start) - dt.timedelta(minutes=minutes)
    return replace(reading, start=moment.time())


def _placed(part: str | None, hour: int, minute: int) -> ClockReading:
    """The hour on the 24-hour face, by the part of the day or by office custom."""
    at = dt.time(hour % 24, minute)
    if hour > 12:
        doubtful = hour == 24 or part in ("early", "forenoon", "night")
        return ClockReading(at, sure=not doubtful, next_day=hour == 24)
    later = dt.time((hour + 12) % 24, minute)
    if part in ("afternoon", "after_noon_meal"):
        return ClockReading(at if hour == 12 else later)
    if part == "noon":
        return ClockReading(later if hour < 4 else at)
    if part in ("evening", "dusk"):
        return _at_night(part, hour, at, later)
    if part:
        return ClockReading(at)
    return _by_custom(hour, at, later)


def _at_night(part: str, hour: int, at: dt.time, later: dt.time) -> ClockReading:
    if hour in {0, 12}:
        return ClockReading(dt.time(0, at.minute), sure=False, next_day=True)
    if hour < 5 and part == "evening":
        return ClockReading(at, sure=False, next_day=True)
    return ClockReading(later)


def _by_custom(hour: int, at: dt.time, later: dt.time) -> ClockReading:
    if hour == 0:
        return ClockReading(at, sure=False)
    if hour <= 5:
        return ClockReading(later)
    if hour == 6:
        return ClockReading(later, sure=False, others=(at,))
    return ClockReading(at, sure=hour > 8, others=(later,) if hour <= 8 else ())


def _with_end(text: str, match: re.Match[str], first: ClockReading) -> ClockReading | Impossible:
    """Two times joined by 到 are one span; the second hour follows the first's part of the day."""
    at = match.end()
    if match.re is not _SPAN_OF_HOURS:
        joined = _JOIN.match(text, at)
        if joined is None:
            return first
        at = joined.end()
    second = _TIME.match(text, at) or _DOTTED.match(text, at)
    if second is None:
        return first
    end = _read(second, _PART_OF.get(match.groupdict().get("part") or ""))
    if isinstance(end, Impossible):
        return end
    return _span(first, end, text[match.start() : second.end()])


def _span(first: ClockReading, end: ClockReading, words: str) -> ClockReading:
    later = end.start
    if later <= first.start and later.hour < 12:
        later = later.replace(hour=later.hour + 12)
    if later <= first.start:
        return replace(first, sure=False, words=words)
    return replace(first, end=later, sure=first.sure or end.sure, others=(), words=words)
