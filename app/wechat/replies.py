"""Answers to a push: free, and open to every kind of account, so that nearly everything is said this way.

Text, nine answers in ten, is one f-string; wechatpy renders the rarer kinds. It escapes nothing, so every
text is made safe for CDATA before it gets there: `]]>` is split, characters that XML forbids are dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.wechat.markup import clean
from app.wechat.push import Push

NOTHING = "success"  # WeChat's word for "received, nothing to say"
LONGEST_TEXT = 2048  # bytes of UTF-8; undocumented, the bound that everybody keeps

_LINK = r"<a\b[^<>]*+>[^<]*+</a>"
# The pieces that a text is rather not cut in: a link, a sentence with its end, a line with its break.
_SENTENCE = re.compile(rf"(?is)(?:{_LINK}|[^\n。！？!?；;])*?(?:\n+|[。！？!?；;]+[”’」』）)]*|$)")
_CLAUSE = re.compile(rf"(?is)(?:{_LINK}|[^，,、 ])*?(?:[，,、 ]+|$)")
_JOINED = re.compile("[\u0300-\u036f\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


class TooLong(ValueError):
    """A text of more than 2048 bytes: ask `fits` first, or `split_for_reply`."""


@dataclass(frozen=True, slots=True)
class Article:
    """A card with picture; pictures are 360×200 or 200×200, JPG or PNG."""

    title: str
    description: str
    url: str = ""
    picture_url: str = ""


def text_reply(push: Push, content: str, now: datetime) -> str:
    """A text answer as XML; `success` for an empty one, which WeChat would call a fault. Raises TooLong."""
    content = clean(content)
    if not content.strip():
        return NOTHING
    if not fits(content):
        raise TooLong(f"{len(content.encode())} bytes")
    return (
        f"<xml><ToUserName><![CDATA[{push.openid}]]></ToUserName>"
        f"<FromUserName><![CDATA[{push.account}]]></FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{_cdata(content)}]]></Content></xml>"
    )


def image_reply(push: Push, media_id: str, now: datetime) -> str:
    """A picture uploaded before; no GIF."""
    return _render(_kinds().ImageReply(media_id=_cdata(media_id), **_addressed(push, now)))


def voice_reply(push: Push, media_id: str, now: datetime) -> str:
    """A recording uploaded before."""
    return _render(_kinds().VoiceReply(media_id=_cdata(media_id), **_addressed(push, now)))


def news_reply(push: Push, article: Article, now: datetime) -> str:
    """One card: WeChat has shown only the first since 2018."""
    reply = _kinds().ArticlesReply(**_addressed(push, now))
    reply.add_article(
        {
            "title": _cdata(article.title),
            "description": _cdata(article.description),
            "image": _cdata(article.picture_url),
            "url": _cdata(article.url),
        }
    )
    return _render(reply)


def transfer_reply(push: Push, now: datetime, kf_account: str | None = None) -> str:
    """Hand the person over to WeChat's customer service, to `kf_account` if named. Answers messages only,
    no events.
    """
    rendered = _render(_kinds().TransferCustomerServiceReply(**_addressed(push, now)))
    if not kf_account:
        return rendered
    named = f"<TransInfo><KfAccount><![CDATA[{_cdata(kf_account)}]]></KfAccount></TransInfo>"
    return rendered.replace("</xml>", named + "</xml>")


def fits(text: str) -> bool:
    """Whether WeChat takes the text as one answer."""
    return len(clean(text).encode()) <= LONGEST_TEXT


def split_for_reply(text: str, limit: int = LONGEST_TEXT) -> list[str]:
    """The text in answers of at most `limit` bytes, cut between sentences or lines where that is possible."""
    pages: list[str] = []
    page = ""
    for piece in _pieces(clean(text), limit):
        if page and _size(page + piece.rstrip()) > limit:
            pages.append(page.strip())
            page = ""
        page += piece
    pages.append(page.strip())
    return [page for page in pages if page]


def _pieces(text: str, limit: int) -> list[str]:
    """Sentences; of a sentence that is too long its clauses; of such a clause what fits."""
    pieces: list[str] = []
    for sentence in _SENTENCE.findall(text):
        clauses = [sentence] if _size(sentence.rstrip()) <= limit else _CLAUSE.findall(sentence)
        for clause in clauses:
            pieces += [clause] if _size(clause.rstrip()) <= limit else _cut(clause, limit)
    return [piece for piece in pieces if piece]


def _cut(text: str, limit: int) -> list[str]:
    """By characters; what joins itself to the character before (skin tones, accents) stays with it."""
    pieces = [""]
    for position, character in enumerate(text):
        joined = bool(_JOINED.match(character)) or text[position - 1 : position] == "\u200d"
        if _size(pieces[-1] + character) > (limit if joined else limit - 16):
            pieces.append("")
        pieces[-1] += character
    return pieces


def _size(text: str) -> int:
    return len(text.encode())


def _cdata(text: str) -> str:
    return clean(text).replace("]]>", "]]]]><![CDATA[>")


def _addressed(push: Push, now: datetime) -> dict[str, Any]:
    return {"source": push.account, "target": push.openid, "time": int(now.timestamp())}


def _kinds() -> Any:
    """Not where everybody loads it: who only sends needs none of them, and they bring requests along."""
    from wechatpy import replies  # type: ignore[import-untyped,unused-ignore]

    return replies


def _render(reply: Any) -> str:
    return str(reply.render())
