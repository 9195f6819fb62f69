"""Articles: drafts, and their publishing, which tells nobody and costs no mass quota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.wechat.caller import Caller
from app.wechat.capabilities import Capability
from app.wechat.wire import Answer

_DRAFTS = (Capability.DRAFTS,)
_PUBLISHING = (Capability.FREEPUBLISH,)
_LONGEST = {"title": 32, "author": 16, "digest": 128, "content": 19_999}


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """`content` is HTML whose pictures came from upload_article_image; `thumb_media_id` is permanent
    material.
    """

    title: str
    content: str
    thumb_media_id: str
    author: str = ""
    digest: str = ""
    source_url: str = ""

    def fields(self) -> dict[str, Any]:
        return {
            "article_type": "news",
            "title": self.title,
            "author": self.author,
            "digest": self.digest,
            "content": self.content,
            "content_source_url": self.source_url,
            "thumb_media_id": self.thumb_media_id,
            "need_open_comment": 0,
            "only_fans_can_comment": 0,
        }


@dataclass(frozen=True, slots=True)
class Drafts:
    call: Caller

    def add(self, articles: Sequence[DraftArticle]) -> str:
        """The draft's media_id."""
        path = "/cgi-bin/draft/add"
        listed = [article.fields() for article in articles]
        for fields in listed:
            self._check(fields, path)
        return str(self.call.post(path, {"articles": listed}, _DRAFTS).get("media_id", ""))

    def get(self, media_id: str) -> list[Answer]:
        """Its articles in WeChat's form."""
        return list(
            self.call.post("/cgi-bin/draft/get", {"media_id": media_id}, _DRAFTS).get("news_item", [])
        )

    def delete(self, media_id: str) -> None:
        self.call.post("/cgi-bin/draft/delete", {"media_id": media_id}, _DRAFTS)

    def batch(self, offset: int = 0, count: int = 20) -> Answer:
        """total_count, item_count, item; at most 20 in one call, without the texts."""
        return self.call.post("/cgi-bin/draft/batchget", _page(offset, count), _DRAFTS)

    def _check(self, fields: Mapping[str, Any], path: str) -> None:
        for name, most in _LONGEST.items():
            if len(fields[name]) > most:
                raise self.call.refuse(45003 if name == "title" else 45002, f"{name}: at most {most}", path)


@dataclass(frozen=True, slots=True)
class Publication:
    """`status` 0 published, 1 publishing, 2 not original, 3 failed, 4 refused, 5 deleted, 6 banned."""

    publish_id: str
    status: int
    article_id: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Publishing:
    call: Caller

    def submit(self, media_id: str) -> str:
        """Ask for publication of a draft; the publish_id to ask after it, as the event may never come."""
        answer = self.call.post("/cgi-bin/freepublish/submit", {"media_id": media_id}, _PUBLISHING)
        return str(answer.get("publish_id", ""))

    def get(self, publish_id: str) -> Publication:
        answer = self.call.post("/cgi-bin/freepublish/get", {"publish_id": publish_id}, _PUBLISHING)
        items = (answer.get("article_detail") or {}).get("item") or []
        urls = tuple(str(item.get("article_url", "")) for item in items)
        return Publication(
            publish_id, int(answer.get("publish_status", -1)), str(answer.get("article_id", "")), urls
        )

    def batch(self, offset: int = 0, count: int = 20) -> Answer:
        """What is published: total_count, item_count, item, without the texts."""
        return self.call.post("/cgi-bin/freepublish/batchget", _page(offset, count), _PUBLISHING)

    def delete(self, article_id: str, index: int = 0) -> None:
        """Take an article back; index counts from 1, 0 means all."""
        body = {"article_id": article_id, "index": index}
        self.call.post("/cgi-bin/freepublish/delete", body, _PUBLISHING)


def _page(offset: int, count: int) -> dict[str, int]:
    return {"offset": offset, "count": max(1, min(count, 20)), "no_content": 1}
