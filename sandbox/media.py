"""Stored files: temporary ones live three days, permanent ones until they are deleted."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass

from sandbox.errors import Refused
from sandbox.pictures import kind_of
from sandbox.rules import TEMPORARY_MEDIA_LIFE

MB = 1024 * 1024
# kind → (largest size in bytes, MIME types)
ALLOWED = {
    "image": (10 * MB, {"image/png", "image/jpeg", "image/gif"}),
    "voice": (2 * MB, {"audio/amr", "audio/mpeg"}),
    "video": (10 * MB, {"video/mp4"}),
    "thumb": (64 * 1024, {"image/jpeg"}),
}


@dataclass(frozen=True)
class Upload:
    kind: str
    content: bytes
    filename: str = "file"
    title: str = ""
    introduction: str = ""
    permanent: bool = False


def check(upload: Upload) -> str:
    """The MIME type; raises Refused 40004, 40005, 40006, 40009 or 44001 as the platform does."""
    if upload.kind not in ALLOWED:
        raise Refused(40004)
    if not upload.content:
        raise Refused(44001)
    most, types = ALLOWED[upload.kind]
    mime = kind_of(upload.content)
    if mime not in types:
        raise Refused(40005)
    if len(upload.content) > most:
        raise Refused(40009 if upload.kind in ("image", "thumb") else 40006)
    return mime


def keep(db: sqlite3.Connection, app: str, upload: Upload, mime: str, now: float) -> str:
    media_id = secrets.token_urlsafe(48)[:64]
    until = None if upload.permanent else now + TEMPORARY_MEDIA_LIFE
    db.execute(
        "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            media_id,
            app,
            upload.kind,
            until,
            now,
            mime,
            upload.filename,
            upload.title,
            upload.introduction,
            upload.content,
        ),
    )
    return media_id


def find(db: sqlite3.Connection, app: str, media_id: object, now: float) -> sqlite3.Row:
    """Raises Refused 40007 for an unknown file, another app's file and one older than three days."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM media WHERE media_id = ? AND app = ?", (str(media_id), app)
    ).fetchone()
    if row is None or (row["until"] is not None and row["until"] <= now):
        raise Refused(40007)
    return row


def url_of(base_url: str, media_id: str) -> str:
    return f"{base_url}/media/{media_id}"
