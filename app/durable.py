"""An answer leaves only after the disk has what it says; but nobody holds SQLite's one turn to write while waiting.

A commit with `synchronous=FULL` waits for the disk under the write lock, longer than most units work: everybody else
waits with it. With NORMAL a commit only puts its pages behind the others in the journal (the -wal file), and what is
wanting is one fdatasync of that file. It is done here, after the turn was given back and before the answer leaves, and
one is for all that were committed until it began. A journal that breaks off is read up to its last whole commit, so
what lies on the disk is always a beginning of what was done: whoever builds on a commit of others and waits for the
disk has theirs there too. SQLite itself waits for the journal before it is copied into the database and begun again.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path


class Journal:
    """`path` is SQLite's own file. Safe between threads and across a fork."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._file = self._process = self._inode = 0
        self._committed = self._kept = 0

    def note_commit(self) -> int:
        """For who has the turn and has committed: the number to wait for."""
        self._committed += 1
        return self._committed

    def wait_for_disk(self, number: int) -> None:
        """Until the disk has this commit and all before it. OSError when the disk broke: it may or may not."""
        with self._lock:
            if self._kept >= number:
                return
            committed, file = self._committed, self._open()
            if file is not None:
                os.fdatasync(file)
            self._kept = committed

    def _open(self) -> int | None:
        """None when there is no such file: SQLite could not keep one here, and has waited by itself. A new file's name
        must be on the disk as well. (Closing a journal gives no lock of SQLite's away: they lie on the other files.)"""
        try:
            there = self._path.stat().st_ino
        except FileNotFoundError:
            return None
        if (os.getpid(), there) != (self._process, self._inode):
            self.close()
            self._file = os.open(self._path, os.O_RDWR)
            self._process, self._inode = os.getpid(), there
            _keep_names(self._path.parent)
        return self._file

    def close(self) -> None:
        if self._process == os.getpid():
            os.close(self._file)
        self._process = 0


def _keep_names(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
