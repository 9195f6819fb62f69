"""Neighbours trade hours in several programs that are killed again and again (trust F01): not a minute is lost or made.

At full size 100,000 steps on each database; here a fiftieth."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.chaos.conftest import size
from tests.ledger.bank import broken, census, endow_pool, neighbours
from tests.neighbours import Town
from tests.servers import PROJECT

pytestmark = pytest.mark.heavy

PROGRAMS = 2


def test_programs_are_killed_while_hours_change_hands(
    town: Town, dice: random.Random, tmp_path: Path
) -> None:
    def unit(session: Session) -> None:
        neighbours(session)
        endow_pool(session)

    town.writing(unit)
    tallies = [tmp_path / f"tally{number}" for number in range(PROGRAMS)]
    for tally in tallies:
        tally.touch()
    kills, until = 0, size(100_000)
    programs = [start(town, dice, tally) for tally in tallies]
    try:
        while done(tallies) < until:
            number = dice.randrange(PROGRAMS)
            wait_for_steps(programs[number], tallies[number], dice.randrange(1, size(2500, 400)))
            programs[number].kill()
            programs[number].wait()
            kills += 1
            programs[number] = start(town, dice, tallies[number])
    finally:
        for program in programs:
            program.kill()
            program.wait()
    steps = done(tallies)
    with town.reading() as session:
        transfers, total = census(session)
        assert broken(session) == []
    print(f"{steps} steps, {transfers} transfers, {kills} kills")
    assert total == 0
    assert transfers > until // 10


def done(tallies: list[Path]) -> int:
    return sum(tally.stat().st_size for tally in tallies)


def wait_for_steps(program: subprocess.Popen[bytes], tally: Path, steps: int) -> None:
    """Until it has begun and done so many steps more: it is killed in the middle of the next."""
    before, patience = tally.stat().st_size, time.monotonic() + 300
    while tally.stat().st_size < before + steps and time.monotonic() < patience:
        assert program.poll() is None, "a program fell by itself"
        time.sleep(0.02)


def start(town: Town, dice: random.Random, tally: Path) -> subprocess.Popen[bytes]:
    settings = town.site.settings
    environ = os.environ | {
        "XINGFU_DATA": str(settings.data),
        "XINGFU_DATABASE__URL": settings.database.url,
        "XINGFU_REDIS__URL": settings.redis.url,
    }
    command = [sys.executable, "-m", "tests.ledger.bank", str(dice.randrange(10**9)), str(tally)]
    return subprocess.Popen(command, cwd=PROJECT, env=environ)
