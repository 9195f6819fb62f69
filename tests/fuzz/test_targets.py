"""Each target for a moment in the everyday build; `make fuzz` gives them minutes (FUZZ_MINUTES, all together)."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from tests.fuzz.hunting import Hunt
from tests.fuzz.targets import TARGETS
from tests.fuzz.world import World

MINUTES = float(os.environ.get("FUZZ_MINUTES", "0"))
SEED = int(os.environ.get("SEED", "0"))


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_breaks(world: World, name: str) -> None:
    hunt = Hunt(TARGETS[name])
    if MINUTES:
        share = hunt.target.share / sum(one.share for one in TARGETS.values())
        hunt.play(world, MINUTES * 60 * share, SEED or random.randrange(10**9))
    else:
        hunt.once(world, hunt.target.few, SEED)
    account(hunt)
    assert not hunt.crashes, hunt.crashes
    assert hunt.runs


def account(hunt: Hunt) -> None:
    """A line for the page of faults (bench/fuzz.py writes it)."""
    if file := os.environ.get("FUZZ_ACCOUNTS"):
        told = {
            "says": hunt.target.says,
            "runs": hunt.runs,
            "seconds": hunt.seconds,
            "outcomes": len(hunt.outcomes),
            "crashes": hunt.crashes,
        }
        with Path(file).open("a", encoding="utf-8") as accounts:
            accounts.write(json.dumps(told, ensure_ascii=False) + "\n")
