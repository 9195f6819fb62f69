"""What runs on a DATA folder: one lock for the one supervisor, and DATA/run.json for everybody who asks.

A process is known by its number and its moment of birth, because numbers are given out again.
"""

import fcntl
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.watchdog import end_groups


class AlreadyRunning(Exception):
    """Another supervisor holds this DATA."""


class RunRecord:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.path = data / "run.json"
        self._lock = -1

    def lock(self) -> None:
        """Held until this process ends; children do not inherit it."""
        self._lock = os.open(self.data / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise AlreadyRunning from None

    def unlock(self) -> None:
        os.close(self._lock)

    def write(
        self, *, state: str, port: int, processes: Mapping[str, int], status: Mapping[str, Any]
    ) -> None:
        """`processes`: name → pid. Readable by its owner only: the sandbox's secrets are in `status`."""
        kept = {name: [pid, birth(pid)] for name, pid in processes.items() if pid}
        me = os.getpid()
        content = {
            "pid": me,
            "birth": birth(me),
            "state": state,
            "port": port,
            "processes": kept,
            "status": status,
        }
        draft = self.path.with_name(f".run.json.{me}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False)
        draft.replace(self.path)

    def read(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)

    def running(self) -> dict[str, Any]:
        """The record of a supervisor that is alive, else {}."""
        content = self.read()
        return content if is_the_same(content.get("pid", 0), content.get("birth", "")) else {}

    def end_orphans(self) -> list[str]:
        """Ends what a killed supervisor left behind; only call while holding the lock. Names of what was ended."""
        processes = self.read().get("processes", {})
        left = {name: pid for name, (pid, born) in processes.items() if is_the_same(pid, born)}
        end_groups(set(left.values()))
        self.clear()
        return sorted(left)


def birth(pid: int) -> str:
    """When this process began, as the system tells it; "" when there is no such process."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        try:
            after_name = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            return ""
        # Field 22 of proc(5) is the start in clock ticks since boot; field 3 is "Z" for one that has ended.
        return "" if after_name[0] == "Z" else f"{_boot()}:{after_name[19]}"
    if Path("/proc/self").exists():
        return ""
    said = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return said.stdout.strip()


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()[:8]


def is_the_same(pid: int, born: str) -> bool:
    return bool(born) and pid > 1 and birth(pid) == born
