"""Roads that are closed for a while, so that not every message knocks at a door that stays shut (trust F12, F15, F16).

What one process learns it tells the others through models/doors.py; what they have learnt is read there every moment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import clock
from app.wechat.errors import WeChatError
from scheduler.outcomes import Outcome

SILENCES = 5
REST = timedelta(seconds=30)
TRIAL_SECONDS = 25.0  # longer than one call can last
SOON = timedelta(seconds=3)
NO_ANSWER = "微信没有回答,半分钟后再试。"


@dataclass(frozen=True, slots=True)
class Closing:
    """A door that is shut until then, and why."""

    door: str
    until: datetime
    reason: str
    errcode: int | None = None


class Pauses:
    """By door ("oa:main template"): until when nobody knocks. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed: dict[str, Closing] = {}
        self._untold: list[Closing] = []
        self._silent: dict[str, int] = {}
        self._on_trial: dict[str, float] = {}

    def closing(self, door: str) -> Closing | None:
        """Why nobody should knock now; None when it is open."""
        with self._lock:
            return self._shut(door)

    def ask_leave(self, door: str) -> Closing | None:
        """The same just before knocking. After silence one goes ahead, and the others wait for what it meets."""
        with self._lock:
            shut = self._shut(door)
            if shut is not None or self._silent.get(door, 0) < SILENCES:
                return shut
            if self._on_trial.get(door, 0.0) > time.monotonic():
                return Closing(door, clock.now() + SOON, NO_ANSWER)
            self._on_trial[door] = time.monotonic() + TRIAL_SECONDS
            return None

    def learn(self, door: str, outcome: Outcome) -> None:
        """A spent quota closes until it is renewed, five silences in a row for half a minute."""
        with self._lock:
            self._on_trial.pop(door, None)
            self._silent[door] = self._silent.get(door, 0) + 1 if outcome.silent else 0
            if outcome.closed_until is not None:
                errcode = outcome.fault.errcode if isinstance(outcome.fault, WeChatError) else None
                self._close(Closing(door, outcome.closed_until, str(outcome.values["reason"]), errcode))
            elif self._silent[door] >= SILENCES:
                self._close(Closing(door, clock.now() + REST, NO_ANSWER))

    def untold(self) -> list[Closing]:
        """What the other processes do not know yet."""
        with self._lock:
            return list(self._untold)

    def told(self, closings: Iterable[Closing]) -> None:
        """These have been written down for all."""
        with self._lock:
            self._untold = [one for one in self._untold if one not in closings]

    def hear(self, closings: Iterable[Closing]) -> None:
        """What stands there now, closed or opened by whomever."""
        with self._lock:
            self._closed = {one.door: one for one in (*closings, *self._untold)}

    def _shut(self, door: str) -> Closing | None:
        shut = self._closed.get(door)
        return shut if shut is not None and shut.until > clock.now() else None

    def _close(self, closing: Closing) -> None:
        if closing.door not in self._closed or self._closed[closing.door].until < closing.until:
            self._closed[closing.door] = closing
            self._untold.append(closing)
