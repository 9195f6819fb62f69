"""Who writes next to a file of SQLite, among all programs that share it.

SQLite lets one write at a time and leaves the others to look again and again, with sleeps that grow to a tenth of a
second: whoever has just written and comes back finds the file free long before the others wake, and these come to their
turn late or not at all. So all who want to write pass a turnstile, a lock on a file beside the database: whoever is
in it is the only one who looks, and does so often; whoever has written must queue behind it. It is left as soon as the
turn has come. SQLite's own lock is what protects the data: those who know no turnstile (somebody with a shell) wait as
ever.

The lock belongs to an open file: the system takes it back when the program dies, in whatever way.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable

SHORTEST, LONGEST = 0.0003, 0.004  # seconds between two looks: often at first, while it matters
EAGER = 16  # looks for as long as has been waited already, divided by this


class Turnstile:
    """Safe between threads and across a fork. `path` is the lock's file; it is made and never removed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._mine = threading.Lock()  # threads of one program share the open file, and so the lock
        self._file, self._process = -1, 0

    def pass_through(self, try_turn: Callable[[], bool], seconds: float) -> bool:
        """Call `try_turn` until it says that the turn has come; False when it had not within so many seconds."""
        began = time.monotonic()
        if not self._mine.acquire(timeout=seconds):
            return False
        try:
            file = self._open()
            if not _insist(lambda: _lock(file), began, seconds):
                return False
            try:
                return _insist(try_turn, began, seconds)
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            self._mine.release()

    def _open(self) -> int:
        """A forked program opens its own: the parent's open file has the parent's lock."""
        if self._process != os.getpid():
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            self._process = os.getpid()
        return self._file

    def close(self) -> None:
        with self._mine:
            if self._process == os.getpid():
                os.close(self._file)
            self._process = 0


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _insist(attempt: Callable[[], bool], began: float, seconds: float) -> bool:
    while not attempt():
        waited = time.monotonic() - began
        if waited >= seconds:
            return False
        time.sleep(min(LONGEST, max(SHORTEST, waited / EAGER)))
    return True
