"""Name, phone and address out of one line ("马秀兰 13900000000 5号楼2单元301"), each where it is found."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.understanding.phone import name_in, phone_in

_PARTS = re.compile(r"[\s,,、;;。]+")
_DIGITS_OF_PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9](?:[ -]?\d){9}(?!\d)")
_ADDRESS = re.compile(r"\d|楼|栋|幢|单元|室|号|院|巷|村|层|家属")
SHORTEST_ADDRESS, LONGEST_ADDRESS = 2, 60


class Told(NamedTuple):
    name: str | None
    phone: str | None
    address: str | None


def told_in(text: str) -> Told:
    phone = phone_in(text)
    parts = [part for part in _PARTS.split(_DIGITS_OF_PHONE.sub(" ", text)) if part]
    name = next((found for part in parts if not _ADDRESS.search(part) and (found := name_in(part))), None)
    rest = "".join(part for part in parts if _ADDRESS.search(part))
    return Told(name, phone, rest[:LONGEST_ADDRESS] if len(rest) >= SHORTEST_ADDRESS else None)


def is_address(text: str) -> bool:
    return SHORTEST_ADDRESS <= len(text) <= LONGEST_ADDRESS and _ADDRESS.search(text) is not None
