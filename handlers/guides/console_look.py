"""A card as it is shown to the staff: on a resident's phone, with its 大白话分."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from app.channels.console import current_site
from app.understanding import plain
from models.forms import form_of_guide
from models.guides import GuideCard

LONGEST_CARD = 300


def plainness_of(content: Mapping[str, Any]) -> plain.Plainness:
    """Of its sentences; what to bring is no sentence."""
    names = ("terms", "who", "hours", "place", "takes")
    return plain.read("\n".join(content[name] for name in names if content[name]))


def look_of(row: GuideCard | None, content: Mapping[str, Any], books: bool) -> dict[str, Any]:
    """The resident's card and how plain it is; a new one looks as it will when it is confirmed."""
    state = row.state if row is not None and row.answers else "confirmed"
    card = SimpleNamespace(**content, state=state)
    link = current_site().settings.web.public_url.rstrip("/") + "/h5/guides/…"
    told = {"card": card, "books": books, "guessed": True, "link": link, "fills": _fills(row)}
    said = current_site().house.say_in("guides", "card", told)
    plainness = plainness_of(content)
    return {
        "card": said,
        "longest": LONGEST_CARD,
        "plainness": plainness,
        "reasons": _reasons(plainness),
    }


def _fills(row: GuideCard | None) -> bool:
    """Whether a form that we help to fill in goes with it."""
    if row is None:
        return False
    with current_site().database.reading() as session:
        return form_of_guide(session, row.key) is not None


def _reasons(plainness: plain.Plainness) -> dict[str, list[tuple[str, str]]]:
    """code → (words, what to write instead), each once."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in plainness.findings:
        pair = one.words, one.better
        if pair not in found.setdefault(one.code, []):
            found[one.code].append(pair)
    return found
