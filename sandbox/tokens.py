"""Access tokens in two slots that know nothing of each other, as on the platform.

Classic: every fetch makes a new token, the one before it lives five minutes more. Stable: the same token until five
minutes before its end; only a forced refresh kills it at once.
"""

from __future__ import annotations

import secrets
import sqlite3

from sandbox.apps import App, Apps
from sandbox.errors import UNKNOWN_CREDENTIAL, Refused
from sandbox.periods import day_of
from sandbox.platform import count
from sandbox.rules import FORCE_REFRESH_PAUSE, FORCE_REFRESH_PER_DAY, TOKEN_LIFE, TOKEN_OVERLAP


def known_app(apps: Apps, appid: str, secret: str) -> App:
    """Raises Refused 41002, 40013, 41004 or 40125, in the platform's order."""
    if not appid:
        raise Refused(41002)
    app = apps.by_appid(appid)
    if app is None:
        raise Refused(40013)
    if not secret:
        raise Refused(41004)
    if not secrets.compare_digest(secret.encode(), app.secret.encode()):
        raise Refused(40125)
    return app


def bearer(db: sqlite3.Connection, apps: Apps, token: str, now: float) -> App:
    """Whose token this is; raises Refused 41001 (none), 40001 (unknown or replaced) or 42001 (expired)."""
    if not token:
        raise Refused(41001)
    row = db.execute("SELECT * FROM token WHERE token = ?", (token,)).fetchone()
    app = apps.named(row["app"]) if row else None
    if app is None or (row["killed"] is not None and row["killed"] <= now):
        raise Refused(40001, UNKNOWN_CREDENTIAL)
    if row["until"] <= now:
        raise Refused(42001)
    return app


def classic(db: sqlite3.Connection, app: App, now: float) -> tuple[str, int]:
    """A new token and its life in seconds; the last one overlaps for five minutes."""
    db.execute(
        "UPDATE token SET killed = ? WHERE app = ? AND slot = 'classic' AND (killed IS NULL OR killed > ?)",
        (now + TOKEN_OVERLAP, app.name, now + TOKEN_OVERLAP),
    )
    return _issue(db, app, "classic", now), TOKEN_LIFE


def stable(db: sqlite3.Connection, app: App, now: float, force: bool) -> tuple[str, int]:
    """The valid token with the seconds it has left, or a new one near the end."""
    row = db.execute(
        "SELECT * FROM token WHERE app = ? AND slot = 'stable' AND killed IS NULL ORDER BY issued DESC LIMIT 1",
        (app.name,),
    ).fetchone()
    if force:
        return _forced(db, app, row, now), TOKEN_LIFE
    if row is not None and row["until"] - now > TOKEN_OVERLAP and row["issued"] <= now:
        return row["token"], int(row["until"] - now)
    return _issue(db, app, "stable", now), TOKEN_LIFE


def _forced(db: sqlite3.Connection, app: App, row: sqlite3.Row | None, now: float) -> str:
    if row is not None and 0 <= now - row["issued"] < FORCE_REFRESH_PAUSE and _was_forced(db, app, now):
        raise Refused(45011)
    if count(db, app.name, "force_refresh", day_of(now)) > FORCE_REFRESH_PER_DAY:
        raise Refused(45009)
    db.execute(
        "UPDATE token SET killed = ? WHERE app = ? AND slot = 'stable' AND killed IS NULL", (now, app.name)
    )
    return _issue(db, app, "stable", now)


def _was_forced(db: sqlite3.Connection, app: App, now: float) -> bool:
    found = db.execute("SELECT 1 FROM usage WHERE app = ? AND what = 'force_refresh'", (app.name,)).fetchone()
    return found is not None


def _issue(db: sqlite3.Connection, app: App, slot: str, now: float) -> str:
    token = "96_" + secrets.token_urlsafe(100)
    row = (token, app.name, slot, now, now + TOKEN_LIFE)
    db.execute("INSERT INTO token (token, app, slot, issued, until) VALUES (?, ?, ?, ?, ?)", row)
    db.execute("DELETE FROM token WHERE until < ?", (now - 86400,))
    return token


def expire_all(db: sqlite3.Connection, now: float) -> int:
    """Every token ends now (42001); returns how many did."""
    return db.execute("UPDATE token SET until = ? WHERE until > ?", (now, now)).rowcount
