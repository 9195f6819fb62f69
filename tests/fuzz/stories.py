"""State machines: any steps in any order, and after each of them what must hold (trust §1.7: 2,000 examples nightly).

A story has `steps`: each is one unit of work of somebody, drawn with dice of its own, which a rule may refuse. Every
example begins where the town is led back to, and that beginning moves on now and then: later stories are told of a town
that has seen much. What breaks is told again, ever shorter, and printed with the words that repeat it.
"""

from __future__ import annotations

import json
import math
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence

import time_machine
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from models.refusal import Refusal
from tests.fuzz.accounts import note
from tests.fuzz.telling import Deed, Telling
from tests.neighbours import Town

FULL = os.environ.get("HEAVY") == "full"
MINUTES = float(
    os.environ.get("FUZZ_MINUTES", "0")
)  # `make fuzz`: none takes longer, however slow the machine is
MOVES = 8  # so often the beginning moves on


class Story:
    """`remembers` names what the story itself has seen, beside the rows; it is led back with them, as the clock is."""

    town: Town
    steps: Sequence[Callable[..., object]]
    clock: time_machine.Coordinates | None = None
    remembers: tuple[str, ...] = ()

    def does(self, chosen: Callable[..., object], dice: random.Random) -> None:
        chosen(dice)

    def holds(self) -> None:
        """Raise when something that must hold does not."""
        raise NotImplementedError

    def step(self, name: str, dice: int) -> str:
        """The step's name, or the code with which it was refused."""
        chosen = next(one for one in self.steps if one.__name__ == name)
        try:
            self.does(chosen, random.Random(dice))
        except Refusal as why:
            return why.code
        return name


def tell(story: Story, *, few: int = 3, length: int = 14) -> Counter[str]:
    """Let hypothesis choose the steps; how often each was done, and each refusal met. PLAY repeats one story."""
    met, many = Counter[str](), how_many(story.town, few)
    number = int(os.environ.get("SEED") or random.randrange(10**9))
    telling, started = Telling(story, MINUTES * 60 if MINUTES else math.inf), time.process_time()
    try:
        if played := os.environ.get("PLAY"):
            telling.repeat([(name, dice) for name, dice in json.loads(played)])
        else:
            _tell(telling, met, number, many, length)
    finally:
        telling.forget()
    note_story(story, telling.examples, time.process_time() - started, number, met)
    return met


def _tell(telling: Telling, met: Counter[str], number: int, many: int, length: int) -> None:
    each = max(1, many // (MOVES + 1))

    @seed(number)
    class Life(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            telling.again()

        @rule(which=st.integers(0, len(telling.story.steps) - 1), dice=st.integers(0, 10**6))
        def something_happens(self, which: int, dice: int) -> None:
            if telling.is_over:
                return
            met[telling.step((telling.story.steps[which].__name__, dice))] += 1

        @invariant()
        def it_holds(self) -> None:
            if not telling.is_over:
                telling.holds()

        def teardown(self) -> None:
            telling.ends(each)

    often = settings(
        max_examples=many,
        stateful_step_count=length,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # a broken story is made shorter here, from its first beginning
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(Life, settings=often)
    except Exception:
        telling.explain(number)
        raise


def how_many(town: Town, few: int) -> int:
    """Examples: 2,000 on SQLite and 200 on PostgreSQL when asked for all (HEAVY=full; EXAMPLES=n is another number)."""
    return int(os.environ.get("EXAMPLES") or (2000 if town.site.database.is_sqlite else 200)) if FULL else few


def note_story(story: Story, many: int, seconds: float, number: int, met: Counter[str]) -> None:
    kind = "SQLite" if story.town.site.database.is_sqlite else "PostgreSQL"
    name = type(story).__name__.lower()
    note(f"any steps in any order: {name} ({kind}, seed {number})", many, seconds, len(met), {})


def walk(story: Story, steps: int, number: int = 20261123) -> Counter[str]:
    """That many steps drawn by dice; everything is asked after each."""
    dice, met, told = random.Random(number), Counter[str](), list[Deed]()
    for _ in range(steps * 5 if FULL else steps):
        deed = story.steps[dice.randrange(len(story.steps))].__name__, dice.randrange(10**6)
        told.append(deed)
        try:
            met[story.step(*deed)] += 1
            story.holds()
        except Exception:
            print(f"after these, in this order: {json.dumps(told)}")
            raise
    return met
