"""Touching a menu button: which event it causes depends on the button's type."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sandbox.acts import Hand, NotPossible, send
from sandbox.chat import Bubble
from sandbox.errors import Refused
from sandbox.media import find, url_of
from sandbox.pictures import sample_picture
from sandbox.push import Outgoing

PICTURE_BUTTONS = ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")


def menu_of(hand: Hand) -> tuple[dict[str, Any] | None, int]:
    """The menu and its number, (None, 0) without one."""
    row = hand.db.execute("SELECT * FROM menu WHERE app = ?", (hand.app.name,)).fetchone()
    return (json.loads(row["body"]), row["menuid"]) if row else (None, 0)


def buttons(menu: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The touchable ones: those with sub-buttons only unfold."""
    found: list[dict[str, Any]] = []
    for button in (menu or {}).get("button", []):
        found += button.get("sub_button") or [button]
    return found


def click(hand: Hand, key: str, given: dict[str, Any]) -> list[Outgoing]:
    """A key that no button carries is pushed as a plain CLICK: old menus live on in phones for five minutes."""
    _must_follow(hand)
    menu, _ = menu_of(hand)
    button = next((each for each in buttons(menu) if each.get("key") == key), {"type": "click"})
    kind = str(button.get("type"))
    if kind in ("scancode_push", "scancode_waitmsg"):
        return [_scan(hand, kind, key, str(given.get("scan_result", "")))]
    if kind in PICTURE_BUTTONS:
        return _picture(hand, kind, key)
    if kind == "location_select":
        return _location(hand, key, given)
    hand.opens("click")
    return [hand.event("CLICK", {"EventKey": key})]


def _must_follow(hand: Hand) -> None:
    if not hand.is_following():
        raise NotPossible("还没有关注，看不到菜单")


def _scan(hand: Hand, kind: str, key: str, result: str) -> Outgoing:
    hand.opens("click")
    info = {"ScanType": "qrcode", "ScanResult": result}
    return hand.event(kind, {"EventKey": key, "ScanCodeInfo": info}, silent=kind == "scancode_push")


def _picture(hand: Hand, kind: str, key: str) -> list[Outgoing]:
    md5 = hashlib.md5(sample_picture(), usedforsecurity=False).hexdigest()
    info = {"Count": 1, "PicList": {"item": {"PicMd5Sum": md5}}}
    first = hand.event(kind, {"EventKey": key, "SendPicsInfo": info}, silent=True)
    return [first, *send(hand, "image", {}, None)]


def _location(hand: Hand, key: str, given: dict[str, Any]) -> list[Outgoing]:
    following = send(hand, "location", given, None)
    place = {"Location_X": str(given["lat"]), "Location_Y": str(given["lng"]), "Scale": "16"}
    info = {**place, "Label": str(given.get("label", "")), "Poiname": str(given.get("poiname", ""))}
    return [
        hand.event("location_select", {"EventKey": key, "SendLocationInfo": info}, silent=True),
        *following,
    ]


def view(hand: Hand, url: str) -> list[Outgoing]:
    """Opens no answer window: looking at a page is no message."""
    _must_follow(hand)
    _, number = menu_of(hand)
    return [hand.event("VIEW", {"EventKey": url, "MenuId": number}, silent=True)]


def view_mini_program(hand: Hand, pagepath: str) -> list[Outgoing]:
    _must_follow(hand)
    _, number = menu_of(hand)
    return [hand.event("view_miniprogram", {"EventKey": pagepath, "MenuId": number}, silent=True)]


def show_media(hand: Hand, media_id: str) -> list[Outgoing]:
    """A media_id button sends the stored file without any event."""
    _must_follow(hand)
    try:
        row = find(hand.db, hand.app.name, media_id, hand.now)
    except Refused as error:
        raise NotPossible("菜单里的素材不在了") from error
    body = {"url": url_of(hand.base_url, media_id)}
    hand.adds(Bubble("account", str(row["kind"]), body, "passive"))
    return []
