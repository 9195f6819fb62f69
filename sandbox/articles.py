"""Articles of drafts and publications: what the platform checks, cuts away and shows."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from html import unescape
from typing import Any

from sandbox import media
from sandbox.errors import Refused
from sandbox.gateway import Call

SCRIPT = re.compile(r"<script\b.*?</script\s*>|\son\w+\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE | re.DOTALL)
IMAGE = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']([^\"']*)[\"'][^>]*>", re.IGNORECASE)
TAG = re.compile(r"<[^>]+>")
AUTOMATIC_DIGEST = 54
# field → (most characters, error code)
LENGTHS = {"title": (32, 45003), "author": (16, 45110), "digest": (128, 45004)}


def cleaned(call: Call, given: Any) -> dict[str, Any]:
    """One article as the platform keeps it. Raises Refused naming the limit that is broken."""
    if not isinstance(given, dict) or not given.get("title"):
        raise Refused(47001)
    for field, (most, code) in LENGTHS.items():
        if len(str(given.get(field) or "")) > most:
            raise Refused(code)
    if len(str(given.get("content_source_url") or "").encode()) > 1024:
        raise Refused(45005)
    content = _content(call, given)
    _check_pictures(call, given)
    kind = given.get("article_type", "news")
    return {
        **given,
        "article_type": kind,
        "content": content,
        "digest": given.get("digest") or _digest(content),
    }


def _content(call: Call, given: dict[str, Any]) -> str:
    content = given.get("content")
    if not isinstance(content, str) or not content:
        raise Refused(44004)
    if len(content) >= 20_000 or len(content.encode()) >= 1024 * 1024:
        raise Refused(45002)
    ours = (f"{call.platform.base_url}/media/", "https://mmbiz.qpic.cn/", "http://mmbiz.qpic.cn/")
    return IMAGE.sub(lambda found: found[0] if found[1].startswith(ours) else "", SCRIPT.sub("", content))


def _digest(content: str) -> str:
    return unescape(TAG.sub("", content)).strip()[:AUTOMATIC_DIGEST]


def _check_pictures(call: Call, given: dict[str, Any]) -> None:
    if given.get("article_type", "news") == "news":
        return _must_be_permanent(call, given.get("thumb_media_id"))
    info = given.get("image_info")
    pictures = info.get("image_list") if isinstance(info, dict) else None
    if not isinstance(pictures, list) or not 1 <= len(pictures) <= 20:
        raise Refused(40007)
    for each in pictures:
        _must_be_permanent(call, each.get("image_media_id") if isinstance(each, dict) else None)
    return None


def _must_be_permanent(call: Call, media_id: Any) -> None:
    if media.find(call.db, call.app.name, media_id or "", call.now)["until"] is not None:
        raise Refused(40007)


def draft(call: Call, media_id: Any) -> sqlite3.Row:
    """Raises Refused 40007 for an unknown draft and one that has left the box."""
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM draft WHERE media_id = ? AND app = ? AND spent = 0",
        (str(media_id or ""), call.app.name),
    ).fetchone()
    if row is None:
        raise Refused(40007)
    return row


def publish(db: sqlite3.Connection, app: str, now: float, body: str, status: int) -> tuple[int, str]:
    """A publication's number and the id in its address. status: 1 = on its way, 0 = public."""
    article_id, publish_id = secrets.token_urlsafe(32), secrets.randbelow(10**9) + 2 * 10**9
    row = (publish_id, app, now, article_id, status, body)
    db.execute("INSERT INTO publication VALUES (?, ?, ?, ?, ?, ?)", row)
    return publish_id, article_id


def items(base_url: str, article_id: str, body: str) -> list[dict[str, str]]:
    """An article list as a bubble shows it."""
    shown = []
    for place, each in enumerate(json.loads(body), 1):
        picture = media.url_of(base_url, each["thumb_media_id"]) if each.get("thumb_media_id") else ""
        address = f"{base_url}/s/{article_id}?idx={place}"
        shown.append(
            {"title": each["title"], "description": each["digest"], "url": address, "picurl": picture}
        )
    return shown


def public_article(db: sqlite3.Connection, article_id: str, place: int) -> dict[str, Any] | None:
    row = db.execute(
        "SELECT body FROM publication WHERE article_id = ? AND status = 0", (article_id,)
    ).fetchone()
    found: list[dict[str, Any]] = json.loads(row["body"]) if row else []
    return found[place - 1] if 1 <= place <= len(found) else None
