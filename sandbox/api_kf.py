"""Customer-service messages: free, but only while the resident's own act keeps a window open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox import media
from sandbox.chat import Bubble, say
from sandbox.contacts import change_contact, contact, spend_window
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints
from sandbox.neighbours import owner_of
from sandbox.rules import TEXT_BYTES, TYPING_NEEDS_MESSAGE_WITHIN, TYPING_SECONDS

endpoints = Endpoints()
MINI_ONLY = frozenset({"link"})
ACCOUNT_ONLY = frozenset({"voice", "video", "music", "news", "mpnewsarticle", "msgmenu"})


@endpoints.post("/cgi-bin/message/custom/send", needs="kf", serves="both")
def send(call: Call) -> Answer:
    openid = str(call.body.get("touser", ""))
    neighbour = owner_of(call.db, call.app, openid)
    if neighbour is None:
        raise Refused(40003)
    bubble = made_of(call, call.body, "custom")
    if not call.app.mini and not contact(call.db, call.app.name, neighbour.id).following:
        raise Refused(45015)
    spend_window(call.db, call.app.name, neighbour.id, call.now)
    change_contact(call.db, call.app.name, neighbour.id, typing_until=0)
    say(call.db, call.app.name, neighbour.id, openid, call.now, bubble)
    return OK


@endpoints.post("/cgi-bin/message/custom/typing", needs="kf", serves="both")
def typing(call: Call) -> Answer:
    neighbour = owner_of(call.db, call.app, str(call.body.get("touser", "")))
    if neighbour is None:
        raise Refused(40003)
    command = call.body.get("command")
    if command not in ("Typing", "CancelTyping"):
        raise Refused(45072)
    known = contact(call.db, call.app.name, neighbour.id)
    if known.last_message_at is None or call.now - known.last_message_at > TYPING_NEEDS_MESSAGE_WITHIN:
        raise Refused(45080)
    if command == "Typing" and known.typing_until > call.now:
        raise Refused(45081)
    until = call.now + TYPING_SECONDS if command == "Typing" else 0
    change_contact(call.db, call.app.name, neighbour.id, typing_until=until)
    return OK


def made_of(call: Call, body: dict[str, Any], via: str) -> Bubble:
    """The bubble of one message body; raises Refused 40008, 40007, 44004, 45002 or 45008."""
    kind = str(body.get("msgtype", ""))
    make = KINDS.get(kind)
    if make is None or kind in (ACCOUNT_ONLY if call.app.mini else MINI_ONLY):
        raise Refused(40008)
    content = body.get(kind)
    if not isinstance(content, dict):
        raise Refused(44004)
    shown, fields = make(call, content)
    labelled = body.get("aimsgcontext")
    if isinstance(labelled, dict) and labelled.get("is_ai_msg") == 1:
        fields["ai"] = True
    return Bubble("account", shown, fields, via)


Made = tuple[str, dict[str, Any]]


def text_of(content: dict[str, Any]) -> str:
    text = content.get("content")
    if not isinstance(text, str) or not text:
        raise Refused(44004)
    if len(text.encode()) > TEXT_BYTES:
        raise Refused(45002)
    return text


def _text(call: Call, content: dict[str, Any]) -> Made:
    return "text", {"text": text_of(content)}


def _file(kind: str) -> Callable[[Call, dict[str, Any]], Made]:
    def make(call: Call, content: dict[str, Any]) -> Made:
        row = media.find(call.db, call.app.name, content.get("media_id", ""), call.now)
        named = {key: content[key] for key in ("title", "description") if content.get(key)}
        return kind, {"url": media.url_of(call.platform.base_url, row["media_id"]), **named}

    return make


def _music(call: Call, content: dict[str, Any]) -> Made:
    media.find(call.db, call.app.name, content.get("thumb_media_id", ""), call.now)
    shown = {"title": content.get("title", ""), "description": content.get("description", "")}
    return "link", {**shown, "url": content.get("musicurl", "")}


def _link(call: Call, content: dict[str, Any]) -> Made:
    return "link", {key: str(content.get(key, "")) for key in ("title", "description", "url")}


def _news(call: Call, content: dict[str, Any]) -> Made:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Refused(44004)
    if len(articles) > 1:
        raise Refused(45008)
    return "news", {
        "items": [{key: str(articles[0].get(key, "")) for key in ("title", "description", "url", "picurl")}]
    }


def _article(call: Call, content: dict[str, Any]) -> Made:
    row = call.db.execute(
        "SELECT 1 FROM publication WHERE article_id = ? AND app = ?",
        (str(content.get("article_id", "")), call.app.name),
    ).fetchone()
    if row is None:
        raise Refused(53600)
    url = f"{call.platform.base_url}/s/{content['article_id']}"
    return "news", {"items": [{"title": "文章", "description": "", "url": url, "picurl": ""}]}


def _choice(call: Call, content: dict[str, Any]) -> Made:
    options = content.get("list")
    if not isinstance(options, list) or not options:
        raise Refused(44004)
    shown = [{"id": str(each.get("id", "")), "content": str(each.get("content", ""))} for each in options]
    head, tail = str(content.get("head_content", "")), str(content.get("tail_content", ""))
    return "msgmenu", {"text": head, "options": shown, "description": tail}


def _mini_program(call: Call, content: dict[str, Any]) -> Made:
    media.find(call.db, call.app.name, content.get("thumb_media_id", ""), call.now)
    fields = ("title", "appid", "pagepath") if not call.app.mini else ("title", "pagepath")
    if any(not content.get(key) for key in fields):
        raise Refused(40165)
    return "miniprogram", {key: str(content[key]) for key in fields}


KINDS: dict[str, Callable[[Call, dict[str, Any]], Made]] = {
    "text": _text,
    "image": _file("image"),
    "voice": _file("voice"),
    "video": _file("video"),
    "music": _music,
    "news": _news,
    "link": _link,
    "mpnewsarticle": _article,
    "msgmenu": _choice,
    "miniprogrampage": _mini_program,
}
