"""State machines: any steps in any order, and after each of them what must hold (trust §1.7: 2,000 examples nightly).

A story has `steps`: each is one unit of work of somebody, drawn with dice of its own, which a rule may refuse.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from models.refusal import Refusal
from tests.fuzz.accounts import note
from tests.neighbours import Town

FULL = os.environ.get("HEAVY") == "full"
Step = Callable[[random.Random], object]


class Story(Protocol):
    town: Town
    steps: Sequence[Step]

    def holds(self) -> None:
        """Raise when something that must hold does not."""


def tell(story: Story, *, few: int = 3, length: int = 14) -> Counter[str]:
    """Let hypothesis choose the steps; how often each was done, and each refusal met."""
    met: Counter[str] = Counter()

    class Life(RuleBasedStateMachine):
        @rule(which=st.integers(0, len(story.steps) - 1), dice=st.integers(0, 10**6))
        def something_happens(self, which: int, dice: int) -> None:
            met[step(story, which, dice)] += 1

        @invariant()
        def it_holds(self) -> None:
            story.holds()

    often = settings(
        max_examples=how_many(story.town, few),
        stateful_step_count=length,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # the town has gone on: a shorter story would be another one
        suppress_health_check=list(HealthCheck),
    )
    started = time.monotonic()
    run_state_machine_as_test(Life, settings=often)
    note_story(type(story).__name__, story.town, few, time.monotonic() - started, len(met))
    return met


def how_many(town: Town, few: int) -> int:
    """Examples: 2,000 on SQLite and 200 on PostgreSQL when asked for all (HEAVY=full; EXAMPLES=n is another number)."""
    return int(os.environ.get("EXAMPLES") or (2000 if town.site.database.is_sqlite else 200)) if FULL else few


def note_story(name: str, town: Town, few: int, seconds: float, outcomes: int) -> None:
    kind = "SQLite" if town.site.database.is_sqlite else "PostgreSQL"
    note(f"any steps in any order: {name.lower()} ({kind})", how_many(town, few), seconds, outcomes, {})


def walk(story: Story, steps: int, seed: int = 20261123) -> Counter[str]:
    """That many steps drawn by dice; everything is asked after each."""
    dice, met = random.Random(seed), Counter[str]()
    for _ in range(steps * 5 if FULL else steps):
        met[step(story, dice.randrange(len(story.steps)), dice.randrange(10**6))] += 1
        story.holds()
    return met


def step(story: Story, which: int, dice: int) -> str:
    """The step's name, or the code with which it was refused."""
    chosen = story.steps[which]
    try:
        chosen(random.Random(dice))
    except Refusal as why:
        return why.code
    return chosen.__name__
