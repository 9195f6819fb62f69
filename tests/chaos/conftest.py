"""How big the heavy proofs are, and by which dice: HEAVY=full is what `make chaos` runs, SEED= repeats a run."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from tests.roads.street import Street
from tests.stack import Stack

FULL = os.environ.get("HEAVY") == "full"


def size(full: int, least: int = 1) -> int:
    """The whole number, or a fiftieth of it in the everyday build."""
    return full if FULL else max(least, full // 50)


@pytest.fixture
def dice() -> random.Random:
    """Seeded; the seed is printed with a failing test."""
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    print(f"SEED={seed}")
    return random.Random(seed)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with Stack(tmp_path_factory.mktemp("chaos") / "data") as stack:
        walked = Street(stack)
        yield walked
        walked.close()
