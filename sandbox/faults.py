"""Faults that can be switched on: what the real platform does on a bad day, on demand."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields, replace
from threading import Condition, Lock
from typing import Any


@dataclass(frozen=True)
class Faults:
    """`paths`: "*" or a prefix (or a list of them); `times`: how many calls are hit, None = until reset."""

    slow_seconds: float = 0
    http_500: bool = False
    html: bool = False
    busy: bool = False
    bad_token: bool = False
    errcode: int | None = None
    paths: str | list[str] = "*"
    times: int | None = None
    duplicate_pushes: bool = False
    out_of_order: bool = False

    def spoils_calls(self) -> bool:
        return bool(
            self.slow_seconds or self.http_500 or self.html or self.busy or self.bad_token or self.errcode
        )

    def hits(self, path: str) -> bool:
        prefixes = [self.paths] if isinstance(self.paths, str) else self.paths
        return any(prefix == "*" or path.startswith(prefix) for prefix in prefixes)


NUMBER_OR_NONE = (int, type(None))
SHAPES: dict[str, Any] = {each.name: bool for each in fields(Faults)}
SHAPES |= {
    "slow_seconds": (int, float),
    "errcode": NUMBER_OR_NONE,
    "paths": (str, list),
    "times": NUMBER_OR_NONE,
}
NONE = Faults()


class FaultBoard:
    def __init__(self) -> None:
        self._lock = Lock()
        self._faults = NONE

    def current(self) -> Faults:
        return self._faults

    def change(self, values: dict[str, Any]) -> dict[str, Any]:
        """Raises KeyError on a name that is no fault, TypeError on a value of another kind."""
        for name, value in values.items():
            if not isinstance(value, SHAPES[name]) or (SHAPES[name] is not bool and isinstance(value, bool)):
                raise TypeError(name)
        with self._lock:
            self._faults = replace(self._faults, **values)
            return asdict(self._faults)

    def reset(self) -> dict[str, Any]:
        with self._lock:
            self._faults = NONE
        return asdict(NONE)

    def take(self, path: str) -> Faults:
        """The faults that hit this call, counted down; no faults when the path or the count says so."""
        with self._lock:
            now = self._faults
            if not now.spoils_calls() or not now.hits(path) or now.times == 0:
                return NONE
            if now.times is not None:
                self._faults = replace(now, times=now.times - 1)
            return now


class Shuffle:
    """Out-of-order pushes: every first of two waits until the second has been delivered, or a moment at most."""

    PATIENCE = 2.0

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting = False
        self._overtaken = 0

    def hold_back(self) -> None:
        with self._changed:
            if self._waiting:
                return
            self._waiting, seen = True, self._overtaken
            deadline = time.monotonic() + self.PATIENCE
            while self._overtaken == seen and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            self._waiting = False

    def delivered(self) -> None:
        with self._changed:
            self._overtaken += 1
            self._changed.notify_all()
