"""What a notice may say: its parts as somebody typed them become a content, or are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.notices import CATEGORIES, LANGUAGES, PARTS, Content, content_of, source_of
from models.refusal import Refusal

LONGEST_TITLE = 60
LONGEST_ARTICLE_TITLE = 32  # WeChat's limit (wechat.md §17)
LONGEST_SUMMARY = 2000
LONGEST_SECOND, LONGEST_NAME = 2000, 20
USUAL = {
    "valid_until": None,
    "bring": (),
    "body": "",
    "source_number": None,
    "article_title": None,
    "second": None,
}


def checked(parts: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> Content:
    """The parts as they are kept; `before` is the content that they change."""
    if parts["category"] not in CATEGORIES:
        raise Refusal("notices.no_such_category", category=parts["category"])
    told: Content = {name: str(parts[name] or "").strip() for name in ("title", "source", "summary", "body")}
    title, summary = len(told["title"]), len(told["summary"])
    if not 0 < title <= LONGEST_TITLE or not 0 < summary <= LONGEST_SUMMARY:
        raise Refusal("notices.too_long", title=LONGEST_TITLE, summary=LONGEST_SUMMARY)
    if parts["valid_until"] is not None and parts["valid_until"] < parts["valid_from"]:
        raise Refusal("notices.days_reversed")
    told |= {
        "bring": [thing.strip() for thing in parts["bring"] if thing.strip()],
        "source_number": (parts["source_number"] or "").strip() or None,
        "article_title": _article_title(parts["article_title"]),
    }
    whole = {name: parts[name] for name in PARTS} | told
    return content_of(whole | {"second": _second(parts["second"], whole, before)})


def _article_title(typed: str | None) -> str | None:
    title = " ".join((typed or "").split())
    if len(title) > LONGEST_ARTICLE_TITLE:
        raise Refusal("notices.article_title_too_long", most=LONGEST_ARTICLE_TITLE)
    return title or None


def _second(
    block: Mapping[str, Any] | None, whole: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[str, str] | None:
    """The block in another language, with the name of the person who wrote it: no machine's words go out."""
    text = str((block or {}).get("text") or "").strip()
    if not block or not text:
        return None
    told = {name: str(block.get(name) or "").strip() for name in ("language", "written_by", "checked_by")}
    if not 0 < len(told["language"]) <= LONGEST_NAME or told["language"] == LANGUAGES[-1]:
        raise Refusal("notices.which_language")
    if len(text) > LONGEST_SECOND:
        raise Refusal("notices.second_too_long", most=LONGEST_SECOND)
    if not 1 < len(told["written_by"]) <= LONGEST_NAME or len(told["checked_by"]) > LONGEST_NAME:
        raise Refusal("notices.who_wrote_second")
    if told["written_by"] == told["checked_by"]:
        raise Refusal("notices.second_checked_by_another")
    kept = told | {"text": text}
    return kept | {"source": _written_for(kept, whole, before, still=bool(block.get("still")))}


def _written_for(
    block: Mapping[str, str], whole: Mapping[str, Any], before: Mapping[str, Any] | None, *, still: bool
) -> str:
    """The sign of the words that this block says: the old ones while nobody has touched it or said that it fits."""
    old = (before or {}).get("second")
    if old and old["text"] == block["text"] and not still:
        return str(old["source"])
    return source_of(whole)
