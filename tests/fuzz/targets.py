"""Every target of the fuzzing by its name: which cases it takes, and how one is played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.fuzz import (
    bytes_target,
    chat_target,
    form_target,
    page_target,
    push_target,
    reading_target,
    upload_target,
)
from tests.fuzz.world import World

Case = Any  # JSON


@dataclass(frozen=True, slots=True)
class Target:
    """`play` raises when something that must hold does not, and says in a word what came of the case; `share` is how
    much of the time is spent here, `few` how many cases the everyday build plays."""

    name: str
    says: str
    cases: Callable[[World], st.SearchStrategy[Case]]
    play: Callable[[World, Case], str]
    share: int
    few: int


TARGETS = {
    one.name: one
    for one in (
        Target(
            "bytes",
            "raw and mutated bytes to the webhook's door",
            bytes_target.cases,
            bytes_target.play,
            2,
            150,
        ),
        Target(
            "push",
            "sealed pushes of every kind with hostile fields",
            push_target.cases,
            push_target.play,
            4,
            150,
        ),
        Target(
            "chat",
            "long talks of several neighbours, late, twice, out of order",
            chat_target.cases,
            chat_target.play,
            6,
            8,
        ),
        Target("form", "console forms with random fields", form_target.cases, form_target.play, 4, 30),
        Target("page", "residents' pages with random fields", page_target.cases, page_target.play, 2, 40),
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
