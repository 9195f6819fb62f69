"""The whole system starts, heals, ends and comes back with its data; nothing is left running."""

import http.client
import json
import os
import signal
import sqlite3
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.run_record import birth
from tests.stack import PROJECT, Stack

pytestmark = pytest.mark.xdist_group("stack")
PROGRAMS = ("valkey", "sandbox", "web", "scheduler", "delivery")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One house for all who only look, or break what heals."""
    with Stack(tmp_path_factory.mktemp("shared") / "data") as running:
        yield running


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path / "data") as running:
        yield running


def answers(port: int, path: str) -> int:
    """The HTTP status, 0 when nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def make(stack: Stack, *goals: str) -> subprocess.CompletedProcess[str]:
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS", "XINGFU_"))
    }
    return subprocess.run(
        ["make", "-s", *goals, f"DATA={stack.data}", f"PORT={stack.port}"],
        cwd=PROJECT,
        env=environ | {"XINGFU_CONFIG": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_status_is_one_json_object_with_every_address(stack: Stack) -> None:
    done = make(stack, "status")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    shown = json.loads(done.stdout)
    assert shown == stack.status()
    assert list(shown) == ["web", "phone", "console", "api_docs", "control", "webhook", "miniprogram"]
    assert list(shown["webhook"]) == ["url", "token", "aes_key", "appid", "account"]
    assert shown["webhook"]["url"] == f"{stack.web}/wx/main"
    assert shown["phone"] == f"{stack.sandbox}/phone"
    assert answers(stack.port, "/healthz") == 200
    assert answers(stack.port + 1, "/phone") in {200, 302, 308}


def test_the_start_prints_one_line_for_each_address(stack: Stack) -> None:
    said = stack.output.read_text("utf-8").splitlines()
    assert len(said) <= 6
    for words in ("phone page", "staff console", "API documentation", "control page"):
        assert len([line for line in said if words in line and "http://127.0.0.1:" in line]) == 1


def test_what_is_written_is_private(stack: Stack) -> None:
    for name in (".", "run.json", "xingfu.db", "sandbox/apps.json", "secrets/main.toml", "logs/web.log"):
        assert stat.S_IMODE((stack.data / name).stat().st_mode) & 0o077 == 0, name


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_killed_program_comes_back(stack: Stack, name: str) -> None:
    before = stack.pid(name)
    stack.kill(name)
    eventually(lambda: stack.pid(name) not in {0, before})
    eventually(lambda: answers(stack.port, "/readyz") == 200)
    assert all(birth(stack.pid(each)) for each in PROGRAMS)


def test_stop_ends_everything_and_the_data_survives_a_restart(own_stack: Stack) -> None:
    pids = [own_stack.pid(name) for name in PROGRAMS]
    with closing(sqlite3.connect(own_stack.data / "xingfu.db", timeout=5)) as database, database:
        database.execute("CREATE TABLE kept_by_the_test (words TEXT)")
    done = make(own_stack, "stop")
    assert done.returncode == 0
    assert not [pid for pid in pids if birth(pid)]
    assert answers(own_stack.port, "/healthz") == answers(own_stack.port + 1, "/phone") == 0
    own_stack.stop()
    own_stack.start()
    with closing(sqlite3.connect(own_stack.data / "xingfu.db")) as database:
        assert database.execute("SELECT count(*) FROM kept_by_the_test").fetchone() == (0,)


def test_when_the_supervisor_is_killed_the_next_start_is_clean(own_stack: Stack) -> None:
    pids = [own_stack.pid(name) for name in PROGRAMS]
    assert own_stack._supervisor
    own_stack._supervisor.send_signal(signal.SIGKILL)
    own_stack._supervisor.wait()
    own_stack.start()
    assert not [pid for pid in pids if birth(pid)]
    assert answers(own_stack.port, "/readyz") == 200


def test_a_second_start_refuses_and_the_first_goes_on(stack: Stack) -> None:
    done = make(stack, "run")
    assert done.returncode != 0
    assert (
        done.stderr.splitlines()[0]
        == f"already running on {stack.data} (port {stack.port}); make stop ends it"
    )
    assert answers(stack.port, "/readyz") == 200


def test_a_backup_of_the_running_house_can_be_restored(own_stack: Stack) -> None:
    done = make(own_stack, "backup")
    assert done.returncode == 0, done.stderr
    (archive,) = (own_stack.data / "backups").iterdir()
    assert "make stop first" in make(own_stack, "restore", f"FILE={archive}").stderr
    own_stack.stop()
    assert make(own_stack, "restore", f"FILE={archive}", "FORCE=1").returncode == 0
    own_stack.start()
    assert answers(own_stack.port, "/readyz") == 200
