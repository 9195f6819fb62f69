"""Single-use codes of five minutes: web login, mini-program login, phone number."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass

from sandbox.apps import App
from sandbox.errors import Refused
from sandbox.neighbours import openid_of
from sandbox.rules import CODE_LIFE


@dataclass(frozen=True)
class Grant:
    """What a code will be exchanged for; purpose: web | login | phone."""

    app: App
    neighbour: str
    purpose: str
    scope: str = ""
    snapshot: bool = False


def issue(db: sqlite3.Connection, grant: Grant, now: float) -> str:
    code = "0" + secrets.token_urlsafe(24)[:31]
    openid = openid_of(db, grant.app, grant.neighbour, grant.snapshot)
    row = (
        code,
        grant.app.name,
        grant.purpose,
        openid,
        grant.neighbour,
        grant.scope,
        now + CODE_LIFE,
        grant.snapshot,
    )
    db.execute("INSERT INTO code VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)", row)
    return code


def redeem(db: sqlite3.Connection, app: App, purpose: str, code: str, now: float) -> sqlite3.Row:
    """Raises Refused 40029 for an unknown, foreign or old code and 40163 for a used one."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM code WHERE code = ? AND app = ? AND purpose = ?", (code, app.name, purpose)
    ).fetchone()
    if row is None or row["until"] <= now:
        raise Refused(40029)
    if row["used"]:
        raise Refused(40163)
    db.execute("UPDATE code SET used = 1 WHERE code = ?", (code,))
    return row
