"""Programs that write to one file of SQLite take turns: nobody is forgotten, and who dies leaves the way free."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

import app.database
from app.database import Busy, Database
from app.turnstile import Turnstile

PROJECT = Path(__file__).parent.parent.parent
NOTE = text("INSERT INTO note (who) VALUES (:who)")
Start = Callable[..., "subprocess.Popen[str]"]

WRITES = """
import sys, time
from sqlalchemy import text
from app.database import Busy, Database

def unit(session):
    session.execute(text("INSERT INTO note (who) VALUES (:who)"), {"who": sys.argv[2]})
    time.sleep(0.003)

database = Database(sys.argv[1])
print("ready", flush=True)
until = time.monotonic() + float(sys.argv[3])
while time.monotonic() < until:
    database.writing(unit)
"""
HOLDS = """
import sys, time
from app.database import Database

def unit(session):
    print("ready", flush=True)
    time.sleep(60)

Database(sys.argv[1]).writing(unit)
"""
IS_NEXT = """
import sys, time
from app.turnstile import Turnstile

def turn():
    print("ready", flush=True)
    time.sleep(60)

Turnstile(sys.argv[1]).pass_through(turn, 60)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'notes.db'}"
    database = Database(url)
    database.writing(lambda session: session.execute(text("CREATE TABLE note (who VARCHAR)")))
    database.dispose()
    return url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.dispose()


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *facts: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *facts]
        program = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        started.append(program)
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        return program

    yield start
    for program in started:
        program.kill()
        program.wait()


def note(who: str, seconds: float = 0.0) -> Callable[[Session], None]:
    def unit(session: Session) -> None:
        session.execute(NOTE, {"who": who})
        time.sleep(seconds)

    return unit


def test_two_programs_take_turns_and_none_waits_for_long(database: Database, url: str, start: Start) -> None:
    """Each comes back as soon as it has written. Without the turnstile one of them wrote in bundles of hundreds."""
    start(WRITES, url, "other", "20")
    for _ in range(60):
        database.writing(note("we", 0.003))
    with database.reading() as session:
        who = [*session.scalars(text("SELECT who FROM note ORDER BY rowid"))]
    ours = [place for place, one in enumerate(who) if one == "we"]
    between = sorted(after - before - 1 for before, after in pairwise(ours))
    assert between[len(between) // 2] == 1
    assert between[-1] <= 6  # who is given no processor by the machine comes too late for its turn


def test_who_is_killed_in_its_turn_leaves_nothing_and_gives_the_turn_back(
    database: Database, url: str, start: Start
) -> None:
    holder = start(HOLDS, url)
    holder.kill()
    holder.wait()
    database.writing(note("we"))


def test_who_is_killed_in_the_turnstile_leaves_it_free(
    database: Database, tmp_path: Path, start: Start
) -> None:
    waiting = start(IS_NEXT, f"{tmp_path / 'notes.db'}.turn.lock")
    waiting.kill()
    waiting.wait()
    database.writing(note("we"))


@pytest.mark.parametrize("where", ["in-its-turn", "in-the-turnstile"])
def test_whoever_waits_too_long_hears_that_it_is_busy_and_nothing_is_done(
    database: Database,
    url: str,
    tmp_path: Path,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    monkeypatch.setattr(app.database, "LOCK_WAIT_MS", 300)
    holder = (
        start(HOLDS, url) if where == "in-its-turn" else start(IS_NEXT, f"{tmp_path / 'notes.db'}.turn.lock")
    )
    began = time.monotonic()
    with pytest.raises(Busy):
        database.writing(note("we"))
    assert 0.3 <= time.monotonic() - began < 2
    holder.kill()
    holder.wait()
    database.writing(note("later"))
    with database.reading() as session:
        assert [*session.scalars(text("SELECT who FROM note"))] == ["later"]


def test_a_forked_program_has_no_part_in_its_parents_turn(tmp_path: Path) -> None:
    """One that had the open file of its parent would pass while the parent stands in the turnstile."""
    turnstile = Turnstile(str(tmp_path / "turn.lock"))
    assert turnstile.pass_through(lambda: True, 1)

    def child_passes() -> bool:
        child = os.fork()
        if child == 0:
            turnstile._mine.release()
            os._exit(0 if turnstile.pass_through(lambda: True, 0.05) else 1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    seen = []
    turnstile.pass_through(lambda: seen.append(child_passes()) or True, 1)  # type: ignore[func-returns-value]
    assert seen == [False]
    turnstile.close()
