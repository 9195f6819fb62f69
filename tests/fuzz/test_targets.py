"""Each target for a moment in the everyday build; `make fuzz` gives them minutes (FUZZ_MINUTES, all together)."""

from __future__ import annotations

import os
import random

import pytest

from tests.fuzz.accounts import note
from tests.fuzz.hunting import Hunt
from tests.fuzz.targets import TARGETS
from tests.fuzz.world import World

MINUTES = float(os.environ.get("FUZZ_MINUTES", "0"))
LEAST_REACHED = 0.5  # who is turned away at the door tries nothing of what is behind it
SEED = int(os.environ.get("SEED", "0"))


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_breaks(world: World, name: str) -> None:
    hunt = Hunt(TARGETS[name])
    if MINUTES:
        share = hunt.target.share / sum(one.share for one in TARGETS.values())
        seed = SEED or random.randrange(10**9)
        hunt.play(world, MINUTES * 60 * share, seed)
        told = f"{hunt.target.says} (seed {seed})"
        note(told, hunt.runs, hunt.seconds, len(hunt.outcomes), hunt.crashes, hunt.shares)
    else:
        hunt.once(world, hunt.target.few, SEED)
    print(f"{hunt.target.says}: {hunt.runs} runs; {hunt.shares or f'{len(hunt.outcomes)} outcomes'}")
    assert not hunt.crashes, hunt.crashes
    assert hunt.runs
    if name in ("form", "page"):
        assert hunt.reached >= LEAST_REACHED, hunt.shares


def test_who_signed_out_in_one_case_is_who_they_were_in_the_next(world: World) -> None:
    """Otherwise a long run ends among strangers, who are turned away everywhere."""

    def visit(how: str, to: str) -> dict[str, object]:
        return {"who": 0, "how": how, "to": to, "on": "", "luck": 0, "fields": []}

    leaves, looks = visit("post", "/h5/me/leave"), visit("get", "/h5/me")
    play = TARGETS["page"].play
    assert play(world, [looks]) == "200"
    assert play(world, [leaves, looks]) != "303 200"
    assert play(world, [looks]) == "200"
