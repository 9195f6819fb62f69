"""Plain Chinese: how easily a neighbour of seventy reads a text, 0 to 100 (大白话分), and what makes it hard.

The rules are people.md §2.5. Findings carry a code, the place and the words found; what is said about a code stands in
templates. The words of offices and their replacements are data: officialese.txt and slips.txt beside this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from app import clock
from app.understanding.wide import narrow
from app.words import WEEKDAYS

FOLDER = Path(__file__).parent
PASSING = 80
LONGEST_SENTENCE, LONG_SENTENCE = 25, 20
MOST_SENTENCES = 3
FIRST = 15
COMMON_SHARE = 0.99

HAN = re.compile(r"[\u3400-\u9fff]")
SENTENCE = re.compile(r"[^。!?;\n]+")
LINE = re.compile(r"[^\n]+")
LINK = re.compile(r"(?:https?://|www\.)[^\s,。;)]+", re.IGNORECASE)
MONTH_DAY = re.compile(
    r"(?:(?P<year>20\d\d)年)?(?P<month>1[0-2]|0?[1-9])月(?P<day>3[01]|[12]\d|0?[1-9])[日号]"
)
WEEKDAY = re.compile(r"\s*+(?:[(,]\s*+)?(?:本|下)?(?:星期|周|礼拜)([一二三四五六日天])")
CHINESE_NUMBER = re.compile(
    r"(?<![千万百十初第周])(?:[一二三四五六七八九两]?[十百千万])+[一二三四五六七八九]?"
    r"(?=\s*(?:元|块|岁|人|天|日|号|年|个|次|小时|分钟|点|户|名|份|公里|米|栋|楼|单元|工作日|平方))"
)
MONEY = re.compile(r"\u00a5\s*\d[\d.,]{0,14}|\d[\d.,]{0,14}\s*(?:块钱|块|圆)|(?:RMB|rmb)\s*\d[\d.,]{0,14}")
BARE_MONEY = re.compile(
    r"(?:交|缴|领|补贴|补助|收费|费用|价格|奖励|每人|每月)[^\d\n。,;]{0,2}(\d{2,6}(?:\.\d+)?)(?=[。,;、\s)]|$)"
)
TODO = re.compile(
    r"请|可以|可用|能|来|去|到|带|交|领|打|回复|登记|报名|预约|看|填|办|接|关|参加|注意|别|不要|不用|准备|申请|拿|找|写|说|点|选|问"
    r"|停|查|收|换|学|听|帮|存|备|穿|戴|检"
)

# What each code costs the first time and every further time, and how much it may cost in all.
COSTS = {
    "long_sentence": (8, 8, 40),
    "rather_long_sentence": (2, 2, 8),
    "many_sentences": (5, 5, 15),
    "officialese": (5, 5, 40),
    "rather_official": (2, 2, 12),
    "slip": (6, 6, 24),
    "number_in_words": (3, 3, 12),
    "no_weekday": (4, 4, 12),
    "wrong_weekday": (15, 15, 45),
    "no_such_day": (15, 15, 45),
    "money": (4, 4, 12),
    "not_said_what_to_do": (10, 0, 10),
    "many_links": (10, 5, 20),
    "rare": (4, 2, 12),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place of the text: `code` says what is the matter, `better` what to write instead ("" when that depends)."""

    code: str
    start: int
    end: int
    words: str
    better: str = ""


@dataclass(frozen=True, slots=True)
class Plainness:
    """What came of reading a text."""

    text: str
    findings: tuple[Finding, ...]

    @property
    def score(self) -> int:
        return max(0, 100 - sum(self._cost(code) for code in COSTS))

    @property
    def is_plain(self) -> bool:
        return self.score >= PASSING

    def _cost(self, code: str) -> int:
        found = sum(finding.code == code for finding in self.findings)
        first, further, most = COSTS[code]
        return min(most, first + further * (found - 1)) if found else 0

    def marked(self) -> list[tuple[str, str]]:
        """The text in pieces, each with the code that marks it ("" for none); where two overlap the shorter wins."""
        codes = [""] * len(self.text)
        for finding in sorted(self.findings, key=lambda one: one.start - one.end):
            codes[finding.start : finding.end] = [finding.code] * (finding.end - finding.start)
        pieces: list[tuple[str, str]] = []
        for sign, code in zip(self.text, codes, strict=True):
            if pieces and pieces[-1][1] == code:
                pieces[-1] = (pieces[-1][0] + sign, code)
            else:
                pieces.append((sign, code))
        return pieces


def read(text: str, tells_at: int | None = None) -> Plainness:
    """Read a text as somebody does who has to. What announces something says in its first words what to do: they stand
    at `tells_at`, behind a title; an answer to a question need not (None)."""
    plain = narrow(text)
    found = [finding for rule in RULES for finding in rule(plain)]
    if tells_at is not None and (first := plain[tells_at : tells_at + FIRST]) and not TODO.search(first):
        found.append(_finding("not_said_what_to_do", plain, tells_at, tells_at + len(first)))
    return Plainness(text, tuple(sorted(found, key=lambda one: (one.start, one.end))))


def _finding(code: str, text: str, start: int, end: int, better: str = "") -> Finding:
    return Finding(code, start, end, text[start:end], better)


# ---- rules -----------------------------------------------------------------------------------------------------------


def _sentences(text: str) -> Iterator[Finding]:
    for match in SENTENCE.finditer(text):
        length = len(HAN.findall(match[0]))
        if length > LONG_SENTENCE:
            code = "long_sentence" if length > LONGEST_SENTENCE else "rather_long_sentence"
            yield _finding(code, text, *match.span())


def _paragraphs(text: str) -> Iterator[Finding]:
    for match in LINE.finditer(text):
        sentences = [part for part in SENTENCE.findall(match[0]) if HAN.search(part)]
        if len(sentences) > MOST_SENTENCES:
            yield _finding("many_sentences", text, *match.span())


def _officialese(text: str) -> Iterator[Finding]:
    taken: list[tuple[int, int]] = []
    for word, better, soft, harmless in officialese():
        for match in re.finditer(re.escape(word), text):
            start, end = match.span()
            if any(a < end and start < b for a, b in taken) or _inside(text, start, end, harmless):
                continue
            taken.append((start, end))
            yield _finding("rather_official" if soft else "officialese", text, start, end, better)


def _inside(text: str, start: int, end: int, harmless: tuple[str, ...]) -> bool:
    """Whether this place belongs to one of these longer words."""
    for word in harmless:
        at = text.find(word, max(0, end - len(word)))
        if at != -1 and at <= start and at + len(word) >= end:
            return True
    return False


def _slips(text: str) -> Iterator[Finding]:
    for wrong, right in slips():
        for match in re.finditer(re.escape(wrong), text):
            yield _finding("slip", text, *match.span(), right)


def _numbers(text: str) -> Iterator[Finding]:
    for match in CHINESE_NUMBER.finditer(text):
        yield _finding("number_in_words", text, *match.span())


def _days(text: str) -> Iterator[Finding]:
    for match in MONTH_DAY.finditer(text):
        day, told = day_of(match), WEEKDAY.match(text, match.end())
        if day is None:
            yield _finding("no_such_day", text, *match.span())
        elif told is None:
            yield _finding("no_weekday", text, *match.span(), f"{match[0]}(星期{WEEKDAYS[day.weekday()]})")
        elif WEEKDAYS.index(told[1].replace("天", "日")) != day.weekday():
            right = f"星期{WEEKDAYS[day.weekday()]}"
            yield _finding("wrong_weekday", text, match.start(), told.end(), right)


def day_of(match: re.Match[str]) -> date | None:
    """The day that is meant: without a year the nearest one that is not half a year ago."""
    today, month, number = clock.today(), int(match["month"]), int(match["day"])
    year = int(match["year"]) if match["year"] else today.year
    try:
        day = date(year, month, number)
        return day if match["year"] or (today - day).days < 183 else date(year + 1, month, number)
    except ValueError:
        return None


def _money(text: str) -> Iterator[Finding]:
    for match in MONEY.finditer(text):
        amount = re.sub(r"[^\d.]", "", match[0])
        yield _finding("money", text, *match.span(), f"{amount}元")
    for match in BARE_MONEY.finditer(text):
        yield _finding("money", text, *match.span(1), f"{match[1]}元")


def _links(text: str) -> Iterator[Finding]:
    for match in list(LINK.finditer(text))[1:]:
        yield _finding("many_links", text, *match.span())


def _rare(text: str) -> Iterator[Finding]:
    signs = list(HAN.finditer(text))
    rare = [match for match in signs if match[0] not in common_characters()]
    if len(rare) > max(1, len(signs) * (1 - COMMON_SHARE)):
        yield from (_finding("rare", text, *match.span()) for match in rare)


RULES = (_sentences, _paragraphs, _officialese, _slips, _numbers, _days, _money, _links, _rare)


# ---- data ------------------------------------------------------------------------------------------------------------


@cache
def common_characters() -> frozenset[str]:
    """The 3,755 characters of GB2312's first level: those of daily print, in rows 16 to 55 of the standard."""
    signs = set()
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                signs.add(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return frozenset(signs)


@cache
def officialese() -> tuple[tuple[str, str, bool, tuple[str, ...]], ...]:
    """(word, what to say instead, heard in daily talk too, harmless words that contain it), the longest first."""
    rows = []
    for word, rest in _pairs("officialese.txt"):
        better, _, harmless = rest.partition(" ! ")
        rows.append(
            (word.removeprefix("~"), better.replace("-", ""), word.startswith("~"), tuple(harmless.split()))
        )
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


@cache
def slips() -> tuple[tuple[str, str], ...]:
    return tuple(_pairs("slips.txt"))


@cache
def grave_slips() -> tuple[tuple[str, str], ...]:
    """In names that nobody may get wrong."""
    return tuple(_pairs("grave_slips.txt"))


def _pairs(name: str) -> list[tuple[str, str]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    kept = (line for line in lines if line and not line.startswith("#"))
    return [(left.strip(), right.strip()) for left, _, right in (line.partition(" = ") for line in kept)]
