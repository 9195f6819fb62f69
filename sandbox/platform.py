"""The platform as one object: what every page and every call of the API needs at hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any

from sandbox import neighbours
from sandbox.apps import App, Apps
from sandbox.clock import Clock
from sandbox.faults import FaultBoard
from sandbox.periods import MinuteCounter
from sandbox.push import Outgoing, Pusher, event
from sandbox.state import Store

# Results of sending reach the webhook a moment after the call was answered, as on the real platform.
EVENT_DELAY = 0.25


@dataclass
class Platform:
    store: Store
    apps: Apps
    clock: Clock
    board: FaultBoard
    pusher: Pusher
    base_url: str
    minutes: MinuteCounter = field(default_factory=MinuteCounter)

    @classmethod
    def build(cls, folder: Path, apps: Apps, clock: Clock, base_url: str) -> Platform:
        folder.mkdir(parents=True, exist_ok=True)
        store, board = Store(folder / "sandbox.sqlite3"), FaultBoard()
        with store.writing() as db:
            neighbours.seed(db)
        return cls(store, apps, clock, board, Pusher(store, apps, clock, board, base_url), base_url)

    def soon(self, action: Callable[[], object], delay: float = EVENT_DELAY) -> None:
        timer = Timer(delay, action)
        timer.daemon = True
        timer.start()

    def event_soon(self, app: App, openid: str, name: str, fields: dict[str, Any]) -> None:
        """Push a silent event from the background; the webhook's answer concerns nobody."""

        def send() -> None:
            self.pusher.push(
                Outgoing(app, openid, event(app, openid, self.clock.now(), name, fields), "silent")
            )

        self.soon(send)


def usage(db: sqlite3.Connection, app: str, what: str, period: str) -> int:
    row = db.execute(
        "SELECT used FROM usage WHERE app = ? AND what = ? AND period = ?", (app, what, period)
    ).fetchone()
    return int(row["used"]) if row else 0


def count(db: sqlite3.Connection, app: str, what: str, period: str) -> int:
    """One more; returns how many it are now."""
    db.execute(
        "INSERT INTO usage VALUES (?, ?, ?, 1) ON CONFLICT (app, what, period) DO UPDATE SET used = used + 1",
        (app, what, period),
    )
    return usage(db, app, what, period)
