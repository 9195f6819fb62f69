"""A PostgreSQL of a test's own, that may be killed, held, or throw its guests out."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from sqlalchemy import URL

from app.schema import migrate
from tests.servers import start_postgres

EMPTY = "without_rows"


class OwnPostgres:
    """A server that may be killed. It is a safe one: an unsafe one forgets the commits of its last moment, and a sender
    who trusted them sends once more."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = start_postgres(folder, safe=True)
        self._is_prepared = False
        self.command = Path(f"/proc/{self.process.pid}/cmdline").read_bytes().split(b"\0")[:-1]

    def database(self, name: str) -> str:
        """The URL of a new one with all tables and no rows."""
        if not self._is_prepared:
            self._create(EMPTY)
            for lane in ("main", "confidential"):
                migrate(self._url(EMPTY), lane)
            self._is_prepared = True
        self._create(f"{name} TEMPLATE {EMPTY}")
        return self._url(name)

    def _create(self, what: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {what}".encode())

    def _url(self, name: str) -> str:
        made = URL.create("postgresql+psycopg", "postgres", database=name, query={"host": str(self.folder)})
        return made.render_as_string(hide_password=False)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def start_again(self) -> None:
        """Its orphans leave by themselves; until they have, it does not start."""
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        user = "nobody" if os.geteuid() == 0 else None
        until = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < until
            if self.process.poll() is not None:
                quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                self.process = subprocess.Popen(
                    self.command, cwd="/", user=user, start_new_session=True, **quiet
                )
            time.sleep(0.2)

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(self.folder), user="postgres", connect_timeout=2).close()
            return True
        return False

    def hold(self) -> None:
        """SIGSTOP to the server and all who serve its connections (each of whom leads a group of its own)."""
        self._tell_all(signal.SIGSTOP)

    def let_go(self) -> None:
        self._tell_all(signal.SIGCONT)

    def _tell_all(self, number: signal.Signals) -> None:
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for one in (first, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, number)

    def throw_everybody_out(self) -> None:
        """As an administrator does it, or a proxy that restarts."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        with psycopg.connect(host=str(self.folder), user="postgres", autocommit=True) as connection:
            connection.execute(others)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
