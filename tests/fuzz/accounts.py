"""What `make fuzz` collects for docs/quality/faults.md (FUZZ_ACCOUNTS names a file; bench/fuzz.py writes the page)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


def note(
    says: str, runs: int, seconds: float, outcomes: int, crashes: Mapping[str, str], answers: str = ""
) -> None:
    """A line for the page of faults."""
    if file := os.environ.get("FUZZ_ACCOUNTS"):
        told = {
            "says": says,
            "runs": runs,
            "seconds": seconds,
            "outcomes": outcomes,
            "crashes": dict(crashes),
            "answers": answers,
        }
        with Path(file).open("a", encoding="utf-8") as accounts:
            accounts.write(json.dumps(told, ensure_ascii=False) + "\n")
