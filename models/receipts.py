"""Receipt numbers to be read out on the telephone: six digits that nobody can count on from, and a check digit.

The check digit (Damm) catches every single wrong digit and every two that changed places: who misheard is told so,
instead of being shown somebody else's matter.
"""

from __future__ import annotations

import re
import secrets

from app.understanding.numbers import plain

_DAMM = (
    "0317598642 7092154863 4206871359 1750983426 6123045978 3674209581 5869720134 8945362017 9438617205 2581436790"
).split()
_SEVEN = re.compile(r"(?<![0-9])([0-9]{3})[ -]?([0-9]{4})(?![0-9])")
FIRST, ROOM = 100_000, 900_000


def new_receipt() -> str:
    digits = str(FIRST + secrets.randbelow(ROOM))
    return digits + _check(digits)


def receipt_in(words: str) -> str | None:
    """The first receipt number in what was typed ("418-2076", "受理号4182076"); None when its check digit is wrong."""
    for match in _SEVEN.finditer(plain(words)):
        digits = match[1] + match[2]
        if _check(digits) == "0":
            return digits
    return None


def spoken(receipt: str) -> str:
    """ "418-2076": two groups are easier to read out and to copy."""
    return f"{receipt[:3]}-{receipt[3:]}"


def _check(digits: str) -> str:
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim
