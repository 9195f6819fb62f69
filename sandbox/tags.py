"""Which tags a follower carries."""

from __future__ import annotations

import sqlite3


def tags_of(db: sqlite3.Connection, app: str, neighbour: str) -> list[int]:
    found = db.execute(
        "SELECT tag FROM tagging WHERE app = ? AND neighbour = ? ORDER BY tag", (app, neighbour)
    )
    return [row["tag"] for row in found]


def tagged(db: sqlite3.Connection, app: str, tag: int) -> list[str]:
    found = db.execute(
        "SELECT neighbour FROM tagging WHERE app = ? AND tag = ? ORDER BY neighbour", (app, tag)
    )
    return [row["neighbour"] for row in found]
