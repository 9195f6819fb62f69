"""A story that is told many times, each time from where it begins; and again, shorter, when it ended badly."""

from __future__ import annotations

import copy
import json
import math
import time
import traceback
from typing import TYPE_CHECKING, Any

from app import clock
from tests.fuzz.beginnings import Beginning

if TYPE_CHECKING:
    from tests.fuzz.stories import Story

SHORTER_SECONDS = 120
Deed = tuple[str, int]  # the name of a step, and the seed of its dice
AGAIN = """this story breaks it (seed {seed}; made shorter from {long} steps to {short}):
  {fault}
play it again: PLAY='{played}' pytest with this test's name"""


class Telling:
    """`told` is all that has been done since the first beginning, `broken` the story that ended badly."""

    def __init__(self, story: Story, seconds: float = math.inf) -> None:
        self.story, self.until = story, time.monotonic() + seconds
        self.first = self.here = Beginning(story.town)
        self.saw_first = self.saw_here = self._seen()
        self.before: list[Deed] = []
        self.told: list[Deed] = []
        self.broken: list[Deed] = []
        self.where, self.examples, self.unasked = "", 0, True
        self.refused = False

    @property
    def is_over(self) -> bool:
        """Whether there was time enough: what is told now is not told any more."""
        return time.monotonic() > self.until and not self.broken

    def again(self) -> None:
        """From where stories begin just now."""
        if self.is_over:
            return
        self.here.restore()
        self._see(self.saw_here)
        self.told, self.unasked, self.refused = list(self.before), True, False

    def step(self, deed: Deed) -> str:
        self.told.append(deed)
        with _Breaking(self):
            came = self.story.step(*deed)
        self.unasked, self.refused = True, came != deed[0]
        return came

    def holds(self) -> None:
        """Asked after each step that was done: a refused one was rolled back, and is asked about with the next."""
        if self.unasked and not self.refused:
            self._ask()

    def _ask(self) -> None:
        with _Breaking(self):
            self.story.holds()
        self.unasked = False

    def ends(self, each: int) -> None:
        """A story is over. After so many of them the next ones begin where this one ended."""
        if self.broken or self.is_over:
            return
        if self.unasked:
            self._ask()
        self.examples += 1
        if self.examples % each:
            return
        if self.here is self.first:
            self.here = Beginning(self.story.town)
        self.here.keep()
        self.saw_here, self.before = self._seen(), list(self.told)

    def repeat(self, deeds: list[Deed]) -> None:
        """This story, from the first beginning; made shorter when it breaks."""
        try:
            self._from_the_first(deeds)
        except Exception:
            self.broken = deeds
            self.explain(0)
            raise

    def explain(self, number: int) -> None:
        """Print the shortest story that breaks at the same place, as far as it was found in time."""
        long = len(self.broken)
        short, fault = self._shorter()
        played = json.dumps(short)
        print(AGAIN.format(seed=number, long=long, short=len(short), fault=fault, played=played), flush=True)

    def forget(self) -> None:
        self.first.forget()
        if self.here is not self.first:
            self.here.forget()

    def _shorter(self) -> tuple[list[Deed], str]:
        """Leave out halves, quarters, … and in the end single steps, as long as it still breaks."""
        until, story, fault = time.monotonic() + SHORTER_SECONDS, self.broken, "it did not break again"
        piece = len(story)
        while piece:
            at = 0
            while at < len(story) and time.monotonic() < until:
                tried = story[:at] + story[at + piece :] if piece < len(story) else story
                if said := self._breaks(tried):
                    fault, before, story = said, story, tried
                    at += 0 if len(before) > len(tried) else piece
                else:
                    at += piece
            piece //= 2
        return story, fault

    def _breaks(self, deeds: list[Deed]) -> str:
        try:
            self._from_the_first(deeds)
        except Exception as fault:  # noqa: BLE001 (what it was is told)
            if _place(fault) == self.where or not self.where:
                self.where = _place(fault)
                return f"{type(fault).__name__} {fault}"[:2000]
        return ""

    def _from_the_first(self, deeds: list[Deed]) -> None:
        self.first.restore()
        self._see(self.saw_first)
        for deed in deeds:
            self.story.step(*deed)
            self.story.holds()

    def _seen(self) -> dict[str, Any]:
        own = {name: copy.deepcopy(getattr(self.story, name)) for name in self.story.remembers}
        return own | {"clock": clock.now()}

    def _see(self, seen: dict[str, Any]) -> None:
        for name in self.story.remembers:
            setattr(self.story, name, copy.deepcopy(seen[name]))
        if self.story.clock is not None:
            self.story.clock.move_to(seen["clock"])


def _place(fault: BaseException) -> str:
    line = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} at {line.filename}:{line.lineno}"


class _Breaking:
    """Remembers the story in which something broke."""

    def __init__(self, telling: Telling) -> None:
        self.telling = telling

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        if isinstance(fault, Exception):
            self.telling.broken, self.telling.where = list(self.telling.told), _place(fault)
