"""The two pages that measurements write: docs/quality/performance.md and docs/quality/faults.md.

A page is a head, which tells the machine and the day, and sections. `put` replaces one section and leaves the others
as they were, each with the day and the commit it was measured on: a page may be renewed piece by piece.

`python -m bench.quality ACCOUNTS` writes what the heavy proofs noted in that file (tests/chaos/accounts.py).
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "quality"
PERFORMANCE, FAULTS = FOLDER / "performance.md", FOLDER / "faults.md"
HEADS = {
    PERFORMANCE: """# Performance

Written by `make bench` and `make bench-city`; never a pass or a fail. Absolute figures drift with the machine, ratios
beside the peer of the same run hold.
""",
    FAULTS: """# Faults

Written by `make chaos` and `make fuzz`. Every row is a test that ran: what was broken, how often, and what was lost or
came twice. `SEED=n` with the test's name repeats a row.
""",
}


def put(page: Path, title: str, words: str) -> None:
    """Replace (or append) the section `title` of a page by `words` (Markdown without its heading)."""
    kept = page.read_text(encoding="utf-8") if page.exists() else HEADS[page]
    section = f"## {title}\n\n{_where()}\n\n{words.strip()}\n"
    found = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    renewed, count = found.subn(lambda _: section + "\n", kept)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text((renewed if count else f"{kept.rstrip()}\n\n{section}").rstrip() + "\n", encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; figures are put as they are given."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _where() -> str:
    day = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    load = f"{os.getloadavg()[0]:.1f}"
    return f"*{day}, commit {_commit()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}*"


def _commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


def write_accounts(file: Path) -> None:
    """One section for each file of tests, a row for each test that gave an account."""
    accounts = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for section in sorted({one["section"] for one in accounts}):
        rows = [
            [
                one["faults"],
                one["test"],
                one["seed"],
                one["kills"],
                one["retries"],
                one["accepted"],
                one["lost"],
                one["doubled"],
                one["words"],
            ]
            for one in accounts
            if one["section"] == section
        ]
        head = ["fault", "what was done", "seed", "kills", "retries", "accepted", "lost", "doubled", "seen"]
        put(FAULTS, section, table(head, rows))


if __name__ == "__main__":
    write_accounts(Path(sys.argv[1]))
