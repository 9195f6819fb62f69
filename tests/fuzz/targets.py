"""Every target of the fuzzing by its name: which cases it takes, and how one is played."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.fuzz import (
    bytes_target,
    chat_target,
    parse_target,
    push_target,
    reading_target,
    upload_target,
)
from tests.fuzz.visits import CONSOLE, PAGES, cases_at, play_at
from tests.fuzz.world import World

Case = Any  # JSON


@dataclass(frozen=True, slots=True)
class Target:
    """`play` raises when something that must hold does not, and says in a word what came of the case; `share` is how
    much of the time is spent here, `few` how many cases the everyday build plays. Cases come from hypothesis, or where
    they are bytes (in "bytes") from `dice`, which are quicker. What is parsed and dispatched has about a minute of processor
    time in every build (trust §1.7)."""

    name: str
    says: str
    cases: Callable[[World], st.SearchStrategy[Case]] | None
    play: Callable[[World, Case], str]
    share: int
    few: int
    dice: Callable[[random.Random], Case] | None = None


TARGETS = {
    one.name: one
    for one in (
        Target(
            "parse",
            "raw and mutated bytes to the seal and the reader of pushes",
            None,
            parse_target.play,
            2,
            200_000,
            parse_target.dice,
        ),
        Target(
            "bytes",
            "raw and mutated bytes to the webhook's door",
            None,
            bytes_target.play,
            3,
            12_000,
            bytes_target.dice,
        ),
        Target(
            "push",
            "sealed pushes of every kind with hostile fields",
            push_target.cases,
            push_target.play,
            4,
            900,
        ),
        Target(
            "chat",
            "long talks of several neighbours, late, twice, out of order",
            chat_target.cases,
            chat_target.play,
            6,
            8,
        ),
        Target(
            "form",
            "the console's pages and forms, with some fields spoiled",
            cases_at(CONSOLE),
            play_at(CONSOLE),
            4,
            15,
        ),
        Target(
            "page",
            "residents' pages and forms, with some fields spoiled",
            cases_at(PAGES),
            play_at(PAGES),
            2,
            20,
        ),
        Target(
            "reading",
            "the readers of dates, numbers, phones, addresses",
            reading_target.cases,
            reading_target.play,
            1,
            150,
        ),
        Target("upload", "pictures and sheets that are none", upload_target.cases, upload_target.play, 1, 30),
    )
}
