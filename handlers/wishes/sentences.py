"""Sentences of wishes: what people say, made fit to keep; what staff publish, checked that it shows nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.understanding.lines import one_line
from app.understanding.numbers import plain
from app.understanding.phone import id_number_in, mask_phones
from models.refusal import Refusal
from models.wishes import VALUE_CAP, Wish

SHORTEST, LONGEST, LONGEST_PUBLIC, LONGEST_THANKS, LONGEST_REASON = 4, 100, 120, 60, 60
LONGEST_NOTE = 300
PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")
LINK = re.compile(r"https?:|www\.|\w\.(?:com|cn|net|top|vip)\b", re.IGNORECASE)
MATTERS = "路灯 井盖 漏水 垃圾 噪音 太吵 堵了 暖气 停水 停电 电梯 违建 停车 投诉 举报".split()
EDGES = re.compile(r"^[,\uff0c\s]+|[,\uff0c\s]+$")
SOMEBODY = "一位邻居"
AMOUNT = re.compile(r"(\d{1,7})\s*(?:多|来)?\s*(?:元|块|圆)")
WITH_ADDRESS = r"是(?=[一-鿿·]{2,4}[,,]\s*(?:家?住[^,,]{0,6}\d|电话|手机))"  # "我是低保户,想要…" names nobody
MY_NAME_IS = re.compile(
    rf"我(?:的)?(?:名字)?(?:叫|{WITH_ADDRESS})([一-鿿·]{{2,8}}?)(?=[,,。;;、 ]|$)[,,。;;、 ]?"
)
DOOR = re.compile(r"(?:\d++\s*+(?:号楼|栋|幢|单元|室|号院)\s*+)+(?:\d{3,4}(?![\d年元块点斤]))?")
LIVES_AT = re.compile(rf"(?:我|家)?住(?:在)?[一-鿿]{{0,10}}{DOOR.pattern}[,,]?\s*")


def wish_in(words: str) -> str:
    """What was wished, in one sentence; Refusal wishes.too_short, .too_long."""
    return _between(words, SHORTEST, LONGEST)


def thanks_in(words: str) -> str:
    return _between(words, 2, LONGEST_THANKS)


def reason_in(words: str) -> str:
    return _between(words, 2, LONGEST_REASON)


def public_in(words: str, wish: Wish) -> str:
    """What everybody may read. Refuses with wishes.shows_person what shows who wishes, or where they live."""
    shown = _between(words, SHORTEST, LONGEST_PUBLIC)
    fault = next(_shows(words, wish), None)
    if fault is not None:
        raise Refusal("wishes.shows_person", what=fault)
    return shown


def draft_for(wish: Wish) -> str:
    """A first draft of the public words for the staff: numbers, names and doors are covered; a person reads it."""
    words = MY_NAME_IS.sub("", DOOR.sub("", LIVES_AT.sub("", mask_phones(wish.text or ""))))
    for name in _names(wish):
        words = words.replace(name, SOMEBODY)
    return EDGES.sub("", words)


class Piece(NamedTuple):
    """A stretch of what was said; `what` says why everybody must not read it, "" when they may."""

    words: str
    what: str


def pieces_of(wish: Wish) -> list[Piece]:
    """What was said, cut where something shows who wishes: for a reader beside the draft."""
    words = wish.text or ""
    spans = sorted(_spans(words, wish))
    pieces, at = [], 0
    for start, end, what in spans:
        if start < at:
            continue
        pieces += [Piece(words[at:start], ""), Piece(words[start:end], what)]
        at = end
    return [one for one in (*pieces, Piece(words[at:], "")) if one.words]


def _spans(words: str, wish: Wish) -> Iterator[tuple[int, int, str]]:
    yield from ((one.start(), one.end(), "电话") for one in PHONE.finditer(words))
    yield from ((one.start(), one.end(), "门牌") for one in DOOR.finditer(words))
    for name in _names(wish):
        yield from ((one.start(), one.end(), "姓名") for one in re.finditer(re.escape(name), words))


def sounds_like_matter(words: str) -> bool:
    """Whether it is about the street rather than for a neighbour: somebody must see to it, nobody can give it."""
    return any(one in words for one in MATTERS)


def is_above_cap(words: str) -> bool:
    """Whether a sum is named that one neighbour will hardly give."""
    return any(int(found) > VALUE_CAP for found in AMOUNT.findall(words))


def note_in(words: str) -> str:
    return _between(words, 2, LONGEST_NOTE)


def _between(words: str, least: int, most: int) -> str:
    line = one_line(words)
    if len(line) < least:
        raise Refusal("wishes.too_short", least=least)
    if len(line) > most:
        raise Refusal("wishes.too_long", most=most)
    return line


def shown_in(words: str, wish: Wish, *others: str | None) -> list[str]:
    """What shows who they are: numbers, doors, links, names of the wisher and of `others`."""
    found = list(_shows(words, wish))
    line = words.replace(" ", "")
    if "姓名" not in found and any(name in line for name in others if name):
        found.append("姓名")
    return [*found, "网址"] if LINK.search(words) else found


def _shows(words: str, wish: Wish) -> Iterator[str]:
    line = plain(words)
    if id_number_in(line):
        yield "证件号"
    if mask_phones(line) != line:
        yield "电话"
    if any(name in line.replace(" ", "") for name in _names(wish)):
        yield "姓名"
    if DOOR.search(line):
        yield "门牌"


def _names(wish: Wish) -> list[str]:
    """Whom the public words must not name: as we know them, and as they named themselves in the wish."""
    known = (wish.helped_name, wish.wisher.name if wish.wisher else None)
    return [name for name in (*known, *MY_NAME_IS.findall(wish.text or "")) if name]
