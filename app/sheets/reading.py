"""A sheet that somebody uploaded, read where it can do no harm: in a child process that may use half a gigabyte and
thirty seconds (a workbook of five kilobytes can ask for four gigabytes), with nothing of ours in its environment."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.sheets.reader import CPU_SECONDS

LARGEST = 10 * 1024 * 1024
PROJECT = Path(__file__).parents[2]
PATIENCE = CPU_SECONDS + 15  # of the wall clock: other work may keep the child waiting

Cell = str | int | float


class BadSheet(Exception):
    """This sheet is not taken. `code` says why (templates/registers/chat.txt has the words), `at` where."""

    def __init__(self, code: str, at: str = "") -> None:
        super().__init__(code, at)
        self.code, self.at = code, at


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first sheet that can be seen: its rows without empty ends. Dates are ISO texts, numbers stay numbers."""

    name: str
    rows: list[list[Cell]]

    @property
    def width(self) -> int:
        return max((len(row) for row in self.rows), default=0)


def read(content: bytes) -> Sheet:
    """Raises BadSheet. Takes as long as the sheet takes: only for long work."""
    if len(content) > LARGEST:
        raise BadSheet("too_large")
    told = _asked(content)
    if "bad" in told:
        raise BadSheet(told["bad"], told.get("at", ""))
    return Sheet(told["name"], told["rows"])


def _asked(content: bytes) -> dict[str, Any]:
    command = [sys.executable, "-m", "app.sheets.reader"]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, cwd=PROJECT, env={}, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise BadSheet("too_much") from None
    if done.returncode != 0:
        raise BadSheet("too_much")
    told: dict[str, Any] = json.loads(done.stdout)
    return told
