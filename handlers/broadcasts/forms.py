"""One notice version in the forms in which it reaches people: here the facts of the message that goes to one person.

The words stand in templates/broadcasts/messages.toml. What to do stands first, then what to bring; whoever wants more
opens the page behind the link. Nothing here asks the clock, so that a test shows exactly what everybody will get.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from models.broadcasts import Broadcast

LONGEST = 300
AROUND = 100  # what the template itself says around the facts, without the link
MOST_BRING, MOST_SECOND = 40, 60
SENTENCE = re.compile(r"[^\n。!?;\uff01\uff1f\uff1b]*[\n。!?;\uff01\uff1f\uff1b]?")


def card_of(broadcast: Broadcast, public_url: str) -> dict[str, Any]:
    """The facts of the message "broadcasts.notice": JSON values, of at most 300 characters when they are worded.

    `summary` is shortened at the end of a sentence; `second` is the block in another language, its text only when it
    is short (the page has all of it); `until` is the last day, `at` when it is meant to be told.
    """
    content = broadcast.version.content
    bring, left = _fitting(content["bring"], MOST_BRING)
    second = _second(content.get("second"))
    title = content["title"]
    taken = len(title) + sum(map(len, bring)) + len(bring) + len(second["text"] if second else "")
    told = broadcast.send_at or broadcast.version.made_at
    return {
        "title": title,
        "topic": broadcast.topic,
        "summary": shortened(content["summary"], LONGEST - AROUND - taken),
        "what": shortened(content["summary"], 20),
        "bring": bring,
        "bring_left": left,
        "second": second,
        "until": content["valid_until"],
        "at": told.isoformat(),
        "link": f"{public_url.rstrip('/')}/h5/b/{broadcast.code}",
        "code": broadcast.code,
        "urgent": broadcast.urgent,
        "corrects": broadcast.corrects_id is not None,
    }


def shortened(text: str, most: int) -> str:
    """As many whole sentences as fit; of a first one that is too long its beginning."""
    if len(text) <= most:
        return text
    kept = ""
    for sentence in SENTENCE.findall(text):
        if len(kept) + len(sentence) + 1 > most:
            break
        kept += sentence
    return f"{kept.rstrip() or text[: most - 1]}…"


def _fitting(things: Sequence[str], most: int) -> tuple[list[str], int]:
    """The first things that have room together, and how many are left out."""
    kept: list[str] = []
    for thing in things:
        if sum(map(len, kept)) + len(kept) + len(thing) > most:
            break
        kept.append(thing)
    return kept, len(things) - len(kept)


def _second(block: dict[str, Any] | None) -> dict[str, str] | None:
    """A language's name and its words, which are never cut: half a sentence nobody here may be able to judge."""
    if not block:
        return None
    return {"language": block["language"], "text": block["text"] if len(block["text"]) <= MOST_SECOND else ""}


def fields_of(card: Mapping[str, Any]) -> dict[str, str]:
    """What a subscription notice has room for: each field one line of 20 signs at most (wechat.md §14)."""
    told = {"title": card["title"], "what": card["what"]}
    lines = {name: " ".join(words.split()) for name, words in told.items()}
    return {name: f"{one[:19]}…" if len(one) > 20 else one for name, one in lines.items()}
