"""Each fault that the house promises to bear (trust F01–F30) is brought about by a test whose name says so."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
FAULTS = {f"f{number:02}" for number in range(1, 31)}


def test_every_fault_has_its_test() -> None:
    named = {
        fault
        for file in TESTS.rglob("test_*.py")
        for name in re.findall(r"^\s*def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
        for fault in re.findall(r"_(f\d\d)(?=_)", name)
    }
    assert FAULTS - named == set()
