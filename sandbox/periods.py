"""Quota periods: the platform counts days and months of China, minutes of anywhere."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from threading import Lock

CHINA = timezone(timedelta(hours=8))


def day_of(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).astimezone(CHINA).strftime("%Y-%m-%d")


def month_of(now: float) -> str:
    return day_of(now)[:7]


class MinuteCounter:
    """Calls per app and path in the running minute; older minutes are forgotten."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self._calls: Counter[tuple[str, str]] = Counter()

    def count(self, app: str, path: str, now: float) -> int:
        with self._lock:
            minute = int(now // 60)
            if minute != self._minute:
                self._minute, self._calls = minute, Counter()
            self._calls[app, path] += 1
            return self._calls[app, path]
