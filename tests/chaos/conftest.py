"""How big the heavy proofs are, and by which dice: HEAVY=full is what `make chaos` runs, SEED= repeats a run."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.accounts import Account, account_of
from tests.chaos.cluster import House
from tests.roads.street import Street
from tests.stack import Stack

FULL = os.environ.get("HEAVY") == "full"


def size(full: int, least: int = 1) -> int:
    """The whole number, or a fiftieth of it in the everyday build."""
    return full if FULL else max(least, full // 50)


@pytest.fixture
def seed() -> int:
    """Printed with a failing test."""
    drawn = int(os.environ.get("SEED") or random.randrange(1_000_000))
    print(f"SEED={drawn}")
    return drawn


@pytest.fixture
def dice(seed: int) -> random.Random:
    return random.Random(seed)


@pytest.fixture
def account(request: pytest.FixtureRequest, seed: int) -> Iterator[Account]:
    """What the test counts; at its end nothing may be lost or doubled. Faults are in the test's name: `test_f02_…`."""
    opened = account_of(request.node.name, request.module.__name__, seed)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def prepared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DATA of a house that was prepared once, on SQLite, to be copied."""
    with House(tmp_path_factory.mktemp("prepared") / "data", programs=()) as house:
        return house.data


@pytest.fixture(scope="module")
def street(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    data = tmp_path_factory.mktemp("chaos") / "data"
    shutil.copytree(prepared_data, data)
    with Stack(data) as stack:
        walked = Street(stack)
        yield walked
        walked.close()
