"""The bubbles of every conversation: what the neighbour sees, and at the same time the oracle of what was sent."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"


@dataclass(frozen=True)
class Bubble:
    """sender: me | account | system; via names the channel when the account speaks."""

    sender: str
    kind: str
    body: dict[str, Any] = field(default_factory=dict)
    via: str | None = None
    push: int | None = None


def say(db: sqlite3.Connection, app: str, neighbour: str, openid: str, now: float, bubble: Bubble) -> int:
    row = (
        app,
        neighbour,
        openid,
        now,
        bubble.sender,
        bubble.kind,
        bubble.via,
        bubble.push,
        _text(bubble.body),
    )
    made = db.execute(
        "INSERT INTO bubble (app, neighbour, openid, at, sender, kind, via, push, body) VALUES (?,?,?,?,?,?,?,?,?)",
        row,
    )
    return int(made.lastrowid or 0)


def bubbles(db: sqlite3.Connection, app: str, neighbour: str, after: int = 0) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT * FROM bubble WHERE app = ? AND neighbour = ? AND seq > ? ORDER BY seq",
        (app, neighbour, after),
    )
    return [_public(row) for row in rows]


def last_seq(db: sqlite3.Connection, app: str, neighbour: str) -> int:
    found = db.execute(
        "SELECT max(seq) FROM bubble WHERE app = ? AND neighbour = ?", (app, neighbour)
    ).fetchone()
    return int(found[0] or 0)


def sent(
    db: sqlite3.Connection, openid: str | None, via: str | None, after: int, limit: int
) -> list[dict[str, Any]]:
    """What reached people, oldest first; the last `limit` of them."""
    rows = db.execute(
        "SELECT * FROM bubble WHERE sender = 'account' AND seq > ? AND (? IS NULL OR openid = ?)"
        " AND (? IS NULL OR via = ?) ORDER BY seq DESC LIMIT ?",
        (after, openid, openid, via, via, limit),
    ).fetchall()
    return [_with_reader(row) for row in reversed(rows)]


def _with_reader(row: sqlite3.Row) -> dict[str, Any]:
    return {**_public(row), "account": row["app"], "openid": row["openid"], "neighbour": row["neighbour"]}


def _public(row: sqlite3.Row) -> dict[str, Any]:
    shown = {"seq": row["seq"], "at": int(row["at"]), "from": row["sender"], "kind": row["kind"]}
    shown.update({key: row[key] for key in ("via", "push") if row[key] is not None})
    return {**json.loads(row["body"]), **shown}


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)
