"""What must not stand in a text for everybody (trust B34): identity numbers, private phones, bank cards, addresses.

And what a reviewer has to compare with the paper: names with their titles, days, sums.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.understanding.phone import mask_phone
from app.understanding.wide import narrow

_GAP = r"[ \t.\-–—]?"
_IDENTITY = re.compile(rf"(?<![0-9])[1-9](?:{_GAP}[0-9]){{16}}{_GAP}[0-9xX](?![0-9])")
_BORN = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_CARD = re.compile(rf"(?<![0-9])[1-9](?:{_GAP}[0-9]){{14,18}}(?![0-9])")
_MOBILE = re.compile(rf"(?<![0-9])(?:\+?86{_GAP})?1[3-9](?:{_GAP}[0-9]){{9}}(?![0-9])")
_LANDLINE = re.compile(
    r"(?<![0-9])(?:0[1-9][0-9]{1,2}[ \-]?[2-8][0-9]{6,7}|(?<=电话):?\s*[2-8][0-9]{6,7})(?![0-9])"
)
_NUMBER = r"[0-9一二三四五六七八九十百〇零]{1,5}"
_BUILDING = rf"{_NUMBER}(?:号楼|栋|幢|座|号院)"
_ADDRESS = re.compile(
    rf"{_BUILDING}(?:{_NUMBER}(?:单元|门){_GAP}{_NUMBER}(?:室|户|号)?|{_GAP}[0-9]{{3,4}}(?:室|户|号(?!楼|院|窗)))"
)
TITLES = (
    "书记 副书记 主任 副主任 局长 副局长 区长 科长 所长 站长 院长 校长 社长 会长"
    " 网格员 楼长 组长 医生 律师 老师 干事 民警"
).split()
_TITLED = re.compile(
    rf"(?:[\u4e00-\u9fff]{{2,3}}(?:{'|'.join(TITLES)})|(?:{'|'.join(TITLES)}):?[\u4e00-\u9fff]{{2,3}})"
)
_SUM = re.compile(r"(?<![0-9.])[0-9][0-9.,]{0,14}\s*(?:万?元|%|个工作日)")
_DAY = re.compile(r"(?:20[0-9]{2}年)?[0-9]{1,2}月[0-9]{1,2}[日号](?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?")
MOST_TO_CHECK = 30


@dataclass(frozen=True, slots=True)
class Personal:
    """One place: `kind` is identity, card, phone or address; `covered` shows enough of it to find it."""

    kind: str
    start: int
    end: int
    covered: str


def personal_data(text: str, offices: Collection[str] = ()) -> list[Personal]:
    """What a text for everybody may not tell. `offices` are the numbers that may stand there, in any spelling."""
    text, found = narrow(text), list[Personal]()
    known = {_digits(number) for number in offices}
    for one in (*_identities(text), *_cards(text), *_phones(text, known), *_addresses(text)):
        if not any(one.start < other.end and other.start < one.end for other in found):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def to_compare(text: str) -> list[str]:
    """Names with titles, days and sums, in the order of the text: whoever proof-reads compares these with the paper."""
    matches = [match for rule in (_TITLED, _DAY, _SUM) for match in rule.finditer(narrow(text))]
    told = [match[0] for match in sorted(matches, key=lambda match: match.start())]
    return list(dict.fromkeys(told))[:MOST_TO_CHECK]


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _identities(text: str) -> Iterator[Personal]:
    for match in _IDENTITY.finditer(text):
        digits = re.sub(r"[^0-9xX]", "", match[0])
        if _BORN.fullmatch(digits[6:14]):
            yield Personal("identity", *match.span(), f"{digits[:3]}{'*' * 13}{digits[-2:]}")


def _cards(text: str) -> Iterator[Personal]:
    for match in _CARD.finditer(text):
        digits = _digits(match[0])
        if _is_card(digits):
            yield Personal("card", *match.span(), f"{digits[:4]}****{digits[-4:]}")


def _is_card(digits: str) -> bool:
    """The check digit of ISO/IEC 7812."""
    doubled = (int(sign) * (1 + at % 2) for at, sign in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _phones(text: str, known: Collection[str]) -> Iterator[Personal]:
    for rule in (_MOBILE, _LANDLINE):
        for match in rule.finditer(text):
            digits = _digits(match[0])
            if not any(digits in (number, number[-len(digits) :]) for number in known if number):
                yield Personal("phone", *match.span(), mask_phone(digits))


def _addresses(text: str) -> Iterator[Personal]:
    for match in _ADDRESS.finditer(text):
        yield Personal("address", *match.span(), f"{text[max(0, match.start() - 4) : match.start() + 2]}…")
