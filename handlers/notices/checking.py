"""What a notice is looked through for before it goes out, beside plain words and personal data: days, names with their
titles, slips, links, the block in another language.

What must be mended keeps it from being published. The rest is a doubt: its author ticks that it is meant so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app import clock
from app.understanding import linked, plain, titled
from app.understanding.dated import odd_days
from app.understanding.wide import narrow
from app.words import day_words
from models.notices import second_is_old

# What plain.py finds too and is shown among these.
ALSO_PLAIN = ("slip", "wrong_weekday", "no_such_day", "many_links")
MUST = ("wrong_weekday", "no_such_day", "over", "grave", "kind", "broken", "disguised")


@dataclass(frozen=True, slots=True)
class Known:
    """What the office knows: (name, title) of its leaders, (wrong, meant) of its own slips, hosts that are ours."""

    titles: Collection[tuple[str, str]] = ()
    slips: Collection[tuple[str, str]] = ()
    hosts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """`kind` is one of models.notices.CHECKS, `code` what is the matter; `meant` what to write instead, if known."""

    kind: str
    code: str
    words: str
    meant: str = ""
    must: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "must", self.code in MUST)


def checks_of(content: Mapping[str, Any], known: Known) -> list[Check]:
    """Everything that is doubtful in what residents will read, each once."""
    ours = "\n".join((content["title"], content["summary"], *content["bring"]))
    everything = "\n".join((ours, content["source"], content["body"]))
    found = (
        *_days(ours, content),
        *_names(everything, known),
        *_slips(ours, everything, known),
        *_links(everything, known),
        *_second(content),
    )
    return list(dict.fromkeys(found))


def unticked(checks: Collection[Check], ticked: Collection[str]) -> list[Check]:
    """What still keeps it from being published."""
    return [one for one in checks if one.must or one.kind not in ticked]


def _days(ours: str, content: Mapping[str, Any]) -> Iterator[Check]:
    for one in plain.read(ours).findings:
        if one.code in ("wrong_weekday", "no_such_day"):
            yield Check("dates", one.code, one.words, one.better)
    until = content["valid_until"]
    until = date.fromisoformat(until) if isinstance(until, str) else until
    if until is not None and until < clock.today():
        yield Check("dates", "over", day_words(until))
    for odd in odd_days(ours, until):
        yield Check("dates", odd.code, odd.words, odd.meant)


def _names(everything: str, known: Known) -> Iterator[Check]:
    for one in titled.mismatches(everything, list(known.titles)):
        yield Check("names", "title", one.words, one.meant)


def _slips(ours: str, everything: str, known: Known) -> Iterator[Check]:
    """Official words are quoted unchanged; a grave slip does not go out even there."""
    lists = (("grave", plain.grave_slips(), everything), ("slip", (*known.slips, *plain.slips()), ours))
    for code, pairs, text in lists:
        told = narrow(text)
        yield from (Check("slips", code, wrong, meant) for wrong, meant in pairs if wrong in told)


def _links(everything: str, known: Known) -> Iterator[Check]:
    found = linked.links(everything, known.hosts)
    yield from (Check("links", one.why, one.words) for one in found if one.why)
    yield from (Check("links", "many_links", one.words) for one in found[1:])


def _second(content: Mapping[str, Any]) -> Iterator[Check]:
    block = content.get("second")
    if not block:
        return
    if second_is_old(content):
        yield Check("second", "old", block["language"])
    if not block.get("checked_by"):
        yield Check("second", "unchecked", block["language"])
