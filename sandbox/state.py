"""The platform's one SQLite file: many readers, one short writer, never a lock across the wire.

Whoever pushes to a webhook or waits for one must not hold `writing()`: pushes and incoming calls overlap, and the
webhook usually calls back before it answers.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any

from sandbox.schema import SCHEMA

DEFAULT_SETTINGS: dict[str, Any] = {
    "deliveries": 3,  # whether WeChat means 3 or 1+3 is not written down; field reports say 3 in all
    "timeout_seconds": 5.0,
    "retry_pause_seconds": 1.0,  # between deliveries that failed at once; after a time-out there is none
    "unionid": True,  # are the apps bound to one Open Platform account?
    "snapshot_user": False,  # does the authorise page hand out a virtual reader?
    "mass_confirm": False,  # must an administrator confirm what goes to everybody?
    "risky_words": ["赌博", "代开发票", "裸聊", "刷单"],
}


class Store:
    """`reading()` and `writing()` yield connections whose rows know their columns by name."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._write_lock = Lock()
        self._writer = self._open()
        self._writer.executescript(SCHEMA)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._file, check_same_thread=False, isolation_level=None, timeout=10)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode=WAL")
        # Losing the last seconds of a game in a power cut is fine; a killed process loses nothing.
        db.execute("PRAGMA synchronous=OFF")
        return db

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        try:
            db = self._idle.get_nowait()
        except Empty:
            db = self._open()
        try:
            yield db
        finally:
            self._idle.put(db)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Commit on return, roll back on any exception."""
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def settings(self) -> dict[str, Any]:
        with self.reading() as db:
            return read_settings(db)

    def change_settings(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Raises KeyError on a name that is no setting, TypeError on a value of another kind."""
        for name, value in changes.items():
            wanted = type(DEFAULT_SETTINGS[name])
            if not isinstance(value, (int, float) if wanted is float else wanted):
                raise TypeError(name)
        with self.writing() as db:
            db.executemany(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [(name, json.dumps(value)) for name, value in changes.items()],
            )
            return read_settings(db)


def read_settings(db: sqlite3.Connection) -> dict[str, Any]:
    stored = {row["name"]: json.loads(row["value"]) for row in db.execute("SELECT * FROM setting")}
    return {**DEFAULT_SETTINGS, **stored}
