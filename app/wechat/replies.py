"""Answers to a push: free, and open to every kind of account, so that nearly everything is said this way.

Text, nine answers in ten, is one f-string; wechatpy renders the rarer kinds. It escapes nothing, so every
text is made safe for CDATA before it gets there: `]]>` is split, characters that XML forbids are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.wechat.markup import clean
from app.wechat.push import Push

NOTHING = "success"  # WeChat's word for "received, nothing to say"
LONGEST_TEXT = 2048  # bytes of UTF-8; undocumented, the bound that everybody keeps


class TooLong(ValueError):
    """A text of more than 2048 bytes: ask `fits` first."""


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
