"""Lives of one program, begotten by the nursery in a moment: started, held, killed, or ended by a fail point."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.failpoints import VARIABLE
from app.run_record import birth
from tests.servers import PROJECT

PATIENCE_SECONDS = 90


@dataclass
class Brood:
    """`alive` are the process numbers, each the leader of its group, the oldest first; `given` is the environment of all
    that are begotten."""

    nursery: subprocess.Popen[str]
    log: Path
    given: dict[str, str] = field(default_factory=dict)
    alive: list[int] = field(default_factory=list)

    def beget(self, *arguments: str, fail: str = "", **environ: str) -> int:
        """`fail` names the point where it ends by itself (app/failpoints.py)."""
        assert self.nursery.stdin
        assert self.nursery.stdout
        told = {**self.given, **environ, VARIABLE: fail}
        words = [*arguments, *(f"{name}={value}" for name, value in told.items())]
        self.nursery.stdin.write(" ".join(words) + "\n")
        self.nursery.stdin.flush()
        self.alive.append(int(self.nursery.stdout.readline()))
        return self.alive[-1]

    def kill(self, number: int = 0) -> None:
        """SIGKILL to the whole group, in the middle of whatever it does; one that fell by itself is gone already."""
        with suppress(ProcessLookupError):
            os.killpg(self.alive.pop(number), signal.SIGKILL)

    def wait_for_a_death(self, number: int = -1) -> None:
        """That one comes to the point where it ends."""
        until = time.monotonic() + PATIENCE_SECONDS
        while birth(self.alive[number]):
            assert time.monotonic() < until, f"it lives: {self.log.read_text()[-2000:]}"
            time.sleep(0.01)
        self.alive.pop(number)

    def end(self) -> None:
        while self.alive:
            self.kill()


@contextmanager
def brood(module: str, environ: Mapping[str, str], log: Path) -> Iterator[Brood]:
    """Programs `python -m module` with this environment (and what is told at each birth); what they print goes to `log`."""
    command = [sys.executable, "-m", "tests.chaos.nursery", module]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with log.open("ab") as written:
        nursery = subprocess.Popen(command, cwd=PROJECT, env=dict(environ), stderr=written, **pipes)
    made = Brood(nursery, log)
    try:
        yield made
    finally:
        made.end()
        nursery.kill()
        nursery.wait()
        for pipe in (nursery.stdin, nursery.stdout):
            assert pipe
            pipe.close()
