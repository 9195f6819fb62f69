"""The account's menu: 3 x 5 buttons, raw UTF-8 only, overwritten as a whole."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from sandbox import media
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints

endpoints = Endpoints()
ESCAPED = re.compile(rb"\\u[0-9a-fA-F]{4}")
KEYED = frozenset(
    "click scancode_push scancode_waitmsg pic_sysphoto pic_photo_or_album pic_weixin location_select".split()
)
STORED = {"media_id": "media_id", "view_limited": "media_id"}
ARTICLES = frozenset({"article_id", "article_view_limited"})
# (codes of the top row, codes of the sub-buttons): type, name, key, url, url's scheme
CODES = {"type": (40017, 40024), "name": (40018, 40025), "key": (40019, 40026), "url": (40020, 40027)}
CODES["scheme"] = (40055, 40054)
NAME_BYTES = (16, 60)


@endpoints.post("/cgi-bin/menu/create", needs="menu")
def create(call: Call) -> Answer:
    if ESCAPED.search(call.raw):
        raise Refused(40033)
    buttons = call.body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise Refused(40016)
    for button in buttons:
        _check_top(call, button)
    body = json.dumps({"button": buttons}, ensure_ascii=False)
    row = (call.app.name, secrets.randbelow(10**8) + 4 * 10**8, body)
    call.db.execute("INSERT OR REPLACE INTO menu VALUES (?, ?, ?)", row)
    return OK


def _check_top(call: Call, button: Any) -> None:
    if not isinstance(button, dict):
        raise Refused(40017)
    below = button.get("sub_button")
    if not below:
        return _check(call, button, 0)
    _check_name(button, 0)
    if not isinstance(below, list) or len(below) > 5:
        raise Refused(40023)
    for each in below:
        if not isinstance(each, dict):
            raise Refused(40024)
        _check(call, each, 1)
    return None


def _check_name(button: dict[str, Any], level: int) -> None:
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= NAME_BYTES[level]:
        raise Refused(CODES["name"][level])


def _check(call: Call, button: dict[str, Any], level: int) -> None:
    _check_name(button, level)
    kind = button.get("type")
    if kind in KEYED:
        _check_size(button, "key", 128, level)
    elif kind in ("view", "miniprogram"):
        _check_link(button, level)
    elif kind in STORED:
        media.find(call.db, call.app.name, button.get("media_id", ""), call.now)
    elif kind not in ARTICLES:
        raise Refused(CODES["type"][level])


def _check_size(button: dict[str, Any], field: str, most: int, level: int) -> None:
    value = button.get(field)
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
        raise Refused(CODES[field][level])


def _check_link(button: dict[str, Any], level: int) -> None:
    _check_size(button, "url", 1024, level)
    if not button["url"].startswith(("http://", "https://")):
        raise Refused(CODES["scheme"][level])
    if button["type"] == "miniprogram" and not (button.get("appid") and button.get("pagepath")):
        raise Refused(40165)


def _menu(call: Call) -> dict[str, Any] | None:
    row = call.db.execute("SELECT body FROM menu WHERE app = ?", (call.app.name,)).fetchone()
    found: dict[str, Any] | None = json.loads(row["body"]) if row else None
    return found


@endpoints.get("/cgi-bin/menu/get", needs="menu")
def get(call: Call) -> Answer:
    menu = _menu(call)
    if menu is None:
        raise Refused(46003)
    return {"menu": menu}


@endpoints.get("/cgi-bin/menu/delete", needs="menu")
def delete(call: Call) -> Answer:
    call.db.execute("DELETE FROM menu WHERE app = ?", (call.app.name,))
    return OK


@endpoints.get("/cgi-bin/get_current_autoreply_info", needs="selfmenu")
def auto_replies(call: Call) -> Answer:
    """Nothing was ever set at this platform's own console."""
    return {"is_add_friend_reply_open": 0, "is_autoreply_open": 0}


@endpoints.get("/cgi-bin/get_current_selfmenu_info", needs="selfmenu")
def current(call: Call) -> Answer:
    """Sub-buttons sit in an extra "list" here."""
    menu = _menu(call) or {"button": []}
    shown = [
        {**each, "sub_button": {"list": each["sub_button"]}} if each.get("sub_button") else each
        for each in menu["button"]
    ]
    return {"is_menu_open": int(bool(shown)), "selfmenu_info": {"button": shown}}
