"""One program as a process group: started, watched, restarted with patience, ended whole.

A program is data, so the supervisor does not know what it runs. Each gets a session of its own: Ctrl-C in the
terminal reaches the supervisor alone, and ending the group ends the workers too.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.watchdog import signal_group

FIRST_MOMENTS = 0.3
FIRST_REST = 0.2
LONGEST_REST = 10.0
SETTLED_SECONDS = 30.0
LOG_BYTES = 5_000_000
LOGS_KEPT = 3
# What allocators need not keep. A web process has 140 threads, of which four work: glibc would give arenas to each, and
# granian's jemalloc would hold for ten seconds and more what the connections of a crowd have used, 30 MB. The caches of
# each thread stay: without them threads queue for locks, and in an overload nobody is answered in time.
SPARING = {
    "MALLOC_ARENA_MAX": "2",
    "_RJEM_MALLOC_CONF": "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0",
}


@dataclass(frozen=True)
class Program:
    """`once`: runs to its end before the next stage, exit 0 is success. The others run until they are stopped, and
    are healthy when `healthy` says so, or without it when they have not fallen over within their first moments.
    `awaited`: the next one of its stage begins when it is healthy, so that it has the processor to itself."""

    name: str
    argv: tuple[str, ...]
    healthy: Callable[[], bool] | None = None
    once: bool = False
    awaited: bool = False


class Process:
    """A program that is running, or resting before it is started again."""

    def __init__(self, program: Program, logs: Path, environ: Mapping[str, str], folder: Path) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self._environ = environ
        self._folder = folder
        self._popen: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._rest = FIRST_REST
        self._again_at = 0.0

    @property
    def pid(self) -> int:
        return self._popen.pid if self._popen else 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.program.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=dict(self._environ),
                start_new_session=True,
            )
        self._started = time.monotonic()

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll() if self._popen else None

    def fall(self) -> float:
        """Notes that it has died: its remaining workers end, and it rests; returns the rest in seconds."""
        signal_group(self.pid, signal.SIGKILL)
        if time.monotonic() - self._started > SETTLED_SECONDS:
            self._rest = FIRST_REST
        rest, self._rest = self._rest, min(self._rest * 2, LONGEST_REST)
        self._popen, self._again_at = None, time.monotonic() + rest
        return rest

    @property
    def is_due(self) -> bool:
        return self._popen is None and time.monotonic() >= self._again_at

    def ask_to_end(self) -> None:
        """Only the leader is asked: it ends its workers in its own order."""
        if self._popen:
            self._popen.terminate()

    def has_ended(self) -> bool:
        return self._popen is None or self._popen.poll() is not None

    def is_healthy(self) -> bool:
        if self.program.healthy:
            return self.program.healthy()
        return time.monotonic() - self._started > FIRST_MOMENTS

    def kill(self) -> None:
        """The leader if it is still there, and whatever it left in its group."""
        if self._popen:
            signal_group(self.pid, signal.SIGKILL)
            self._popen.wait()

    def last_words(self) -> str:
        """The last line of its log, for a person who wonders why it ended."""
        try:
            lines = self.log.read_bytes()[-4000:].decode("utf-8", "replace").split("\n")
        except OSError:
            return ""
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")

    def rotate_log(self) -> None:
        """Copies and empties, because the process keeps its file open (in append mode)."""
        try:
            if self.log.stat().st_size < LOG_BYTES:
                return
            for number in range(LOGS_KEPT - 1, 0, -1):
                older = self.log.with_suffix(f".log.{number}")
                if older.exists():
                    older.replace(self.log.with_suffix(f".log.{number + 1}"))
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)
        except OSError:
            return  # a full disk must not end the house
