"""What one neighbour is to one app: following or not, which answer windows are open, which grants are stored."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sandbox.errors import Refused
from sandbox.rules import REPLY_WINDOWS


@dataclass(frozen=True)
class Contact:
    app: str
    neighbour: str
    following: bool = False
    followed_at: float | None = None
    scene: str = "ADD_SCENE_SEARCH"
    qr_scene: int = 0
    qr_scene_str: str = ""
    remark: str = ""
    last_message_at: float | None = None
    typing_until: float = 0
    visited_at: float | None = None
    session_key: str | None = None


def contact(db: sqlite3.Connection, app: str, neighbour: str) -> Contact:
    row = db.execute("SELECT * FROM contact WHERE app = ? AND neighbour = ?", (app, neighbour)).fetchone()
    if row is None:
        return Contact(app, neighbour)
    return Contact(**{**dict(row), "following": bool(row["following"])})


def change_contact(db: sqlite3.Connection, app: str, neighbour: str, **values: object) -> None:
    """Column names come from this package only, never from a request."""
    db.execute("INSERT OR IGNORE INTO contact (app, neighbour) VALUES (?, ?)", (app, neighbour))
    columns = ", ".join(f"{name} = ?" for name in values)
    db.execute(
        f"UPDATE contact SET {columns} WHERE app = ? AND neighbour = ?",  # noqa: S608 - our own names
        (*values.values(), app, neighbour),
    )


def followers(db: sqlite3.Connection, app: str) -> list[str]:
    found = db.execute(
        "SELECT neighbour FROM contact WHERE app = ? AND following ORDER BY followed_at, neighbour", (app,)
    )
    return [row["neighbour"] for row in found]


def unfollow(db: sqlite3.Connection, app: str, neighbour: str) -> None:
    """Windows close at once; tags and remark are gone, as on the platform."""
    change_contact(db, app, neighbour, following=0, remark="", last_message_at=None)
    db.execute("DELETE FROM reply_window WHERE app = ? AND neighbour = ?", (app, neighbour))
    db.execute("DELETE FROM tagging WHERE app = ? AND neighbour = ?", (app, neighbour))


def open_window(db: sqlite3.Connection, app: str, neighbour: str, cause: str, now: float) -> None:
    """A new act resets the counter of its own kind and leaves the others as they are."""
    count, seconds = REPLY_WINDOWS[cause]
    db.execute(
        "INSERT INTO reply_window VALUES (?, ?, ?, ?, ?) ON CONFLICT (app, neighbour, cause)"
        " DO UPDATE SET until = excluded.until, left = excluded.left",
        (app, neighbour, cause, now + seconds, count),
    )


def spend_window(db: sqlite3.Connection, app: str, neighbour: str, now: float) -> None:
    """Take one customer-service message from the window that closes first.

    Raises Refused 45015 when no window is open, 45047 when every open one is used up.
    """
    open_ones = db.execute(
        "SELECT cause, left FROM reply_window WHERE app = ? AND neighbour = ? AND until > ? ORDER BY until",
        (app, neighbour, now),
    ).fetchall()
    if not open_ones:
        raise Refused(45015)
    usable = next((row["cause"] for row in open_ones if row["left"] > 0), None)
    if usable is None:
        raise Refused(45047)
    db.execute(
        "UPDATE reply_window SET left = left - 1 WHERE app = ? AND neighbour = ? AND cause = ?",
        (app, neighbour, usable),
    )


def grant(db: sqlite3.Connection, app: str, neighbour: str, template_id: str, always: bool) -> None:
    """One accept stores one message, without a time limit."""
    db.execute(
        "INSERT INTO template_grant VALUES (?, ?, ?, 1, ?) ON CONFLICT (app, neighbour, template_id)"
        " DO UPDATE SET left = left + 1, always = max(always, excluded.always)",
        (app, neighbour, template_id, int(always)),
    )


def always_granted(db: sqlite3.Connection, app: str, neighbour: str, template_id: str) -> bool:
    row = _grant(db, app, neighbour, template_id)
    return bool(row and row["always"])


def revoke(db: sqlite3.Connection, app: str, neighbour: str, template_id: str) -> None:
    db.execute(
        "DELETE FROM template_grant WHERE app = ? AND neighbour = ? AND template_id = ?",
        (app, neighbour, template_id),
    )


def spend_grant(db: sqlite3.Connection, app: str, neighbour: str, template_id: str, long_term: bool) -> None:
    """Raises Refused 43101 when nothing is granted; a long-term grant is not used up."""
    row = _grant(db, app, neighbour, template_id)
    if row is None or row["left"] < 1:
        raise Refused(43101)
    if not long_term:
        db.execute(
            "UPDATE template_grant SET left = left - 1 WHERE app = ? AND neighbour = ? AND template_id = ?",
            (app, neighbour, template_id),
        )


def _grant(db: sqlite3.Connection, app: str, neighbour: str, template_id: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM template_grant WHERE app = ? AND neighbour = ? AND template_id = ?",
        (app, neighbour, template_id),
    ).fetchone()
    return found
