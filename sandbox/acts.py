"""What a neighbour can do with a phone, and the pushes that each act causes.

Every act first writes the neighbour's own bubble and opens the answer window, in one short transaction;
the pushes follow after the commit.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox import media
from sandbox.apps import App
from sandbox.chat import Bubble, say
from sandbox.contacts import always_granted, change_contact, contact, grant, open_window, revoke, unfollow
from sandbox.errors import Refused
from sandbox.neighbours import Neighbour, openid_of
from sandbox.pictures import FILM, SILENCE, sample_picture
from sandbox.push import Outgoing, event, message, to_person

# What the platform pushes for stickers, red packets and whatever else it does not forward.
UNSUPPORTED = "【收到不支持的消息类型，暂无法显示】"


class NotPossible(Exception):
    """A phone could not do that; the text says why."""


@dataclass(frozen=True)
class Hand:
    """One neighbour holding a phone, looking at one app."""

    db: sqlite3.Connection
    app: App
    neighbour: Neighbour
    now: float
    base_url: str

    @property
    def openid(self) -> str:
        return openid_of(self.db, self.app, self.neighbour.id)

    def shows(self, kind: str, **body: Any) -> None:
        self.adds(Bubble("me", kind, body))

    def reads(self, text: str) -> None:
        self.adds(Bubble("system", "text", {"text": text}))

    def adds(self, bubble: Bubble) -> None:
        say(self.db, self.app.name, self.neighbour.id, self.openid, self.now, bubble)

    def opens(self, cause: str) -> None:
        open_window(self.db, self.app.name, self.neighbour.id, cause, self.now)

    def message(self, kind: str, fields: dict[str, Any]) -> Outgoing:
        plain = message(self.app, self.openid, self.now, kind, fields)
        return to_person(self.db, self.app, self.neighbour.id, plain, "message")

    def event(self, name: str, fields: dict[str, Any], silent: bool = False) -> Outgoing:
        plain = event(self.app, self.openid, self.now, name, fields)
        return to_person(self.db, self.app, self.neighbour.id, plain, "silent" if silent else "event")

    def changes(self, **values: object) -> None:
        change_contact(self.db, self.app.name, self.neighbour.id, **values)

    def is_following(self) -> bool:
        return contact(self.db, self.app.name, self.neighbour.id).following


def follow(hand: Hand, code: sqlite3.Row | None = None, scene: str = "") -> list[Outgoing]:
    """A second follow is none. With a code the event names its scene and ticket."""
    if hand.is_following():
        return []
    ticket = code["ticket"] if code else "gQ" + secrets.token_urlsafe(70)
    hand.changes(
        following=1,
        followed_at=hand.now,
        scene="ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH",
        qr_scene=code["scene_id"] if code else 0,
        qr_scene_str=code["scene_str"] if code else scene,
    )
    hand.opens("follow")
    hand.reads("您已关注")
    fields = {"EventKey": f"qrscene_{scene}", "Ticket": ticket} if scene else {"EventKey": ""}
    return [hand.event("subscribe", fields)]


def leave(hand: Hand) -> list[Outgoing]:
    if not hand.is_following():
        return []
    unfollow(hand.db, hand.app.name, hand.neighbour.id)
    hand.reads("您已取消关注")
    return [hand.event("unsubscribe", {"EventKey": ""}, silent=True)]


def scan(hand: Hand, code: sqlite3.Row, scene: str) -> list[Outgoing]:
    if not hand.is_following():
        return follow(hand, code, scene)
    hand.opens("scan")
    return [hand.event("SCAN", {"EventKey": scene, "Ticket": code["ticket"]})]


def send(hand: Hand, kind: str, given: dict[str, Any], upload: bytes | None) -> list[Outgoing]:
    """Raises NotPossible for an unknown kind, missing fields and for who does not follow."""
    if not hand.app.mini and not hand.is_following():
        raise NotPossible("还没有关注，不能发消息")
    make = MESSAGES.get(kind)
    if make is None:
        raise NotPossible(f"没有这种消息：{kind}")
    outgoing = make(hand, given, upload)
    hand.changes(last_message_at=hand.now)
    hand.opens("click" if given.get("bizmsgmenuid") else "message")
    return [outgoing]


def _text(hand: Hand, given: dict[str, Any], upload: bytes | None) -> Outgoing:
    text = str(given.get("text", ""))
    hand.shows("text", text=text)
    chosen = {"bizmsgmenuid": str(given["bizmsgmenuid"])} if given.get("bizmsgmenuid") else {}
    return hand.message("text", {"Content": text, **chosen})


def _sticker(hand: Hand, given: dict[str, Any], upload: bytes | None) -> Outgoing:
    hand.shows("sticker", text="😀")
    return hand.message("text", {"Content": UNSUPPORTED})


def _kept(hand: Hand, kind: str, content: bytes, name: str) -> str:
    upload = media.Upload(kind, content, name)
    try:
        mime = media.check(upload)
    except Refused as error:
        raise NotPossible(f"这个文件发不出去：{error}") from error
    return media.keep(hand.db, hand.app.name, upload, mime, hand.now)


def _image(hand: Hand, given: dict[str, Any], upload: bytes | None) -> Outgoing:
    media_id = _kept(hand, "image", upload or sample_picture(), "image.png")
    url = media.url_of(hand.base_url, media_id)
    hand.shows("image", url=url)
    return hand.message("image", {"PicUrl": url, "MediaId": media_id})


def _voice(hand: Hand, given: dict[str, Any], upload: bytes | None) -> Outgoing:
    media_id = _kept(hand, "voice", upload or SILENCE, "voice.amr")
    heard = given.get("recognition")
    hand.shows("voice", url=media.url_of(hand.base_url, media_id), **({"text": heard} if heard else {}))
    words = {"Recognition": str(heard)} if heard else {}
    return hand.message("voice", {"MediaId": media_id, "Format": "amr", "MediaId16K": media_id, **words})


def _video(hand: Hand, given: dict[str, Any], upload: bytes | None) -> Outgoing:
    media_id = _kept(hand, "video", upload or FILM, "video.mp4")
    still = media.Upload("thumb", sample_picture(), "thumb.png")
    thumb = media.keep(hand.db, hand.app.name, still, "image/png", hand.now)
    hand.shows("video", url=media.url_of(hand.base_url, media_id))
    return hand.message(str(given.get("as") or "video"), {"MediaId": media_id, "ThumbMediaId": thumb})


def _location(hand: Hand, given: dict[str, Any], upload: bytes | None) -> Outgoing:
    lat, lng, label = _place(given)
    hand.shows("location", lat=lat, lng=lng, label=label)
    return hand.message("location", {"Location_X": lat, "Location_Y": lng, "Scale": 16, "Label": label})


def _place(given: dict[str, Any]) -> tuple[float, float, str]:
    try:
        return float(given["lat"]), float(given["lng"]), str(given.get("label", ""))
    except (KeyError, TypeError, ValueError) as error:
        raise NotPossible("位置要有 lat 和 lng") from error


def _link(hand: Hand, given: dict[str, Any], upload: bytes | None) -> Outgoing:
    shown = {name: str(given.get(name, "")) for name in ("title", "description", "url")}
    hand.shows("link", **shown)
    return hand.message("link", {name.capitalize(): value for name, value in shown.items()})


def _file(hand: Hand, given: dict[str, Any], upload: bytes | None) -> Outgoing:
    title = str(given.get("title") or "材料.docx")
    hand.shows("file", title=title)
    about = {
        "Title": title,
        "Description": "",
        "FileKey": secrets.token_hex(16),
        "FileMd5": secrets.token_hex(16),
    }
    return hand.message("file", {**about, "FileTotalLen": len(upload or b"") or 20480})


MESSAGES = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "location": _location,
    "link": _link,
    "sticker": _sticker,
    "file": _file,
}


def answer_popup(hand: Hand, template_id: str, answer: str) -> list[Outgoing]:
    """accept and reject come as a popup event; a remembered "always" grants without one; "off" is the settings page."""
    name, templates = hand.app.name, (hand.neighbour.id, template_id)
    if answer == "off":
        revoke(hand.db, name, *templates)
        return [
            hand.event(
                "subscribe_msg_change_event", _popup(hand.app, template_id, "reject", "Change"), silent=True
            )
        ]
    remembered = always_granted(hand.db, name, *templates)
    if answer in ("accept", "always"):
        grant(hand.db, name, *templates, always=answer == "always")
    if remembered and answer != "reject":
        return []
    status = "reject" if answer == "reject" else "accept"
    return [
        hand.event("subscribe_msg_popup_event", _popup(hand.app, template_id, status, "Popup"), silent=True)
    ]


def _popup(app: App, template_id: str, status: str, what: str) -> dict[str, Any]:
    one: dict[str, Any] = {"TemplateId": template_id, "SubscribeStatusString": status}
    if what == "Popup":
        one["PopupScene"] = "0" if app.mini else "1"
    return {"List": one} if app.mini else {f"SubscribeMsg{what}Event": {"List": one}}
