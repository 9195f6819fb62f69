"""Roads that are closed for a while, so that not every message knocks at a door that stays shut (trust F12, F15, F16).

Each process learns this for itself: at worst two of them ask once each.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from app import clock
from scheduler.outcomes import Outcome

SILENCES = 5
REST = timedelta(seconds=30)


class Pauses:
    """By door ("oa:main template"): until when nobody knocks. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, datetime] = {}
        self._silent: dict[str, int] = {}

    def until(self, door: str) -> datetime | None:
        """When the door opens again; None when it is open."""
        with self._lock:
            until = self._until.get(door)
            return until if until is not None and until > clock.now() else None

    def learn(self, door: str, outcome: Outcome) -> None:
        """A spent quota closes until it is renewed, five silences in a row for half a minute."""
        with self._lock:
            self._silent[door] = self._silent.get(door, 0) + 1 if outcome.silent else 0
            if outcome.closed_until is not None:
                self._until[door] = outcome.closed_until
            elif self._silent[door] >= SILENCES:
                self._until[door] = clock.now() + REST
