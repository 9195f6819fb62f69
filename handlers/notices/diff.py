"""What has changed from one version of a notice to the next, part by part, sign by sign; a number changes as one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from models.notices import OPTIONAL, PARTS

LONGEST = 4000
SIGN = re.compile(r"[0-9]+|[a-zA-Z]+|.", re.DOTALL)


class Change(NamedTuple):
    """`pieces` are (kind, text): same, gone or new."""

    part: str
    pieces: list[tuple[str, str]]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """The parts that differ."""
    pairs = ((part, _text(old.get(part)), _text(new.get(part))) for part in (*PARTS, *OPTIONAL))
    return [Change(part, list(_pieces(before, after))) for part, before, after in pairs if before != after]


def _text(value: Any) -> str:
    if isinstance(value, dict):  # the block in another language
        return "\n".join((value["language"], value["text"], value["written_by"], value["checked_by"]))
    return "\n".join(value) if isinstance(value, list) else str(value or "")


def _pieces(old: str, new: str) -> Iterator[tuple[str, str]]:
    if max(len(old), len(new)) > LONGEST:
        yield "gone", old
        yield "new", new
        return
    one, other = SIGN.findall(old), SIGN.findall(new)
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "same", "".join(one[a:b])
            continue
        if b > a:
            yield "gone", "".join(one[a:b])
        if d > c:
            yield "new", "".join(other[c:d])
