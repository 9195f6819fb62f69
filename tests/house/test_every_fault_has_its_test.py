"""Each fault that the house promises to bear (trust F01–F30) is brought about by a test whose name says so."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
FAULTS = {f"f{number:02}" for number in range(1, 31)}
STILL_MISSING = {
    *("f12", "f18", "f20", "f21", "f22", "f23", "f24", "f25", "f28", "f29", "f30"),
}


def test_every_fault_has_its_test() -> None:
    named = {
        fault
        for file in TESTS.rglob("test_*.py")
        for name in re.findall(r"^\s*def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
        for fault in re.findall(r"_(f\d\d)(?=_)", name)
    }
    assert FAULTS - named <= STILL_MISSING
