"""Neighbours trade hours in several programs of several threads that are killed again and again (trust F01): not a
minute is lost or made. At full size a minute and a half on each database, or 100,000 operations that were done if they are
sooner done (`make chaos ARGS=tests/chaos/test_ledger_kills.py SECONDS=7200` waits for all of them); here 250."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.ledger import actions
from models.audit import AuditLine
from models.identity import Actor
from models.ledger import TimeTransfer
from models.ledger_months import closed_months, is_same, months_to_close
from tests.chaos.accounts import Account
from tests.chaos.conftest import FULL, size
from tests.chaos.traders import Tally
from tests.ledger.bank import KEPT, broken, census, endow_pool, neighbours
from tests.neighbours import Town
from tests.servers import PROJECT

pytestmark = pytest.mark.heavy

PROGRAMS, THREADS, PEOPLE = 3, 2, 60
OPERATIONS = 100_000 if FULL else 250
SECONDS = float(os.environ.get("SECONDS") or 90)
# At most; counted, not timed: a busy machine would do nothing but start programs.
STEPS_TO_A_KILL = size(600, 80)
KINDS = {"post", "stamp", "gift", "grant", "reversal"} | ({"exchange"} if FULL else set())
STEPS_A_DAY, PATIENCE = 250, 300.0


def test_f01_programs_are_killed_while_hours_change_hands(
    town: Town, dice: random.Random, tmp_path: Path, account: Account
) -> None:
    def unit(session: Session) -> None:
        neighbours(session, PEOPLE)
        endow_pool(session)

    town.writing(unit)
    (tmp_path / "tally").touch()
    tally, begun = Tally(tmp_path / "tally"), time.monotonic()
    with programs(town, dice, tally) as running:
        while len(tally.kept) < OPERATIONS and (not FULL or time.monotonic() < begun + SECONDS):
            wait_for_steps(tally, dice.randrange(1, STEPS_TO_A_KILL))
            time.sleep(dice.random() / 10)
            running.kill(dice.randrange(PROGRAMS))
            account.kills += 1
            let_time_pass(town, tally.begun)
    tally.read_on()
    seconds = time.monotonic() - begun
    with town.reading() as session:
        transfers, total = census(session)
        lines = session.scalars(select(AuditLine.facts).where(AuditLine.action == KEPT))
        kept = Counter(facts["key"] for facts in lines)
        counts = select(TimeTransfer.kind, func.count()).group_by(TimeTransfer.kind)
        kinds: dict[str, int] = {row[0]: row[1] for row in session.execute(counts)}
        assert broken(session) == []
    months = close_months(town)
    unheard = set(kept) - tally.kept
    print(f"refused: {dict(tally.no)}; transfers: {kinds}; {seconds:.0f} s")
    account.accepted, account.lost = len(tally.kept), len(tally.kept - set(kept))
    account.doubled = kept.total() - len(kept)
    account.words = (
        f"{len(kept)} operations, {tally.no.total()} refused, {transfers} transfers, sum {total}; {tally.cut_off} units "
        f"cut off, {len(unheard)} of them after their commit; {months} months closed"
    )
    assert total == 0
    assert len(unheard) <= tally.cut_off, "and nothing that nobody did"
    assert set(kinds) >= KINDS


def close_months(town: Town) -> int:
    """Every month that is over, in its order; counted again they are the same."""
    with town.reading() as session:
        open_ones = months_to_close(session)
    for month in open_ones:
        town.writing(partial(_close, month=month))
    with town.reading() as session:
        rows = session.scalars(closed_months()).all()
        assert [row.month for row in rows if not is_same(session, row)] == []
    return len(rows)


def _close(session: Session, month: date) -> None:
    actions.close_month(Actor(session, channel="job"), month)


def wait_for_steps(tally: Tally, steps: int) -> None:
    """Until the programs together have begun so many more."""
    until, patience = tally.begun + steps, time.monotonic() + PATIENCE
    while tally.begun < until:
        time.sleep(0.02)
        tally.read_on()
        assert tally.fell == []
        assert time.monotonic() < patience, "nothing moves"


def let_time_pass(town: Town, steps: int) -> None:
    """A day for every few hundred steps: nobody may promise more than a dozen in a week."""
    file, days = town.site.settings.data / "clock", steps / STEPS_A_DAY
    new = file.with_suffix(".new")
    new.write_text(str(timedelta(days=days).total_seconds()))
    new.rename(file)


class Programs:
    """So many lives at a time; the nursery begets them."""

    def __init__(self, nursery: subprocess.Popen[str], dice: random.Random, tally: Tally) -> None:
        self.nursery, self.dice, self.tally = nursery, dice, tally
        self.alive = [self._beget() for _ in range(PROGRAMS)]

    def kill(self, number: int) -> None:
        """SIGKILL to the whole group, in the middle of whatever it does; another takes its place."""
        os.killpg(self.alive[number], signal.SIGKILL)
        self.alive[number] = self._beget()

    def end(self) -> None:
        for one in self.alive:
            with suppress(ProcessLookupError):  # it fell by itself: that is said elsewhere
                os.killpg(one, signal.SIGKILL)

    def _beget(self) -> int:
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write(f"{self.dice.randrange(10**12)} {self.tally.file} {THREADS}\n")
        self.nursery.stdin.flush()
        return int(self.nursery.stdout.readline())


@contextmanager
def programs(town: Town, dice: random.Random, tally: Tally) -> Iterator[Programs]:
    settings = town.site.settings
    environ = os.environ | {
        "XINGFU_DATA": str(settings.data),
        "XINGFU_DATABASE__URL": settings.database.url,
        "XINGFU_REDIS__URL": settings.redis.url,
    }
    command = [sys.executable, "-m", "tests.chaos.nursery", "tests.chaos.traders"]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=PROJECT, env=environ, **pipes) as nursery:
        running = Programs(nursery, dice, tally)
        try:
            yield running
        finally:
            running.end()
            nursery.kill()
