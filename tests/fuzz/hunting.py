"""Playing cases of one target until its time is over, and keeping the smallest case of everything that breaks."""

from __future__ import annotations

import base64
import json
import math
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.mutations import smallest
from tests.fuzz.targets import Target
from tests.fuzz.world import World, short_name, where_of

CORPUS = Path(__file__).parent / "corpus"
AT_ONCE = 100
# What is said before a handler's own work begins: no such page, not for you, no form of ours, too fast, too much. (Some
# handlers say 404 of a row that is not there: they are counted as not reached.)
TURNED_AWAY = ("sign-in", "400", "401", "403", "404", "405", "413", "415", "429", "503")
KEPT = """found {where}; kept as {file}: mend it, and leave the file there.
Play it again: pytest tests/fuzz/test_corpus.py -k {file}"""


@dataclass
class Hunt:
    """`crashes` is {where it broke: the file that keeps the smallest case}."""

    target: Target
    runs: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    crashes: dict[str, str] = field(default_factory=dict)
    again: int = 0
    until: float = math.inf
    words: str = ""

    @property
    def answers(self) -> Counter[str]:
        """How often each status was the answer, for targets that say so."""
        found = Counter[str]()
        for outcome, times in self.outcomes.items():
            for word in outcome.split():
                if word.isdecimal() or word in TURNED_AWAY:
                    found[word] += times
        return found

    @property
    def reached(self) -> float:
        """The share of them that a handler gave, not somebody before it."""
        return 1 - sum(self.answers[one] for one in TURNED_AWAY) / max(1, self.answers.total())

    @property
    def shares(self) -> str:
        total = self.answers.total()
        said = [f"{status} {times / total:.0%}" for status, times in self.answers.most_common()]
        return ", ".join(said) + f"; {self.reached:.0%} reached a handler" if said else ""

    def play(self, world: World, seconds: float, number: int) -> None:
        """Rounds of a hundred cases each, every round from another seed."""
        if self.target.cases is not None:
            self.target.cases(world)  # finding ways takes long, and is no playing
        started = time.monotonic()
        self.until = started + seconds
        while time.monotonic() < self.until:
            number += 1
            self._round(world, number, AT_ONCE)
        self.seconds += time.monotonic() - started

    def once(self, world: World, many: int, number: int) -> None:
        """As many cases as that, the same ones every time."""
        started = time.monotonic()
        self._round(world, number, many)
        self.seconds += time.monotonic() - started

    def _round(self, world: World, number: int, many: int) -> None:
        if self.target.dice is None:
            self._by_hypothesis(world, number, many)
            return
        dice = random.Random(number)
        for _ in range(many):
            if time.monotonic() > self.until:
                return
            case = self.target.dice(dice)
            world.new_case()
            self.runs += 1
            if where := self._breaks(world, case):
                self._keep_smallest(world, case, where)

    def _breaks(self, world: World, case: Any) -> str:
        try:
            self.outcomes[self.target.play(world, case)] += 1
        except Exception as fault:  # noqa: BLE001 (whatever it was, its smallest case is kept)
            self.words = str(fault)
            return where_of(fault)
        return ""

    def _keep_smallest(self, world: World, case: Any, where: str) -> None:
        if where in self.crashes:
            self.again += 1
            return

        def breaks(raw: bytes) -> bool:
            world.new_case()
            return self._breaks(world, with_bytes(case, raw)) == where

        raw = smallest(base64.b64decode(case["bytes"]), breaks)
        self.crashes[where] = keep(self.target.name, with_bytes(case, raw), where, self.words)

    def _by_hypothesis(self, world: World, number: int, many: int) -> None:
        assert self.target.cases is not None
        ever_smaller: list[tuple[str, Any, str]] = []

        @seed(number)
        @settings(
            max_examples=many,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(self.target.cases(world))
        def once(case: Any) -> None:
            if time.monotonic() > self.until and not ever_smaller:
                return  # the time is over; what broke is still made smaller
            world.new_case()
            self.runs += 1
            try:
                self.outcomes[self.target.play(world, case)] += 1
            except Exception as fault:
                where = where_of(fault)
                if where in self.crashes:
                    self.again += 1
                    return
                ever_smaller.append((where, case, str(fault)))
                raise

        try:
            once()
        except Exception:  # noqa: BLE001 (whatever it was, its smallest case is kept)
            for where, case, words in reversed(ever_smaller):
                if where not in self.crashes:
                    self.crashes[where] = keep(self.target.name, case, where, words)


def with_bytes(case: Any, raw: bytes) -> Any:
    return {**case, "bytes": base64.b64encode(raw).decode()}


def keep(target: str, case: Any, where: str, words: str) -> str:
    """Write the case into the corpus; the name of its file."""
    file = CORPUS / f"{target}-{short_name(where)}.json"
    whole = {"target": target, "found": where, "case": case}
    file.write_text(json.dumps(whole, ensure_ascii=True, indent=1) + "\n", encoding="utf-8")
    print(KEPT.format(where=where, file=file.name), words[:1500], sep="\n", flush=True)
    return file.name
