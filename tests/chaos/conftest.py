"""How big the heavy proofs are, and by which dice: HEAVY=full is what `make chaos` runs, SEED= repeats a run.

All of them at full size are to end within half an hour on two cores, so what is only repeated has a count and a number of
seconds, and ends with whichever comes first; the account says how many there were. In the everyday build (within three
minutes) F01, F02, F08, F12, F17 and F20 run on both databases or in every variant; of the others one variant is enough.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.chaos.accounts import Account, account_of
from tests.chaos.cluster import House
from tests.chaos.databases import OwnPostgres
from tests.roads.street import Street
from tests.stack import Stack

FULL = os.environ.get("HEAVY") == "full"
FAILED = pytest.StashKey[str]()


def size(full: int, least: int = 1) -> int:
    """The whole number, or a fiftieth of it in the everyday build."""
    return full if FULL else max(least, full // 50)


def turns(full: int, least: int = 1, *, seconds: float) -> Iterator[int]:
    """0, 1, 2 … so many as `size` says, but after these seconds no more; the `least` in any case."""
    until = time.monotonic() + seconds
    for turn in range(size(full, least)):
        if turn >= least and time.monotonic() > until:
            return
        yield turn


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[FAILED] = report.when or ""
    return report


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
    opened.close(failed=FAILED in request.node.stash)


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[OwnPostgres]:
    """A PostgreSQL that may be killed; whoever does so starts it again."""
    with tempfile.TemporaryDirectory(prefix="xf-pg-", dir="/tmp") as folder:
        server = OwnPostgres(Path(folder))
        yield server
        server.end()


@pytest.fixture(scope="session")
def prepared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DATA of a house that was prepared once, on SQLite, to be copied."""
    with House(tmp_path_factory.mktemp("prepared") / "data", programs=()) as house:
        return house.data


@pytest.fixture(scope="session")
def one_street(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    data = tmp_path_factory.mktemp("chaos") / "data"
    shutil.copytree(prepared_data, data)
    with Stack(data) as stack:
        walked = Street(stack)
        yield walked
        walked.close()


@pytest.fixture(scope="module")
def street(one_street: Street) -> Street:
    """In front of a house with its supervisor, which several files share: it comes back after each kill."""
    return one_street
