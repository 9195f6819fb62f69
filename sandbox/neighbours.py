"""The invented neighbours and who they are to each app: one openid per app, one unionid per person."""

from __future__ import annotations

import secrets
import sqlite3
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from sandbox.apps import App

SEED = (
    ("ma-xiulan", "马秀兰"),
    ("cairang-zhuoma", "才让卓玛"),
    ("wang-jianguo", "王建国"),
    ("han-yumei", "韩玉梅"),
    ("qi-ming", "祁明"),
    ("li-xiaoyu", "李小雨"),
    ("su-hailong", "苏海龙"),
    ("chen-aniang", "陈阿娘"),
)
COLOURS = (
    "#c0563f",
    "#2f7d6b",
    "#3a6ea5",
    "#a2678a",
    "#7a6a3a",
    "#5b8c3e",
    "#8a5a3c",
    "#54609a",
    "#b07d2b",
    "#3f8f9f",
)


@dataclass(frozen=True)
class Neighbour:
    id: str
    name: str
    colour: str
    phone: str
    unionid: str

    def public(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name, "colour": self.colour}


def seed(db: sqlite3.Connection) -> None:
    if db.execute("SELECT 1 FROM neighbour LIMIT 1").fetchone() is None:
        for id_, name in SEED:
            _insert(db, id_, name)


def create(db: sqlite3.Connection, name: str) -> Neighbour:
    return _insert(db, "n" + secrets.token_hex(5), name)


def _insert(db: sqlite3.Connection, id_: str, name: str) -> Neighbour:
    place = db.execute("SELECT count(*) FROM neighbour").fetchone()[0]
    # 199 0971 xxxx: the mobile shape with Xining's area code inside; the people are invented, so are the numbers.
    made = Neighbour(
        id_, name, COLOURS[place % len(COLOURS)], f"1990971{place:04d}", "oU" + _digest(id_)[:26]
    )
    row = (made.id, made.name, made.colour, made.phone, made.unionid, place)
    db.execute("INSERT INTO neighbour VALUES (?, ?, ?, ?, ?, ?)", row)
    return made


def everyone(db: sqlite3.Connection) -> list[Neighbour]:
    return [_neighbour(row) for row in db.execute("SELECT * FROM neighbour ORDER BY place")]


def find(db: sqlite3.Connection, id_: str) -> Neighbour | None:
    row = db.execute("SELECT * FROM neighbour WHERE id = ?", (id_,)).fetchone()
    return _neighbour(row) if row else None


def _neighbour(row: sqlite3.Row) -> Neighbour:
    return Neighbour(row["id"], row["name"], row["colour"], row["phone"], row["unionid"])


def openid_of(db: sqlite3.Connection, app: App, neighbour: str, snapshot: bool = False) -> str:
    """28 characters, another one for every app; a snapshot reader is a virtual user with an openid of its own."""
    openid = "o" + _digest(f"{app.appid}|{neighbour}|{'snapshot' if snapshot else ''}")[:27]
    known = db.execute("SELECT 1 FROM openid WHERE openid = ?", (openid,)).fetchone()
    if known is None:
        db.execute(
            "INSERT OR IGNORE INTO openid VALUES (?, ?, ?, ?)", (openid, app.appid, neighbour, int(snapshot))
        )
    return openid


def owner_of(db: sqlite3.Connection, app: App, openid: str) -> Neighbour | None:
    """None when this app never met that openid; a snapshot reader cannot be written to."""
    row = db.execute(
        "SELECT n.* FROM openid o JOIN neighbour n ON n.id = o.neighbour"
        " WHERE o.openid = ? AND o.appid = ? AND o.snapshot = 0",
        (openid, app.appid),
    ).fetchone()
    return _neighbour(row) if row else None


def _digest(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).decode()
