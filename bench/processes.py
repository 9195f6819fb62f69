"""What a program and its workers use, read from /proc: processor time, and memory that belongs to it alone."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    """User and system time of the whole family."""
    return sum(_cpu(one) for one in family(pid))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> float:
    """Proportional set size of the whole family in MB; 0 for a process that rests."""
    return sum(_memory(one) for one in family(pid)) / 1024 if pid else 0.0


def open_files(pid: int) -> int:
    """Files, sockets and pipes that the whole family has open; 0 for a process that rests."""
    return sum(len(list(Path(f"/proc/{one}/fd").iterdir())) for one in family(pid)) if pid else 0


def one_mb(pid: int) -> float:
    """The same of this process alone."""
    return _memory(pid) / 1024


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
