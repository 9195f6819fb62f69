"""What `make fuzz` saw, for docs/quality/faults.md: `python -m bench.fuzz ACCOUNTS` (tests/fuzz/test_targets.py notes
them)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.quality import FAULTS, put, table

HEAD = ("what was thrown at the house", "runs", "runs per second", "distinct outcomes", "crashes")
CORPUS = Path(__file__).parents[1] / "tests" / "fuzz" / "corpus"


def write(accounts: Path) -> None:
    told = [json.loads(line) for line in accounts.read_text(encoding="utf-8").splitlines()]
    rows = [
        [
            one["says"],
            one["runs"],
            f"{one['runs'] / max(one['seconds'], 0.001):.0f}",
            one["outcomes"],
            ", ".join(one["crashes"]) or 0,
        ]
        for one in told
    ]
    minutes = sum(one["seconds"] for one in told) / 60
    kept = (
        f"{len(list(CORPUS.glob('*.json')))} cases that once broke something are played again in every build."
    )
    put(FAULTS, "Fuzz", f"{minutes:.0f} minutes in all. {kept}\n\n{table(HEAD, rows)}")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
