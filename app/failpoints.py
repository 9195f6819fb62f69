"""Named places where a test lets this process die, as a machine does that loses its power: `XINGFU_FAIL=after_send:17`
ends it with `os._exit(9)` when it comes to `after_send` for the 17th time; several are joined by commas.

Killing at random finds these moments only by luck, and they are the ones that lose or double a message. In the sandbox
only (app/settings refuses elsewhere); unarmed, `failpoints.reach(...)` is one look-up and one empty function.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable

VARIABLE = "XINGFU_FAIL"
EXIT = 9
POINTS = {
    "after_send": "delivery: WeChat has answered, and we have not written it down",
    "before_claim": "scheduler: a run is due, and nobody has claimed it",
    "after_claim": "scheduler: claimed and not begun",
    "before_note": "scheduler: done, and not committed",
    "after_run": "scheduler: done and committed",
    "after_commit": "webhook: the answer is kept, and WeChat has not got it",
    "between_lanes": "prepare: the main lane is migrated, the confidential one is not",
    "while_restoring": "restore: some files are in place, others are not",
}


class BadFailpoint(Exception):
    """No such point, or no number of times."""


def _pass_by(_point: str) -> None:
    """Nothing is armed."""


reach: Callable[[str], None] = _pass_by


class _Armed:
    """At which time each point ends the process; the counts are the process's own."""

    def __init__(self, fatal: dict[str, int]) -> None:
        self._fatal = fatal
        self._lock = threading.Lock()
        self._reached: Counter[str] = Counter()

    def __call__(self, point: str) -> None:
        with self._lock:
            self._reached[point] += 1
            if self._reached[point] == self._fatal.get(point):
                os._exit(EXIT)


def arm(said: str) -> None:
    """`said` is "point:times,…"; "" disarms. Raises BadFailpoint for what could never be reached."""
    global reach  # noqa: PLW0603 - callers must find one plain function here
    reach = _Armed(dict(map(_point, said.split(",")))) if said else _pass_by


def _point(said: str) -> tuple[str, int]:
    name, _, times = said.partition(":")
    if name not in POINTS or not times.isdecimal():
        raise BadFailpoint(f"{said} is not one of {', '.join(POINTS)} with :times")
    return name, int(times)
