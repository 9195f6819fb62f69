"""The servers that other tests stand on are real ones, and Redis may go away."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from app.embedded_valkey import EXIT_RUNNING, socket_path
from app.redis import Limiter, Resilient, connect, is_alive
from app.settings import load_settings
from tests.servers import PostgresServer, postgres_server, start_valkey, valkey_server

__all__ = ["postgres_server", "valkey_server"]


def test_a_database_is_made_from_a_template(postgres_server: PostgresServer) -> None:
    first = postgres_server.create_database("operations_first")
    with psycopg.connect(first.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE visitors (name text)")
    copy = postgres_server.create_database("operations_copy", template="operations_first")
    with psycopg.connect(copy.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM visitors").fetchone() == (0,)
    postgres_server.drop_database("operations_copy")
    postgres_server.drop_database("operations_first")


def test_two_connections_skip_each_others_locks(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database("operations_locks").replace("+psycopg", "")
    with psycopg.connect(url) as one, psycopg.connect(url) as two:
        one.execute("CREATE TABLE due AS SELECT 1 AS id")
        one.commit()
        one.execute("SELECT id FROM due FOR UPDATE")
        assert two.execute("SELECT id FROM due FOR UPDATE SKIP LOCKED").fetchall() == []


def test_valkey_answers_on_its_socket(valkey_server: str) -> None:
    with Redis.from_url(valkey_server) as client:
        assert client.set("seen", "1", nx=True, ex=60)
        assert client.set("seen", "1", nx=True, ex=60) is None


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_second_valkey_for_the_same_folder_is_refused(data: Path) -> None:
    data.mkdir()
    first = start_valkey(data)
    try:
        second = subprocess.run(
            [sys.executable, "-m", "app.embedded_valkey", data], capture_output=True, text=True, check=False
        )
        assert second.returncode == EXIT_RUNNING
        assert second.stderr.count("\n") == 1
        assert "already running" in second.stderr
    finally:
        _end(first)


def test_what_valkey_holds_survives_kill_and_its_lock_does_not(data: Path) -> None:
    data.mkdir()
    first = start_valkey(data)
    with Redis(unix_socket_path=str(socket_path(data))) as client:
        client.set("token", "kept")
        time.sleep(1.2)  # appendfsync everysec
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = start_valkey(data)
    try:
        with Redis(unix_socket_path=str(socket_path(data))) as client:
            assert client.get("token") == b"kept"
    finally:
        _end(second)


def test_a_long_folder_gets_a_short_private_socket(tmp_path: Path) -> None:
    data = tmp_path / ("深" * 40)
    data.mkdir()
    settings = load_settings({"XINGFU_DATA": str(data), "XINGFU_CONFIG": ""})
    assert len(str(socket_path(data)).encode()) <= 90
    server = start_valkey(data)
    try:
        assert is_alive(connect(settings))
        assert socket_path(data).parent.stat().st_mode & 0o077 == 0
    finally:
        _end(server)
        shutil.rmtree(socket_path(data).parent)


def test_without_redis_a_default_comes_at_once_and_asking_pauses(data: Path) -> None:
    settings = load_settings({"XINGFU_DATA": str(data), "XINGFU_CONFIG": ""})
    now = [1000.0]
    redis = Resilient(connect(settings), clock=lambda: now[0])
    asked = []

    def ask(client: Redis) -> str:
        asked.append(now[0])
        return str(client.get("x"))

    started = time.monotonic()
    assert [redis.attempt(ask, "default") for _ in range(20)] == ["default"] * 20
    assert time.monotonic() - started < 1
    assert len(asked) == 3
    now[0] += 2.1
    assert [redis.attempt(ask, "default") for _ in range(5)] == ["default"] * 5
    assert len(asked) == 4


def test_redis_is_used_again_when_it_is_back(data: Path) -> None:
    settings = load_settings({"XINGFU_DATA": str(data), "XINGFU_CONFIG": ""})
    now = [1000.0]
    redis = Resilient(connect(settings), clock=lambda: now[0])
    for _ in range(5):
        assert not redis.attempt(is_alive_or_raise, default=False)
    server = start_valkey(data)
    try:
        now[0] += 2.1
        assert redis.attempt(is_alive_or_raise, default=False)
        assert redis.attempt(is_alive_or_raise, default=False)
        assert not redis.resting
    finally:
        _end(server)


def is_alive_or_raise(client: Redis) -> bool:
    return bool(client.ping())


@pytest.mark.parametrize("with_redis", [True, False])
def test_the_limit_holds_with_redis_and_without(valkey_server: str, data: Path, with_redis: bool) -> None:
    environ = {"XINGFU_DATA": str(data), "XINGFU_CONFIG": ""}
    if with_redis:
        environ["XINGFU_REDIS__URL"] = valkey_server
    now = [60_000.0]
    limiter = Limiter(Resilient(connect(load_settings(environ))), clock=lambda: now[0])
    answers = [limiter.allow(f"login-{with_redis}", limit=5, seconds=60) for _ in range(7)]
    assert answers == [True] * 5 + [False] * 2
    now[0] += 60  # the window before still counts in full
    assert not limiter.allow(f"login-{with_redis}", limit=5, seconds=60)
    now[0] += 30  # half of it
    assert [limiter.allow(f"login-{with_redis}", limit=5, seconds=60) for _ in range(4)] == [True] * 3 + [
        False
    ]
    assert limiter.allow(f"somebody-else-{with_redis}", limit=5, seconds=60)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()
