"""What people send, typed; and `read_push`, which turns the opened bytes of any push into its typed form."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from app.wechat import grants as _grants  # noqa: F401 — enters the subscription events into EVENTS
from app.wechat.errors import BadPush
from app.wechat.events import EVENTS
from app.wechat.markup import Tree, read_body
from app.wechat.push import Kinds, Push, build, degrees, kind, name, sent, unix, whole

__all__ = [
    "File",
    "Image",
    "Link",
    "Location",
    "Message",
    "MiniProgramPage",
    "Push",
    "ShortVideo",
    "Text",
    "UnknownMessage",
    "Video",
    "Voice",
    "read_push",
]

MESSAGES: Kinds = {}
_UNKNOWN = ""  # the entry of kinds that are not declared
_PERSON = re.compile(r"[0-9A-Za-z_@.-]{1,128}")  # no sign that could end a CDATA or part the pieces of a key
_KIND = re.compile(r"[0-9a-z_.-]{1,64}")
_LONGEST_KEY = 190  # fits an indexed VARCHAR(191)
_NOT_SUPPORTED = re.compile(r"\s*[\[【]收到不支持的消息类型")


@kind(MESSAGES)
class Message(Push):
    """Something that a person sent. `data_id` and `article` are set when it was sent from an article."""

    msg_id: str = sent("MsgId", read=name)
    data_id: str = sent("MsgDataId", read=name)
    article: str = sent("Idx", read=name)

    @property
    def unsupported(self) -> bool:
        """Whether WeChat itself could not pass on what was sent (stickers, red packets …)."""
        return False


@kind(MESSAGES, "text")
class Text(Message):
    """`menu_item` is the id of a tapped msgmenu line, whose words arrive as the text."""

    content: str = sent("Content", private=True)
    menu_item: str = sent("bizmsgmenuid", read=name)

    @property
    def unsupported(self) -> bool:
        """Stickers come as a text that says so."""
        return bool(_NOT_SUPPORTED.match(self.content))


@kind(MESSAGES, "image")
class Image(Message):
    picture_url: str = sent("PicUrl", read=name, private=True)
    media_id: str = sent("MediaId", read=name)


@kind(MESSAGES, "voice")
class Voice(Message):
    """`recognition` is no longer promised by WeChat: mostly empty."""

    media_id: str = sent("MediaId", read=name)
    format: str = sent("Format", read=name)
    media_id_16k: str = sent("MediaId16K", read=name)
    recognition: str = sent("Recognition", private=True)


@kind(MESSAGES, "video")
class Video(Message):
    media_id: str = sent("MediaId", read=name)
    thumb_media_id: str = sent("ThumbMediaId", read=name)


@kind(MESSAGES, "shortvideo")
class ShortVideo(Video):
    pass


def _latitude(value: Any) -> float:
    return _bounded(value, 90)


def _longitude(value: Any) -> float:
    return _bounded(value, 180)


def _bounded(value: Any, most: float) -> float:
    if value is None:
        return 0.0
    number = degrees(value)
    if number is None or abs(number) > most:
        raise ValueError("a coordinate expected")
    return number


@kind(MESSAGES, "location")
class Location(Message):
    """A place, in GCJ-02 as Chinese maps have it. `Location_X` is the latitude."""

    lat: float = sent("Location_X", read=_latitude, private=True)
    lng: float = sent("Location_Y", read=_longitude, private=True)
    scale: int = sent("Scale", read=whole)
    label: str = sent("Label", private=True)


@kind(MESSAGES, "link")
class Link(Message):
    title: str = sent("Title", private=True)
    description: str = sent("Description", private=True)
    url: str = sent("Url", read=name, private=True)


@kind(MESSAGES, "file")
class File(Message):
    """Not in WeChat's table of kinds, but some clients send it."""

    title: str = sent("Title", private=True)
    description: str = sent("Description", private=True)
    media_id: str = sent("MediaId", read=name)


@kind(MESSAGES, "miniprogrampage")
class MiniProgramPage(Message):
    title: str = sent("Title", private=True)
    appid: str = sent("AppId", read=name)
    page_path: str = sent("PagePath", read=name)
    thumb_url: str = sent("ThumbUrl", read=name)
    thumb_media_id: str = sent("ThumbMediaId", read=name)


@kind(MESSAGES, _UNKNOWN)
class UnknownMessage(Message):
    """A kind that WeChat has added since, or that it could not pass on: answered `success` and counted."""

    @property
    def unsupported(self) -> bool:
        return True


def read_push(raw: bytes) -> Push:
    """The typed message or event of an opened push, XML or JSON. Raises BadPush 400, never anything else."""
    tree = read_body(raw)
    try:
        return _typed(tree)
    except ValueError as fault:
        raise BadPush(f"a common field is unreadable: {fault}") from None


def _typed(tree: Tree) -> Push:
    message_kind = name(tree.get("MsgType")).lower()
    if not message_kind:
        raise BadPush("MsgType is missing")
    if message_kind == "event":
        return _event(tree)
    common = _common(tree, message_kind)
    common["key"] = _message_key(tree, common)
    entry = message_kind if message_kind in MESSAGES else _UNKNOWN
    return build(MESSAGES, entry, common, tree)


def _event(tree: Tree) -> Push:
    event = name(tree.get("Event")).lower()
    if not event:
        raise BadPush("Event is missing")
    common = _common(tree, event)
    common["key"] = _event_key(tree, common)
    return build(EVENTS, event if event in EVENTS else _UNKNOWN, common, tree)


def _common(tree: Tree, push_kind: str) -> dict[str, Any]:
    account, openid = name(tree.get("ToUserName")), name(tree.get("FromUserName"))
    if not (_PERSON.fullmatch(account) and _PERSON.fullmatch(openid)):
        raise BadPush("ToUserName or FromUserName is missing or strange")
    created = unix(tree.get("CreateTime"))
    if not 0 < created < 99_999_999_999:
        raise BadPush("CreateTime is missing or out of range")
    known = push_kind if _KIND.fullmatch(push_kind) else "strange"
    return {"account": account, "openid": openid, "created": created, "kind": known, "raw": tree}


def _message_key(tree: Tree, common: dict[str, Any]) -> str:
    msg_id = name(tree.get("MsgId"))
    if msg_id and msg_id != "0":
        return _short(f"m:{msg_id}:{common['openid']}")
    return f"m:{_digest(tree)}:{common['openid']}"


def _event_key(tree: Tree, common: dict[str, Any]) -> str:
    """openid + CreateTime + Event + EventKey, as WeChat says; and whatever else tells two results of one
    second apart.

    Two template results for one person within a second differ only in MsgID, two grants only in their list.
    """
    parts = [common["openid"], name(tree.get("CreateTime")), common["kind"], _plain(tree, "EventKey")]
    parts += [_plain(tree, "MsgID") or _plain(tree, "trace_id")]
    if nested := {key: value for key, value in tree.items() if isinstance(value, (dict, list))}:
        parts.append(_digest(nested)[:16])
    return _short("e:" + ":".join(parts).rstrip(":"))


def _plain(tree: Tree, field: str) -> str:
    value = tree.get(field)
    return "" if isinstance(value, (dict, list)) else name(value)


def _short(key: str) -> str:
    if len(key) <= _LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"{key[: _LONGEST_KEY - 65]}:{digest}"


def _digest(tree: Tree) -> str:
    text = json.dumps(tree, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
