"""Words of thanks, made fit to keep; and what of them must not stand where others read it."""

from __future__ import annotations

import re

from app.understanding.lines import line_for_others
from app.understanding.phone import id_number_in, mask_phones
from models.refusal import Refusal
from models.tags import why_not

SHORTEST, LONGEST = 4, 80
DOOR = re.compile(r"\d+\s*(?:号楼|栋|幢|单元|室|号院)")


def thanks_in(words: str) -> str:
    line = line_for_others(words)
    if not SHORTEST <= len(line) <= LONGEST:
        raise Refusal("teams.bad_thanks", least=SHORTEST, most=LONGEST)
    return line


def what_shows(words: str, *names: str | None) -> str:
    """Why others must not read this: a number, a door, a name, somebody's misfortune; "" when they may."""
    if id_number_in(words):
        return "证件号"
    if mask_phones(words) != words:
        return "电话"
    if DOOR.search(words):
        return "门牌"
    if any(name and name in words for name in names):
        return "姓名"
    return "别人的难处" if why_not(words) is not None else ""
