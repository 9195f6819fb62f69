"""Hours of a day as they are typed into a plan: "9:00-12:00 14:30-17:30"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

_STRETCH = re.compile(r"(\d{1,2})[::.点](\d{2})?\s*(?:-|–|—|~|到|至)\s*(\d{1,2})[::.点](\d{2})?")
_SIGNS = re.compile(r"[\s,,、;;]")


def stretches_in(text: str) -> list[tuple[time, time]]:
    """Each stretch, as it stands; ValueError when something in the text is no time."""
    if _SIGNS.sub("", _STRETCH.sub("", text)):
        raise ValueError(text)
    return [
        (time(int(one[0]), int(one[1] or 0)), time(int(one[2]), int(one[3] or 0)))
        for one in _STRETCH.findall(text)
    ]


def written(hours: Sequence[tuple[time, time]]) -> str:
    return " ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in hours)
