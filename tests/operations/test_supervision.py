"""What is started together ends together, whoever is killed; what dies is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.processes import LOG_BYTES, Process, Program
from app.run_record import RunRecord, birth, is_the_same

HOUSE = Path(__file__).with_name("stub_house.py")
PROJECT = Path(__file__).parents[2]
SLEEP = "import time; time.sleep(600)"
# A leader with a worker in its group, as granian has; both tell their numbers.
FAMILY = "import os, time; child = os.fork(); open(f'family-{os.getpid()}', 'w').close(); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "open('stubborn', 'w').close(); time.sleep(600)"
)


class House:
    """A running stub supervisor and what it has said so far."""

    def __init__(self, data: Path, *table: str) -> None:
        self.data = data
        self.popen = subprocess.Popen(
            [sys.executable, HOUSE, data, *table],
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ) | {"PYTHONPATH": str(PROJECT)},
            start_new_session=True,
        )

    def line(self) -> str:
        assert self.popen.stdout
        return self.popen.stdout.readline().strip()

    def pids(self) -> dict[str, int]:
        return {name: pid for name, (pid, _) in RunRecord(self.data).read()["processes"].items()}

    def tell(self, number: int) -> None:
        self.popen.send_signal(number)

    def wait(self) -> int:
        return self.popen.wait(20)


Starter = Callable[..., House]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    houses: list[House] = []

    def begin(*table: str) -> House:
        houses.append(House(tmp_path, *table))
        return houses[-1]

    yield begin
    for house in houses:
        house.popen.kill()
        house.popen.communicate()
    record = RunRecord(tmp_path)
    eventually(lambda: not _alive(record))
    record.end_orphans()


def _alive(record: RunRecord) -> list[str]:
    return [
        name for name, (pid, born) in record.read().get("processes", {}).items() if is_the_same(pid, born)
    ]


def eventually(true: Callable[[], bool], seconds: float = 12) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    return not birth(pid)


def group_gone(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return True
    return not [path for path in Path("/proc").glob("[0-9]*/stat") if _is_living_member(path, pid)]


def _is_living_member(stat: Path, group: int) -> bool:
    try:
        after_name = stat.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return after_name[0] != "Z" and after_name[2] == str(group)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_with_its_workers(start: Starter, number: int) -> None:
    house = start(f"valkey={SLEEP}", f"web={FAMILY}")
    assert house.line() == "ready"
    pids = house.pids()
    assert set(pids) == {"valkey", "web"}
    house.tell(number)
    assert house.line() == "ended"
    assert house.wait() == 0
    assert all(group_gone(pid) for pid in pids.values())
    assert not RunRecord(house.data).read()


def test_a_child_that_ignores_sigterm_is_killed_after_eight_seconds(start: Starter) -> None:
    house = start(f"web={STUBBORN}")
    assert house.line() == "ready"
    eventually((house.data / "stubborn").exists)
    pid = house.pids()["web"]
    began = time.monotonic()
    house.tell(signal.SIGTERM)
    assert house.wait() == 0
    assert time.monotonic() - began > 6
    assert gone(pid)


def test_a_killed_child_is_started_again_and_its_workers_do_not_stay(start: Starter) -> None:
    house = start(f"web={FAMILY}", f"scheduler={SLEEP}")
    assert house.line() == "ready"
    before = house.pids()
    eventually(lambda: len(list(house.data.glob("family-*"))) == 2)
    os.kill(before["web"], signal.SIGKILL)
    assert house.line().startswith("said web ended (exit -9)")
    eventually(lambda: house.pids().get("web", before["web"]) != before["web"])
    eventually(lambda: group_gone(before["web"]))
    assert house.pids()["scheduler"] == before["scheduler"]


def test_one_that_dies_again_and_again_rests_longer_each_time(start: Starter) -> None:
    house = start(
        f"web={SLEEP}", "scheduler=import time; time.sleep(0.6); print('out of paper'); raise SystemExit(3)"
    )
    assert house.line() == "ready"
    rests = [float(house.line().rpartition("again in ")[2].split()[0]) for _ in range(3)]
    assert rests == [0.2, 0.4, 0.8]


def test_when_the_supervisor_is_killed_nothing_outlives_it(start: Starter) -> None:
    house = start(f"valkey={SLEEP}", f"web={FAMILY}")
    assert house.line() == "ready"
    pids = house.pids()
    house.tell(signal.SIGKILL)
    house.wait()
    eventually(lambda: all(group_gone(pid) for pid in pids.values()))


def test_orphans_are_ended_by_the_next_start_and_strangers_are_not(start: Starter, tmp_path: Path) -> None:
    orphan = subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True)
    stranger = subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True)
    record = RunRecord(tmp_path)
    record.write(state="running", port=1, processes={"web": orphan.pid, "sandbox": stranger.pid}, status={})
    content = record.path.read_text().replace(f'[{stranger.pid}, "', f'[{stranger.pid}, "another birth ')
    record.path.write_text(content)
    try:
        house = start(f"web={SLEEP}")
        eventually(lambda: orphan.poll() is not None)  # reaped here: init does it for true orphans
        assert house.line() == "orphan web"
        assert house.line() == "ready"
        assert stranger.poll() is None
    finally:
        for process in (orphan, stranger):
            process.kill()
            process.wait()


def test_a_second_supervisor_on_the_same_folder_refuses(start: Starter) -> None:
    first = start(f"web={SLEEP}")
    assert first.line() == "ready"
    second = start(f"web={SLEEP}")
    assert second.line() == "already running"
    assert second.wait() == 1
    assert not gone(first.pids()["web"])


def test_a_failing_start_ends_what_had_been_started_and_tells_why(start: Starter) -> None:
    house = start(
        f"valkey={SLEEP}",
        "web=raise SystemExit('no such table: people')",
    )
    said = house.line()
    assert said.startswith("failed web ended at once (exit 1): no such table: people (see ")
    assert house.wait() == 1
    assert not RunRecord(house.data).read()


def test_a_failing_preparation_stops_before_the_house(start: Starter) -> None:
    house = start("prepare!=raise SystemExit('disk full')", "web=open('began', 'w').close()")
    assert "prepare ended at once (exit 1): disk full" in house.line()
    assert house.wait() == 1
    assert not (house.data / "began").exists()


def test_preparation_ends_before_the_house_begins(start: Starter) -> None:
    house = start(
        "prepare!=import time; time.sleep(0.3); open('done', 'w').close()",
        f"web=open('done').close(); {SLEEP}",
    )
    assert house.line() == "ready"


def test_a_preparation_that_takes_longer_than_any_start_is_let_go_on(
    start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("START_SECONDS", "3")
    house = start("prepare!=import time; time.sleep(4)", f"web={SLEEP}")
    assert house.line() == "ready"


def test_the_others_begin_when_the_web_answers(start: Starter) -> None:
    house = start(
        f"web+=import time; time.sleep(0.5); open('web', 'w').close(); {SLEEP}",
        f"scheduler=open('web').close(); {SLEEP}",
    )
    assert house.line() == "ready"
    assert set(house.pids()) == {"web", "scheduler"}


def test_what_never_answers_keeps_the_others_from_beginning_and_is_ended(start: Starter) -> None:
    house = start("web+=print('no database')", f"scheduler=open('began', 'w').close(); {SLEEP}")
    assert house.line().startswith("failed web ended at once (exit 0): no database")
    assert house.wait() == 1
    assert not (house.data / "began").exists()


def test_a_signal_during_the_start_ends_it(start: Starter) -> None:
    house = start(f"valkey={SLEEP}", f"prepare!=open('began', 'w').close(); {SLEEP}", f"web={SLEEP}")
    eventually((house.data / "began").exists)
    pids = house.pids()
    house.tell(signal.SIGINT)
    assert house.line() == "ended"
    assert all(group_gone(pid) for pid in pids.values())


def test_a_log_is_turned_over_while_its_process_writes_on(tmp_path: Path) -> None:
    code = f"import time; print('x' * {LOG_BYTES}, flush=True)\nwhile True: print('tick', flush=True); time.sleep(0.01)"
    process = Process(Program("web", (sys.executable, "-c", code)), tmp_path, os.environ, tmp_path)
    process.start()
    try:
        eventually(lambda: process.log.exists() and process.log.stat().st_size > LOG_BYTES)
        process.rotate_log()
        assert (tmp_path / "web.log.1").stat().st_size > LOG_BYTES
        eventually(lambda: process.log.read_bytes().startswith(b"tick"))
        assert process.log.stat().st_size < LOG_BYTES
    finally:
        process.kill()


def test_a_process_is_known_by_its_number_and_its_birth() -> None:
    me = os.getpid()
    assert is_the_same(me, birth(me))
    assert not is_the_same(me, "another birth")
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert birth(ended.pid) == ""
