"""Whatever once broke something is played again: tests/fuzz/corpus keeps the smallest case of each fault ever found."""

from __future__ import annotations

import json

import pytest

from tests.fuzz.hunting import CORPUS
from tests.fuzz.targets import TARGETS
from tests.fuzz.world import World

FILES = sorted(CORPUS.glob("*.json"))


@pytest.mark.parametrize("name", [file.name for file in FILES])
def test_what_broke_once_holds(world: World, name: str) -> None:
    kept = json.loads((CORPUS / name).read_text(encoding="utf-8"))
    world.new_case()
    assert TARGETS[kept["target"]].play(world, kept["case"]), kept["found"]
