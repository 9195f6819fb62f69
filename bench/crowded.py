"""A house under a crowd (bench/bursts.py): started whole, loaded over HTTP, asked afterwards what it kept of what it
accepted; beside it the peer, the bare echo on the same server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.crowd import Author, Crowd, Seen, judged, mixed, texts
from bench.processes import family, memory_mb, one_mb
from bench.webhook import ROOT, sealer_of
from tests.stack import Stack, free_port

WORKERS = int(os.environ.get("WORKERS", "2"))
SEED = int(os.environ.get("SEED", "1"))
ANSWERED = ("talk", "click", "subscribe", "unsubscribe")  # kinds that the inbox keeps


class House:
    """A running installation, and what is asked of it from outside."""

    def __init__(self, stack: Stack) -> None:
        from app.settings import load_settings
        from app.site import Site

        self.stack = stack
        self.site = Site(load_settings(stack.environ))
        self.shared, sealer = sealer_of(stack.environ)
        self.author, self.open = Author(sealer), sealer.open
        self.notes: list[str] = []
        self.scene = ""

    def load(
        self,
        words: Iterator[Any],
        *parts: tuple[float, float],
        tries: int = 1,
        meanwhile: Callable[[], Any] = lambda: None,
    ) -> Seen:
        """A crowd for so many seconds at such a rate, and then for …; what was accepted is in the inbox afterwards."""
        pushes, began = self.author.write(words, *parts)
        time.sleep(max(0.0, began - time.monotonic()))
        with at_the_same_time(meanwhile):
            Crowd(self.stack.web, tries).send(pushes)
        seen = judged(pushes, began, self.open)
        self.notes.append(self.lost(seen))
        if broken := Counter(one.end for one in seen.broken()):
            self.notes.append(f"{self.scene}: broken: {dict(broken)}")
        return seen

    def lost(self, seen: Seen) -> str:
        """How many of those that were accepted the inbox does not know. (Its key is unique: none is there twice.)"""
        from app import privacy

        self.wait_for_spool()
        taken = [one.key for one in seen.ended("accepted") if one.kind in ANSWERED]
        keys = [privacy.keyring().blind("inbox.key", f"oa:main|{key}") for key in taken]
        different = sorted(set(keys))
        found = sum(self._known(different[at : at + 500]) for at in range(0, len(different), 500))
        return f"{self.scene}: {len(taken)} accepted, {len(different) - found} lost"

    def _known(self, keys: list[str]) -> int:
        from sqlalchemy import func, select

        from models.inbox import InboxRow

        with self.site.database.reading() as session:
            return session.scalar(select(func.count(InboxRow.key)).where(InboxRow.key.in_(keys))) or 0

    def wait_for_spool(self) -> None:
        until = time.monotonic() + 120
        while any((self.stack.data / name).exists() for name in ("spool", "spool.replaying")):
            if time.monotonic() > until:
                raise SystemExit("what was kept for later was not done within two minutes")
            time.sleep(0.2)

    def memory(self) -> dict[str, str]:
        """Proportional set size in MB: each worker of the web, and the programs with one process."""
        _, *workers = family(self.stack.pid("web"))
        found = {"web, each worker": " + ".join(f"{one_mb(worker):.0f}" for worker in workers)}
        return found | {name: f"{memory_mb(self.stack.pid(name)):.0f}" for name in ("delivery", "scheduler")}


def prepare(stack: Stack) -> None:
    """The folder as it is before a start: migrated and seeded."""
    stack.data.mkdir(mode=0o700, parents=True)
    subprocess.run([sys.executable, "-m", "app.prepare"], cwd=ROOT, env=stack.environ, check=True)


@contextmanager
def at_the_same_time(work: Callable[[], Any]) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join()


@contextmanager
def echo(house: House) -> Iterator[tuple[str, int]]:
    """The peer on two workers of four threads."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--port", str(port)]
    command += [
        "--workers",
        str(WORKERS),
        "--blocking-threads",
        "4",
        "--no-ws",
        "--log-level",
        "error",
        "bench.echo:app",
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ) | house.shared, start_new_session=True)
    try:
        web = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 30
        while time.monotonic() < until:
            pushes, began = house.author.write(texts(mixed(10, SEED)), (0.02, 50))
            Crowd(web, answer_seconds=2.0).send(pushes)
            if judged(pushes, began, house.open).ended("accepted"):
                break
            time.sleep(0.2)
        yield web, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
