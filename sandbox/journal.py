"""The log of every API call, with secrets cut short before they are written down."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from sandbox.state import Store

SECRET = re.compile(
    r'(?<![A-Za-z_])((?:access_token|refresh_token|appsecret|secret|session_key|js_code|code|signature)"?\s*[:=]\s*"?)'
    r'([^"&,}\s]{0,4})[^"&,}\s]*'
)
MOST_CHARACTERS = 20_000


@dataclass
class Entry:
    at: float
    rid: str
    path: str
    app: str | None = None
    errcode: int = 0


def masked(text: str) -> str:
    return SECRET.sub(r"\1\2…", text)


def write(store: Store, entry: Entry, response: Response, ms: int) -> None:
    row = (
        entry.at,
        entry.app,
        entry.rid,
        request.method,
        entry.path,
        masked(urlencode(list(request.args.items(multi=True)), safe="/:@")),
        masked(_shown(request.get_data(), request.mimetype or "")),
        entry.errcode,
        masked(_shown(response.get_data(), response.mimetype or "")),
        ms,
        request.remote_addr or "",
    )
    with store.writing() as db:
        db.execute(
            "INSERT INTO call (at, app, rid, method, path, query, request, errcode, response, ms, client)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )


def _shown(content: bytes, mime: str) -> str:
    if mime.startswith(("image/", "audio/", "video/", "multipart/")):
        return f"<{len(content)} bytes {mime}>"
    return content.decode("utf-8", "replace")[:MOST_CHARACTERS]


def calls(db: sqlite3.Connection, path: str, after: int, limit: int) -> list[dict[str, Any]]:
    """Oldest first; the last `limit` calls whose path starts with `path`."""
    rows = db.execute(
        "SELECT * FROM call WHERE id > ? AND substr(path, 1, ?) = ? ORDER BY id DESC LIMIT ?",
        (after, len(path), path, limit),
    ).fetchall()
    return [dict(row) for row in reversed(rows)]
