"""What `make fuzz` saw, for docs/quality/faults.md: `python -m bench.fuzz ACCOUNTS` (tests/fuzz/accounts.py)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.quality import FAULTS, put, table

HEAD = ("what was thrown at the house", "runs", "distinct outcomes", "crashes", "answers")
CORPUS = Path(__file__).parents[1] / "tests" / "fuzz" / "corpus"


def write(accounts: Path) -> None:
    told = [json.loads(line) for line in accounts.read_text(encoding="utf-8").splitlines()]
    rows = [
        [one["says"], one["runs"], one["outcomes"], ", ".join(one["crashes"]) or 0, one["answers"]]
        for one in told
    ]
    minutes = sum(one["seconds"] for one in told) / 60
    put(FAULTS, "Fuzz", f"{minutes:.0f} minutes in all. {_kept()}\n\n{table(HEAD, rows)}")


def _kept() -> str:
    """What broke once, as its smallest case tells."""
    found = [json.loads(file.read_text(encoding="utf-8"))["found"] for file in sorted(CORPUS.glob("*.json"))]
    words = f"; they were: {', '.join(found)}" if found else ""
    return f"Smallest cases of what once broke, mended and played again in every build: {len(found)}{words}."


if __name__ == "__main__":
    write(Path(sys.argv[1]))
