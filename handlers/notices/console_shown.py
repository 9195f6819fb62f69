"""A notice as it is shown to the staff: on a resident's phone, with its 大白话分 and what a reviewer has to look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from app.channels.console import current_site
from app.understanding.plain import Plainness
from handlers.notices import reading
from handlers.notices.checking import ALSO_PLAIN, Known, checks_of
from models.identity import Actor
from models.notices import (
    TWO_PEOPLE,
    Notice,
    NoticeVersion,
    rule_is_on,
    second_is_old,
    standing_reviews,
)
from models.programmes import Programme
from models.titles import slips, titles

PART_NAMES = {
    "title": "标题",
    "article_title": "文章标题",
    "category": "类别",
    "source": "来源",
    "source_number": "文号",
    "summary": "给居民看的话",
    "body": "原文",
    "bring": "要带什么",
    "valid_from": "从哪天开始",
    "valid_until": "到哪天为止",
    "second": "另一种文字",
}
NUMBERS = re.compile(r"[0-9][0-9\- ]{5,}[0-9]")
LONGEST_CARD = 300


def facts_of(by: Actor, notice: Notice, version: NoticeVersion) -> dict[str, Any]:
    """What the page of one version shows beside its words."""
    personal = reading.personal_in(version.told, offices(by))
    return look_of(version.parts) | {
        "personal": personal,
        "checks": checks_of(version.content, known(by)),
        "second_is_old": second_is_old(version.content),
        "compare": reading.to_compare(version.told),
        "reviews": standing_reviews(by.session, version),
        "two_people": rule_is_on(by.session, TWO_PEOPLE),
        "waits": notice.state == "draft" or version.number > notice.version,
    }


def look_of(parts: Mapping[str, Any]) -> dict[str, Any]:
    """The resident's card and how plain it is."""
    card = current_site().house.say_in("notices", "one", {"notice": SimpleNamespace(**parts)})
    plainness = reading.plainness_of(parts)
    return {"card": card, "longest": LONGEST_CARD, "plainness": plainness, "reasons": _reasons(plainness)}


def _reasons(plainness: Plainness) -> dict[str, list[tuple[str, str]]]:
    """code → (words, what to write instead), each once; without those that are shown among the checks."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in (one for one in plainness.findings if one.code not in ALSO_PLAIN):
        pair = one.words, one.better
        if pair not in found.setdefault(one.code, []):
            found[one.code].append(pair)
    return found


def offices(by: Actor) -> list[str]:
    """Phone numbers that everybody may know: the community's and those of its programmes."""
    contacts = by.session.scalars(select(Programme.contact).where(Programme.contact.is_not(None)))
    told = [current_site().settings.community.phone, *contacts]
    return [number for words in told for number in NUMBERS.findall(words or "")]


def hosts() -> list[str]:
    """Of our own pages."""
    return [urlsplit(current_site().settings.web.public_url).hostname or ""]


def known(by: Actor) -> Known:
    """What a notice is compared with."""
    return Known(titles(by.session), slips(by.session), hosts())
