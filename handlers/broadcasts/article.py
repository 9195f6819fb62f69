"""A notice version as an article of the account: for draft/add, mass sending and publication (wechat.md §17).

Plain words first, then another language, what to bring, the policy card, whom to ask; the official text last and
unchanged. Everything somebody typed is escaped. WeChat's look is written into the tags, our preview's comes from
classes. Pure: whoever calls WeChat uploads `cover_png` and puts its media_id in.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.print import paper
from app.settings import Community
from app.wechat.articles import DraftArticle
from app.words import TEMPLATES, day_words
from handlers.broadcasts.forms import shortened
from models.notices import NoticeVersion, second_is_old
from models.refusal import Refusal

LONGEST_TITLE, LONGEST_AUTHOR, LONGEST_DIGEST = 32, 16, 128
MOST_LETTERS, MOST_BYTES = 19_999, 1_000_000
ITEM = "· "


def draft_of(version: NoticeVersion, community: Community, *, thumb_media_id: str, link: str) -> DraftArticle:
    """What draft/add takes. `link` is the page behind 阅读原文. Refuses with notices.article_title_too_long: how a
    title is shortened is for whoever wrote it to say."""
    content = version.content
    return DraftArticle(
        title=title_of(content),
        content=html_of(content, community),
        thumb_media_id=thumb_media_id,
        author=community.name[:LONGEST_AUTHOR],
        digest=shortened(content["summary"].replace("\n", ""), LONGEST_DIGEST),
        source_url=link,
    )


def title_of(content: Mapping[str, Any]) -> str:
    title: str = content.get("article_title") or content["title"]
    if len(title) > LONGEST_TITLE:
        raise Refusal("notices.article_title_too_long", most=LONGEST_TITLE)
    return title


def html_of(content: Mapping[str, Any], community: Community, *, classes: bool = False) -> Markup:
    """The article's content. An official text that would make it too long is left to the page behind 阅读原文, whole,
    rather than cut. `classes`: for our own pages, whose content policy lets no tag bring its own look."""
    whole = _filled(content, community, classes=classes, body=True)
    if len(whole) <= MOST_LETTERS and len(whole.encode()) < MOST_BYTES:
        return whole
    return _filled(content, community, classes=classes, body=False)


def _filled(content: Mapping[str, Any], community: Community, *, classes: bool, body: bool) -> Markup:
    facts = {
        "it": {"second": None} | dict(content),
        "community": community,
        "classes": classes,
        "with_body": body,
    }
    made = _pages().get_template("broadcasts/article.html")
    return Markup(made.render(**facts, second_is_old=second_is_old(content)))  # noqa: S704 (autoescaped above)


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """("p", lines) and ("ul", items) as they follow each other; an empty line begins anew."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        kind = "ul" if line.startswith(ITEM) else "p" if line.strip() else ""
        if not kind:
            found.append(("", []))
        elif kind == "ul" and found and found[-1][0] == "ul":
            found[-1][1].append(line.removeprefix(ITEM))
        else:
            found.append((kind, [line.removeprefix(ITEM)]))
    return [(kind, lines) for kind, lines in found if kind]


def cover_png(version: NoticeVersion, community: Community) -> bytes:
    """A cover of 900 × 383 made from the title: news needs one. A second or so: only where nobody waits for a page."""
    content = version.content
    facts = {
        "title": content.get("article_title") or content["title"],
        "category": content["category"],
        "community": community.account_name,
    }
    return paper("broadcasts/cover", facts, "png")


@cache
def _pages() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"day": day_words, "blocks": blocks}
    return made
