"""Many at once: works that start at the same moment, each as stubborn as a phone that is told to try again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from app.database import Busy

T = TypeVar("T")
MOST_TRIES = 12


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """The results, in the order of the works. A house that is too busy did nothing: whoever was told so asks again."""
    together = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        together.wait()
        return insisting(work)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def insisting(work: Callable[[], T]) -> T:
    for tries in range(MOST_TRIES):
        try:
            return work()
        except Busy:
            if tries + 1 == MOST_TRIES:
                raise
            time.sleep(0.05 * (tries + 1))
    raise AssertionError("unreachable")
