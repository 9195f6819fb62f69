"""The sandbox's time: real time plus an offset that everybody reads from one small file.

Windows of 48 hours, codes of 5 minutes and reminders on the eve cannot be tried by waiting. The offset lives in a
file, not in memory, because the community's own processes must live in the same hour.
"""

from __future__ import annotations

import time
from pathlib import Path
from threading import Lock


class Clock:
    """Instants are Unix seconds as float; the file holds the offset in seconds as decimal text."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None
        self._offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset()

    def offset(self) -> float:
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._offset, self._seen = self._read(), stamp
            return self._offset

    def move_to(self, offset: float) -> float:
        """Write the new offset so that a reader never sees half a number; return it."""
        with self._lock:
            fresh = self._file.with_name(self._file.name + ".new")
            fresh.write_text(f"{offset:.3f}\n", encoding="ascii")
            fresh.replace(self._file)
            self._offset, self._seen = offset, self._stamp()
        return offset

    def shift(self, seconds: float) -> float:
        return self.move_to(self.offset() + seconds)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _read(self) -> float:
        try:
            return float(self._file.read_text(encoding="ascii").strip() or "0")
        except (FileNotFoundError, ValueError):
            return 0.0
