"""The commands of the Makefile refuse with one line before anything has been started."""

import json
import os
import re
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path
from secrets import token_hex

import pytest
from redis import Redis

from app import installation, supervisor
from app.run_record import RunRecord
from app.settings import Settings, load_settings
from tests.stack import PROJECT, Stack

Done = subprocess.CompletedProcess[str]


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path / "data")


def command(stack: Stack, *arguments: str, answer: str = "") -> Done:
    return subprocess.run(
        [sys.executable, "-m", "app.supervisor", *arguments],
        cwd=PROJECT,
        env=stack.environ,
        capture_output=True,
        text=True,
        check=False,
        input=answer,
        timeout=60,
    )


def refusal(done: Done) -> str:
    """The one line of a refused command."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def nothing_runs(stack: Stack) -> bool:
    return not RunRecord(stack.data).running() and not (stack.data / "logs" / "web.log").exists()


@pytest.mark.parametrize("neighbour", [0, 1])
def test_a_taken_port_refuses(stack: Stack, neighbour: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stack.port + neighbour))
        taken.listen()
        assert f"port {stack.port + neighbour} on 127.0.0.1 is taken" in refusal(command(stack, "run"))
    assert nothing_runs(stack)


def test_a_broken_config_refuses(stack: Stack, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[web]\nprot = 1\n")
    stack.environ["XINGFU_CONFIG"] = str(config)
    assert refusal(command(stack, "run")) == "config.toml: unknown key web.prot; did you mean port?\n"
    assert not stack.data.exists()


def test_a_folder_without_write_permission_refuses(stack: Stack) -> None:
    stack.environ["XINGFU_DATA"] = "/proc/xingfu"  # nobody may write there, not even root
    assert "cannot write /proc/xingfu" in refusal(command(stack, "run"))


def test_a_running_house_refuses_a_second_start_and_a_reset_and_a_restore(stack: Stack) -> None:
    load_settings(stack.environ)
    (stack.data / "logs").mkdir()
    record = RunRecord(stack.data)
    record.lock()
    record.write(state="running", port=stack.port, processes={}, status={})
    try:
        assert f"already running on {stack.data} (port {stack.port})" in refusal(command(stack, "run"))
        assert "make stop first" in refusal(command(stack, "reset", "--yes"))
        assert "make stop first" in refusal(command(stack, "restore", "--file", "x"))
    finally:
        record.unlock()


@pytest.mark.parametrize("name", ["run", "backup", "restore", "reset"])
def test_nothing_is_written_into_the_folder_of_another_user(stack: Stack, name: str) -> None:
    """Its owner could not read it, and the house would not start again."""
    if os.geteuid():
        stack.data.symlink_to("/")
    else:
        stack.data.mkdir()
        shutil.chown(stack.data, "nobody")
    assert re.search(r" belongs to (root|nobody): run this as that user", refusal(command(stack, name)))
    assert os.geteuid() or not list(stack.data.iterdir())


def test_status_says_when_nothing_runs(stack: Stack) -> None:
    assert refusal(command(stack, "status")) == f"nothing is running on {stack.data} at port {stack.port}\n"


def test_status_of_another_port_is_not_this_one(stack: Stack) -> None:
    stack.data.mkdir()
    RunRecord(stack.data).write(state="running", port=stack.port + 10, processes={}, status={"web": "x"})
    assert "nothing is running" in refusal(command(stack, "status"))
    stack.environ["XINGFU_PORT"] = str(stack.port + 10)
    assert json.loads(command(stack, "status").stdout) == {"web": "x"}


def test_status_while_starting_is_not_yet(stack: Stack) -> None:
    stack.data.mkdir()
    RunRecord(stack.data).write(state="starting", port=stack.port, processes={}, status={})
    assert "still starting" in refusal(command(stack, "status"))


def test_stop_where_nothing_runs_is_content(stack: Stack) -> None:
    done = command(stack, "stop")
    assert (done.returncode, done.stdout) == (0, f"nothing is running on {stack.data}\n")


def test_stop_ends_what_a_killed_supervisor_left_behind(stack: Stack) -> None:
    stack.data.mkdir()
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as orphan:
        record = RunRecord(stack.data)
        record.write(state="running", port=stack.port, processes={"web": orphan.pid}, status={})
        content = json.loads(record.path.read_text()) | {"pid": 1, "birth": "long ago"}
        record.path.write_text(json.dumps(content))
        command(stack, "stop")
        assert orphan.wait(10) != 0


def test_logs_without_logs_is_one_line(stack: Stack) -> None:
    assert "no logs in" in refusal(command(stack, "logs"))


def test_logs_shows_the_last_lines_of_every_process(stack: Stack) -> None:
    (stack.data / "logs").mkdir(parents=True)
    (stack.data / "logs" / "web.log").write_text("web is up\n")
    (stack.data / "logs" / "scheduler.log").write_text("tick\n")
    shown = command(stack, "logs").stdout
    assert "web is up" in shown
    assert "tick" in shown


def test_reset_asks_and_takes_only_yes(stack: Stack) -> None:
    load_settings(stack.environ)
    for answer in ("\n", "y\n", ""):
        assert command(stack, "reset", answer=answer).returncode != 0
        assert (stack.data / "secrets").exists()
    done = command(stack, "reset", answer="yes\n")
    assert "输入 yes" in done.stdout
    assert not stack.data.exists()


def test_reset_keeps_backups_and_the_keys_that_open_them(stack: Stack) -> None:
    load_settings(stack.environ)
    (stack.data / "wishes.txt").write_text("一盏灯")
    with closing(sqlite3.connect(stack.data / "xingfu.db")) as rows:
        rows.execute("PRAGMA user_version = 1")
    assert command(stack, "backup").returncode == 0
    (later := stack.data / "secrets" / "master-2.key").touch(mode=0o600)
    later.write_text(token_hex(32))
    keys = {path.name: path.read_text() for path in (stack.data / "secrets").glob("*.key")}
    assert "confidential.key" in keys
    assert "kept" in command(stack, "reset", "--yes").stdout
    assert {path.name for path in stack.data.iterdir()} == {"backups", "secrets"}
    assert {path.name: path.read_text() for path in (stack.data / "secrets").iterdir()} == keys
    (archive,) = (stack.data / "backups").iterdir()
    done = command(stack, "restore", "--file", str(archive))
    assert done.returncode == 0, done.stderr
    assert (stack.data / "wishes.txt").read_text() == "一盏灯"


def test_restore_says_what_is_missing(stack: Stack) -> None:
    assert "say which" in refusal(command(stack, "restore"))
    assert "there is no /nowhere.backup" in refusal(command(stack, "restore", "--file", "/nowhere.backup"))


def test_nothing_is_restored_while_another_host_runs_the_house(stack: Stack, valkey_server: str) -> None:
    stack.environ["XINGFU_REDIS__URL"] = valkey_server
    with closing(Redis.from_url(valkey_server)) as redis:
        redis.set("host:west:web", json.dumps({"host": "west", "program": "web"}), ex=30)
        try:
            said = refusal(command(stack, "restore", "--file", "of-today.backup"))
        finally:
            redis.delete("host:west:web")
    assert "west runs this house, or did 30 seconds ago: stop it on every host first" in said


PROGRAMS = [
    "app.prepare",
    "app.serve",
    "scheduler",
    "scheduler.delivery",
    "flask --app wsgi check-invariants",
]


def program(stack: Stack, words: str, **environ: str) -> Done:
    argv = [sys.executable, "-m", *words.split()]
    environ = stack.environ | environ
    return subprocess.run(argv, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", PROGRAMS)
def test_a_program_whose_settings_are_wrong_ends_with_one_line(stack: Stack, words: str) -> None:
    """The journal shows the last lines of what ended: one that names the key is enough."""
    said = refusal(program(stack, words, XINGFU_WEB__THREADS="many"))
    assert said.startswith("XINGFU_WEB__THREADS: web.threads: Input should be a valid integer")


def test_a_command_whose_database_is_away_ends_with_one_line(stack: Stack) -> None:
    away = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    words = "flask --app wsgi staff invite --login wang --name 王干事"
    said = refusal(program(stack, words, XINGFU_DATABASE__URL=away))
    assert said.startswith("Error: the database is away or busy: (psycopg.OperationalError) connection")


def sandbox(tmp_path: Path) -> Settings:
    return load_settings({"XINGFU_DATA": str(tmp_path), "XINGFU_PORT": "9100", "XINGFU_CONFIG": ""})


def test_the_sandbox_learns_the_accounts_from_a_private_file(tmp_path: Path) -> None:
    settings = sandbox(tmp_path)
    path = tmp_path / "apps.json"
    supervisor.write_private(path, installation.apps_text(settings))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    apps = json.loads(path.read_text("utf-8"))
    (account,), (program,) = apps["accounts"], apps["miniprograms"]
    assert account["push_url"] == "http://127.0.0.1:9100/wx/main"
    assert program["push_url"] == "http://127.0.0.1:9100/mini/main"
    assert account["oauth_domain"] == "127.0.0.1:9100"
    assert account["aes_key"] == settings.secrets.of("main").aes_key != program["aes_key"]


def test_the_sandbox_learns_every_field_of_every_template(tmp_path: Path) -> None:
    (account,) = installation.apps_of(sandbox(tmp_path))["accounts"]
    templates = {template["template_id"]: template["fields"] for template in account["templates"]}
    for path in (PROJECT / "templates").glob("*/messages.toml"):
        for form in tomllib.loads(path.read_text("utf-8")).values():
            if "template" in form:
                assert set(form["fields"]) <= set(templates[form["template"]])


def test_outside_the_sandbox_status_shows_no_secret(tmp_path: Path) -> None:
    settings = sandbox(tmp_path)
    secret = settings.secrets.of("main").token
    assert secret in json.dumps(installation.status(settings))
    shown = installation.status(settings.model_copy(update={"mode": "trial"}))
    assert secret not in json.dumps(shown)
    assert shown["webhook"]["url"] == "http://127.0.0.1:9100/wx/main"
    assert (shown["phone"], shown["control"]) == (None, None)
    names = [program.name for stage in installation.stages(settings) for program in stage]
    assert names == ["prepare", "valkey", "sandbox", "web", "scheduler", "delivery"]


def test_a_configured_redis_and_the_real_platform_need_no_programs_of_ours(tmp_path: Path) -> None:
    environ = {
        "XINGFU_DATA": str(tmp_path),
        "XINGFU_CONFIG": "",
        "XINGFU_REDIS__URL": "redis://10.0.0.9:6379/0",
    }
    settings = load_settings(environ).model_copy(update={"mode": "live"})
    names = [program.name for stage in installation.stages(settings) for program in stage]
    assert names == ["prepare", "web", "scheduler", "delivery"]
    assert installation.ports(settings) == [("127.0.0.1", 8000)]


def test_help_lists_every_command_with_one_line() -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    shown = subprocess.run(
        ["make", "-s"], cwd=PROJECT, env=environ, capture_output=True, text=True, check=True
    ).stdout
    listed = [line.split()[0] for line in shown.splitlines()[1:]]
    for name in (
        *supervisor.COMMANDS,
        "help",
        "test",
        "lint",
        "format",
        "types",
        "bench",
        "chaos",
        "soak",
        "lock",
    ):
        assert name in listed
    assert len(listed) == len(set(listed))
    assert all(line.count("(") == line.count(")") for line in shown.splitlines())
