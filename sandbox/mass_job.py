"""Delivering a mass send: who still follows, who has had four this month, and the event that counts them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.apps import App
from sandbox.chat import Bubble, say
from sandbox.contacts import contact
from sandbox.neighbours import openid_of
from sandbox.periods import month_of
from sandbox.platform import Platform
from sandbox.rules import MASS_PER_MONTH

REFUSED_BY_ADMIN = "err(40001)"


def run(platform: Platform, msg_id: int) -> None:
    """Deliver once; a second run of the same job finds nothing to do."""
    now = platform.clock.now()
    with platform.store.writing() as db:
        row = db.execute("SELECT * FROM mass WHERE msg_id = ? AND status = 'SENDING'", (msg_id,)).fetchone()
        app = platform.apps.named(row["app"]) if row else None
        if row is None or app is None:
            return
        counts = _delivered(db, app, row, now)
        db.execute("UPDATE mass SET status = 'SEND_SUCCESS' WHERE msg_id = ?", (msg_id,))
    report(platform, app, msg_id, "send success", counts)


def refuse(platform: Platform, msg_id: int) -> None:
    """The administrator said no."""
    with platform.store.writing() as db:
        row = db.execute("SELECT * FROM mass WHERE msg_id = ? AND status = 'SENDING'", (msg_id,)).fetchone()
        app = platform.apps.named(row["app"]) if row else None
        if row is None or app is None:
            return
        db.execute("UPDATE mass SET status = 'SEND_FAIL' WHERE msg_id = ?", (msg_id,))
    counts = {
        "TotalCount": len(json.loads(row["readers"])),
        "FilterCount": 0,
        "SentCount": 0,
        "ErrorCount": 0,
    }
    report(platform, app, msg_id, REFUSED_BY_ADMIN, counts)


def report(platform: Platform, app: App, msg_id: int, status: str, counts: dict[str, Any]) -> None:
    platform.event_soon(app, "mphelper", "MASSSENDJOBFINISH", {"MsgID": msg_id, "Status": status, **counts})


def _delivered(db: sqlite3.Connection, app: App, row: sqlite3.Row, now: float) -> dict[str, Any]:
    job, readers = json.loads(row["body"]), json.loads(row["readers"])
    following = [each for each in readers if contact(db, app.name, each).following]
    reached = [each for each in following if _may_read(db, app, each, now)]
    for reader in reached:
        openid = openid_of(db, app, reader)
        say(db, app.name, reader, openid, now, Bubble("account", job["kind"], job["body"], "mass"))
        db.execute(
            "INSERT INTO mass_receipt VALUES (?, ?, ?, ?)", (app.name, reader, month_of(now), row["msg_id"])
        )
    if job["draft"]:
        db.execute("UPDATE draft SET spent = 1 WHERE media_id = ?", (job["draft"],))
    counts = {"TotalCount": len(readers), "FilterCount": len(following), "SentCount": len(reached)}
    return {**counts, "ErrorCount": len(following) - len(reached), **_addresses(job)}


def _may_read(db: sqlite3.Connection, app: App, reader: str, now: float) -> bool:
    if app.kind != "service":
        return True
    query = "SELECT count(*) FROM mass_receipt WHERE app = ? AND neighbour = ? AND month = ?"
    had = db.execute(query, (app.name, reader, month_of(now))).fetchone()[0]
    return int(had) < MASS_PER_MONTH


def _addresses(job: dict[str, Any]) -> dict[str, Any]:
    if not job["draft"]:
        return {}
    item = [{"ArticleIdx": n, "ArticleUrl": each["url"]} for n, each in enumerate(job["body"]["items"], 1)]
    return {"ArticleUrlResult": {"Count": len(item), "ResultList": {"item": item}}}
