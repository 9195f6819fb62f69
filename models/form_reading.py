"""How an answer to a field is read from words or digits. What is kept is the value, never the words ("明天" read
tomorrow is another day), and nothing is guessed: a day without its year, or one that may be two, is asked again."""

from __future__ import annotations

import re
from datetime import date, datetime

from app import clock
from app.understanding.lines import one_line
from app.understanding.numbers import choice_number, number_word, plain
from app.understanding.phone import name_in, phone_in
from app.understanding.readings import Impossible
from app.understanding.when import day_in
from models.activities_rules import NO, YES
from models.form_fields import BETWEEN, IN_WORDS, LATER, LONGEST_NAME, Field
from models.refusal import Refusal

LEFT_TO_THE_DESK = frozenset({"99", LATER, "窗口填", "去窗口填"})
SKIPS = frozenset({"跳过", "不填", "空着", "没有", "无"})
_EIGHT = re.compile(r"(?P<y>(?:18|19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})")
_THREE = re.compile(
    r"(?P<y>(?:18|19|20)[0-9]{2})[ ./\-年]+(?P<m>[0-9]{1,2})[ ./\-月]+(?P<d>[0-9]{1,2})[日号]?"
)
_LUNAR = re.compile("农历|阴历|老历|初[一二三四五六七八九十]|腊月|正月|冬月|闰")
_YEAR = re.compile("[一二三四五六七八九零〇]{4}年")
_NEAR = re.compile("今天|昨天|前天|明天|后天|大前天|大后天|今年|去年|明年|前年")
_SUM = re.compile(r"(?P<n>[0-9]{1,9}(?:\.[0-9]{1,2})?)(?P<wan>万)?")
_UNITS = re.compile(r"(?:左右|块钱|块|元|个人|口人|个|口|人|岁|平米|平方米|平方|平|套|间|年|次|张|份)+$")
_CUT_SHORT = re.compile("[千百万][一二三四五六七八九]$")  # 一千五 is 1500, and 1005 to who counts strictly
YES_WORDS = frozenset({"是", "是的", "对", "有", "要", "嗯", "1"})
NO_WORDS = frozenset({"否", "不是", "没有", "没", "不要", "不", "2"})


def read(field: Field, words: str) -> str:
    """The answer as it is kept; "" for one that is left empty. Raises ValueError when these words are no answer, or a
    Refusal that says what is wrong with them."""
    bare = one_line(words).strip()
    if not bare or bare in SKIPS:
        if not field.needed:
            return ""
        if not bare or bare == "跳过":
            raise Refusal("forms.needed", label=field.label)
    if field.kind in IN_WORDS and bare in LEFT_TO_THE_DESK:
        return LATER
    if field.offered:
        return _several(field, bare) if field.kind == "several" else _one_of(field, bare)
    readers = {"name": _name, "phone": _phone, "date": _date, "number": _number, "money": _number}
    return readers.get(field.kind, _text)(field, bare)


# ---- chosen ----------------------------------------------------------------------------------------------------------


def _one_of(field: Field, words: str) -> str:
    if field.kind == "yes_no" and words in YES_WORDS | NO_WORDS:
        return YES if words in YES_WORDS else NO
    number = choice_number(words)
    if number is not None and 1 <= number <= len(field.offered):
        return field.offered[number - 1]
    fitting = [one for one in field.offered if words == one] or [one for one in field.offered if words in one]
    if len(fitting) != 1:
        raise ValueError(words)
    return fitting[0]


def _several(field: Field, words: str) -> str:
    """ "1 3", "1、3", "13" or the words themselves."""
    parts = [part for part in re.split(r"[\s,，、和;；]+", words) if part]
    if len(parts) == 1 and parts[0].isdecimal() and int(parts[0]) > len(field.options):
        parts = list(parts[0])
    chosen = {_one_of(field, part) for part in parts}
    return BETWEEN.join(one for one in field.options if one in chosen)


# ---- in words --------------------------------------------------------------------------------------------------------


def _name(field: Field, words: str) -> str:
    name = name_in(words)
    if name is None:
        raise Refusal("forms.bad_name")
    return name


def _phone(field: Field, words: str) -> str:
    phone = phone_in(words)
    if phone is None:
        raise Refusal("forms.bad_phone")
    return phone


def _text(field: Field, words: str) -> str:
    """A single digit is no text: it is a slip, or meant for another question."""
    if choice_number(words) is not None and field.longest > 4:
        raise ValueError(words)
    if len(words) > field.longest:
        raise Refusal("forms.too_long", most=field.longest)
    return words


def _number(field: Field, words: str) -> str:
    folded = plain(words).replace(",", "").strip()
    bare = _UNITS.sub("", folded) or folded
    number = _counted(bare)
    if number is None:
        raise Refusal("forms.bad_number")
    if not field.least <= number <= field.most:
        raise Refusal("forms.out_of_bounds", least=field.least, most=field.most)
    return str(number)


def _counted(words: str) -> int | None:
    match = _SUM.fullmatch(words)
    if match:
        return round(float(match["n"]) * (10_000 if match["wan"] else 1))
    return None if _CUT_SHORT.search(words) else number_word(words)


# ---- days ------------------------------------------------------------------------------------------------------------


def _date(field: Field, words: str) -> str:
    day = _day_said(plain(words).strip())
    today = clock.today()
    if day is None:
        raise Refusal("forms.bad_date")
    if not date(1900, 1, 1) <= day <= date(today.year + 30, 12, 31):
        raise Refusal("forms.bad_date")
    if field.when == "past" and day > today:
        raise Refusal("forms.not_past")
    if field.when == "future" and day < today:
        raise Refusal("forms.not_future")
    return day.isoformat()


def _day_said(words: str) -> date | None:
    """With its year: in eight digits, in three groups, or in words; a near day in words of its own."""
    if _LUNAR.search(words):
        raise Refusal("forms.solar_please")
    match = _EIGHT.fullmatch(words) or _THREE.fullmatch(words)
    if match:
        return _made(int(match["y"]), int(match["m"]), int(match["d"]))
    found = day_in(words, clock.local(clock.now()))
    if found is None or isinstance(found, Impossible) or not (_YEAR.search(words) or _NEAR.search(words)):
        return None
    if found.past:
        return found.said
    return found.day if found.sure else None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return datetime(year, month, day, tzinfo=clock.COMMUNITY).date()
    except ValueError:
        return None


def longest_of(field: Field) -> int:
    return LONGEST_NAME if field.kind in ("name", "phone", "date", "number", "money") else field.longest
