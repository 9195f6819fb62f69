"""Parametric QR codes: temporary ones die after 60 seconds unless told otherwise, permanent ones are counted."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Any

from flask import Blueprint, Response, request

from sandbox.errors import Refused
from sandbox.gateway import Answer, Call, Endpoints
from sandbox.pictures import qr_png
from sandbox.platform import Platform
from sandbox.rules import QR_DEFAULT_SECONDS, QR_MOST_PERMANENT, QR_MOST_SECONDS

endpoints = Endpoints()
LINK = "http://weixin.qq.com/q/"
# action → (permanent, scene is a string)
ACTIONS = {
    "QR_SCENE": (False, False),
    "QR_STR_SCENE": (False, True),
    "QR_LIMIT_SCENE": (True, False),
    "QR_LIMIT_STR_SCENE": (True, True),
}


@endpoints.post("/cgi-bin/qrcode/create", needs="qrcode")
def create(call: Call) -> Answer:
    permanent, by_text = _action(call.body)
    scene_id, scene_str = _scene(call.body, permanent, by_text)
    seconds = None if permanent else _seconds(call.body)
    if permanent:
        _leave_room(call)
    ticket, short = "gQ" + secrets.token_urlsafe(70), secrets.token_urlsafe(15)
    until = None if seconds is None else call.now + seconds
    row = (ticket, call.app.name, short, scene_id, scene_str, until)
    call.db.execute("INSERT INTO qrcode VALUES (?, ?, ?, ?, ?, ?)", row)
    life = {} if seconds is None else {"expire_seconds": seconds}
    return {"ticket": ticket, **life, "url": LINK + short}


def _action(body: dict[str, Any]) -> tuple[bool, bool]:
    try:
        return ACTIONS[str(body.get("action_name"))]
    except KeyError as error:
        raise Refused(40052) from error


def _scene(body: dict[str, Any], permanent: bool, by_text: bool) -> tuple[int, str]:
    info = body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict):
        raise Refused(40053)
    value = scene.get("scene_str" if by_text else "scene_id")
    if by_text:
        if not isinstance(value, str) or not 1 <= len(value) <= 64:
            raise Refused(40053)
        return 0, value
    most = 100_000 if permanent else 2**32 - 1
    if not isinstance(value, int) or not 1 <= value <= most:
        raise Refused(40053)
    return value, ""


def _seconds(body: dict[str, Any]) -> int:
    seconds = body.get("expire_seconds", QR_DEFAULT_SECONDS)
    if not isinstance(seconds, int) or not 1 <= seconds <= QR_MOST_SECONDS:
        raise Refused(40053)
    return seconds


def _leave_room(call: Call) -> None:
    query = "SELECT count(*) FROM qrcode WHERE app = ? AND until IS NULL"
    if call.db.execute(query, (call.app.name,)).fetchone()[0] >= QR_MOST_PERMANENT:
        raise Refused(45029)


def live_codes(db: sqlite3.Connection, now: float) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM qrcode WHERE until IS NULL OR until > ? ORDER BY rowid DESC", (now,)
    ).fetchall()


def code_in(db: sqlite3.Connection, content: str) -> sqlite3.Row | None:
    """The code that a scanned address or a pasted ticket names, dead or alive."""
    short = content.removeprefix(LINK).removeprefix("https://weixin.qq.com/q/")
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM qrcode WHERE ticket = ? OR short = ?", (content, short)
    ).fetchone()
    return found


def scene_of(row: sqlite3.Row) -> str:
    return row["scene_str"] or str(row["scene_id"])


def picture_pages(platform: Platform) -> Blueprint:
    pages = Blueprint("qrcode_pictures", __name__)

    @pages.get("/cgi-bin/showqrcode")
    def show() -> Response:
        """HTTP 404 on a bad ticket: the one place where the platform does not answer 200."""
        with platform.store.reading() as db:
            row = db.execute(
                "SELECT * FROM qrcode WHERE ticket = ?", (request.args.get("ticket", ""),)
            ).fetchone()
        if row is None or (row["until"] is not None and row["until"] <= platform.clock.now()):
            return Response("", 404)
        return Response(qr_png(LINK + row["short"]), mimetype="image/png")

    return pages
