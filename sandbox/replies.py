"""Judging what a webhook answered, as strictly as the platform does, and showing it as a bubble."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox import media
from sandbox.apps import App
from sandbox.chat import Bubble
from sandbox.errors import Refused
from sandbox.rules import TEXT_BYTES
from sandbox.sealing import BadCipher, key_of, sign, unseal
from sandbox.wire import BadWire, read_json, read_xml

NO_REPLY = (b"", b"success")


class BadReply(Exception):
    """The resident sees "暂时无法提供服务"; the text says what was wrong."""


@dataclass(frozen=True)
class Question:
    """What a reply must fit: who asked, and whether it was a "message", a visible or a silent event."""

    app: App
    openid: str
    answerable: str
    now: float


def opened(app: App, body: bytes) -> tuple[str, dict[str, Any] | None]:
    """The reply's plain text and its fields, None for "success" and an empty body. Raises BadReply."""
    if body in NO_REPLY:
        return body.decode(), None
    try:
        text = body.decode("utf-8")
        read = read_json if app.format == "json" else read_xml
        outer = read(text)
        if "Encrypt" not in outer:
            return _plain(app, text, outer)
        plain = _unsealed(app, outer)
        return plain, read(plain)
    except (UnicodeDecodeError, BadWire) as error:
        raise BadReply(str(error)) from error


def _plain(app: App, text: str, outer: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if app.encryption == "secure":
        raise BadReply("an unencrypted reply in secure mode")
    return text, outer


def _unsealed(app: App, outer: dict[str, Any]) -> str:
    if app.encryption == "plain":
        raise BadReply("an encrypted reply in plain mode")
    missing = [name for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce") if not outer.get(name)]
    if missing:
        raise BadReply(f"the envelope lacks {', '.join(missing)}")
    sealed = str(outer["Encrypt"])
    if sign(app.token, str(outer["TimeStamp"]), str(outer["Nonce"]), sealed) != outer["MsgSignature"]:
        raise BadReply("MsgSignature does not fit")
    try:
        return unseal(key_of(app.aes_key), sealed, app.appid)
    except BadCipher as error:
        raise BadReply(f"cannot be decrypted: {error}") from error


def judged(db: sqlite3.Connection, question: Question, reply: dict[str, Any], base_url: str) -> Bubble | None:
    """The bubble that the reply makes, None for a hand-over to staff. Raises BadReply."""
    if question.app.mini and reply.get("MsgType") != "transfer_customer_service":
        raise BadReply("a mini-program has no passive replies")
    if reply.get("ToUserName") != question.openid:
        raise BadReply("ToUserName is not the resident who wrote")
    if reply.get("FromUserName") != question.app.account:
        raise BadReply("FromUserName is not the account")
    if not str(reply.get("CreateTime", "")).isdigit():
        raise BadReply("CreateTime is not a whole number")
    make = KINDS.get(str(reply.get("MsgType")))
    if make is None:
        raise BadReply(f"MsgType {reply.get('MsgType')!r} is not a reply")
    return make(db, question, reply, base_url)


def _text(db: sqlite3.Connection, question: Question, reply: dict[str, Any], base_url: str) -> Bubble:
    content = reply.get("Content")
    if not isinstance(content, str) or not content:
        raise BadReply("Content is empty")
    if len(content.encode()) > TEXT_BYTES:
        raise BadReply(f"Content has {len(content.encode())} bytes, {TEXT_BYTES} are allowed")
    return Bubble("account", "text", {"text": content}, "passive")


def _file(db: sqlite3.Connection, question: Question, reply: dict[str, Any], base_url: str) -> Bubble:
    kind = str(reply["MsgType"])
    held = reply.get(kind.capitalize())
    inner: dict[str, Any] = held if isinstance(held, dict) else {}
    try:
        row = media.find(db, question.app.name, inner.get("MediaId", ""), question.now)
    except Refused as error:
        raise BadReply(f"{kind}: {error}") from error
    if row["mime"] == "image/gif":
        raise BadReply("a GIF is not allowed as an answer")
    shown = {"url": media.url_of(base_url, row["media_id"])}
    named = {key.lower(): str(inner[key]) for key in ("Title", "Description") if inner.get(key)}
    return Bubble("account", kind, {**shown, **named}, "passive")


def _music(db: sqlite3.Connection, question: Question, reply: dict[str, Any], base_url: str) -> Bubble:
    music = reply.get("Music")
    if not isinstance(music, dict) or not music.get("ThumbMediaId"):
        raise BadReply("Music needs a ThumbMediaId")
    shown = {
        "title": music.get("Title", ""),
        "description": music.get("Description", ""),
        "url": music.get("MusicUrl", ""),
    }
    return Bubble("account", "link", shown, "passive")


def _news(db: sqlite3.Connection, question: Question, reply: dict[str, Any], base_url: str) -> Bubble:
    articles = reply.get("Articles")
    item = articles.get("item") if isinstance(articles, dict) else None
    if reply.get("ArticleCount") != "1" or not isinstance(item, dict):
        raise BadReply("news must hold exactly one article")
    if not item.get("Title"):
        raise BadReply("the article has no Title")
    shown = {name.lower(): str(item.get(name, "")) for name in ("Title", "Description", "Url", "PicUrl")}
    return Bubble("account", "news", {"items": [shown]}, "passive")


def _staff(db: sqlite3.Connection, question: Question, reply: dict[str, Any], base_url: str) -> None:
    if question.answerable != "message":
        raise BadReply("only a message can be handed over to staff")


KINDS = {
    "text": _text,
    "image": _file,
    "voice": _file,
    "video": _file,
    "music": _music,
    "news": _news,
    "transfer_customer_service": _staff,
}
