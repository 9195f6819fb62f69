"""Where somebody lives, from the words of a register: columns of their own, or all of it in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.understanding.numbers import number_word, plain
from handlers.registers.cells import Wrong
from models.places import Place

_NUMBER = r"[0-9]{1,4}|[零〇一二三四五六七八九十两]{1,4}"
_BUILDING = re.compile(rf"({_NUMBER})\s*(?:号楼|栋|幢|楼)")
_UNIT = re.compile(rf"({_NUMBER})\s*单元")
_DOOR = re.compile(r"([0-9A-Za-z\-]{2,6})\s*(?:室|号|户)?$")
_DASHED = re.compile(r"(\d{1,3})[\-—–](\d{1,2})[\-—–](\d{2,4})$")


class Homes:
    """All places of the community, by name and number."""

    def __init__(self, session: Session) -> None:
        self._below: dict[int | None, list[Place]] = {}
        for place in session.scalars(select(Place).order_by(Place.position, Place.id)):
            self._below.setdefault(place.parent_id, []).append(place)
        self._estates = [one for places in self._below.values() for one in places if one.kind == "estate"]

    def find(self, estate: str, building: str, unit: str) -> Place | None:
        """As far down as is told; None when nothing is. Raises Wrong with what cannot be found."""
        if not (estate or building or unit):
            return None
        home = self._estate(plain(estate))
        for words, code in ((building, "cell_no_building"), (unit, "cell_no_unit")):
            if not words:
                break
            home = self._numbered(home, words, code)
        return home

    def read(self, address: str) -> tuple[Place | None, str]:
        """ "东府佳苑3号楼2单元301" or "东府佳苑3-2-301": the place, and the number on the door."""
        words = re.sub(r"\s", "", plain(address))
        if not words:
            return None, ""
        estate = next((one.name for one in self._by_length() if one.name in words), "")
        rest = words.partition(estate)[2] if estate else words
        dashed = _DASHED.search(rest)
        if dashed:
            return self.find(estate, dashed[1], dashed[2]), dashed[3]
        building, unit = _BUILDING.search(rest), _UNIT.search(rest)
        door = _DOOR.search(rest[(unit or building).end() :]) if unit or building else None  # type: ignore[union-attr]
        found = self.find(estate or "?", building[1] if building else "", unit[1] if unit else "")
        return found, door[1] if door else ""

    def _by_length(self) -> Iterable[Place]:
        return sorted(self._estates, key=lambda one: -len(one.name))

    def _estate(self, words: str) -> Place:
        if not words and len(self._estates) == 1:
            return self._estates[0]
        if not words:
            raise Wrong("cell_which_estate")
        found = [one for one in self._estates if one.name == words] or [
            one for one in self._estates if words in one.name or one.name in words
        ]
        if len(found) != 1:
            raise Wrong("cell_no_estate")
        return found[0]

    def _numbered(self, above: Place, words: str, code: str) -> Place:
        number = _number(words)
        for place in self._below.get(above.id, []):
            if place.name == words or (number is not None and _number(place.name) == number):
                return place
        raise Wrong(code)


def _number(words: str) -> int | None:
    bare = re.sub(r"(?:号楼|号|栋|幢|楼|单元|第|#)", "", plain(words).strip())
    return number_word(bare)
