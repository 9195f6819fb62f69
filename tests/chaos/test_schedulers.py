"""Schedulers that die at the worst moments, sleep over their times, or run in pairs (trust F04–F06, I14): each run that
is due happens once, or is seen to have come too late."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app import clock
from app.jobs import Job
from models.schedule import EXPIRED, Schedule
from scheduler.timetable import prepare, timetable
from tests.chaos.accounts import Account
from tests.chaos.brood import Brood, brood
from tests.chaos.conftest import FULL, size, turns
from tests.neighbours import Town
from tests.staff.clerks import clerk

pytestmark = pytest.mark.heavy

POINTS = ("before_claim", "after_claim", "before_note", "after_run")
PATIENCE = 60.0
LONGEST_SLEEP = timedelta(hours=26)

# Who claims a run says so in the same transaction: whatever is there was committed, however often.
KEEP_A_LOG = {
    "sqlite": (
        "CREATE TABLE run_log (job TEXT, due TEXT)",
        """CREATE TRIGGER run_is_logged AFTER UPDATE OF last_due ON schedule
           BEGIN INSERT INTO run_log VALUES (NEW.job, NEW.last_due); END""",
    ),
    "postgresql": (
        "CREATE TABLE run_log (job TEXT, due TEXT)",
        """CREATE FUNCTION log_run() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN INSERT INTO run_log VALUES (NEW.job, NEW.last_due::text); RETURN NEW; END'""",
        """CREATE TRIGGER run_is_logged AFTER UPDATE OF last_due ON schedule
           FOR EACH ROW EXECUTE FUNCTION log_run()""",
    ),
}
THROW_IT_AWAY = {
    "sqlite": ("DROP TRIGGER run_is_logged", "DROP TABLE run_log"),
    "postgresql": ("DROP TRIGGER run_is_logged ON schedule", "DROP FUNCTION log_run", "DROP TABLE run_log"),
}


@dataclass
class Watch:
    """Schedulers of a town, and the log of what they have claimed."""

    town: Town
    jobs: dict[str, Job]
    schedulers: Brood

    def make_due(self, dice: random.Random, at: datetime) -> list[str]:
        """All of them, or some in the everyday build."""
        names = dice.sample(sorted(self.jobs), size(len(self.jobs), 16))
        due = update(Schedule).where(Schedule.job.in_(names)).values(next_due=at)
        self.town.writing(lambda session: session.execute(due) and None)
        return names

    def lost(self, names: list[str], due: datetime) -> int:
        """How many of these were not done at that time."""
        return sum(row.job in names and (row.last_due is None or row.last_due < due) for row in self.rows())

    def rows(self) -> list[Schedule]:
        with self.town.reading() as session:
            rows = list(
                session.scalars(select(Schedule).where(Schedule.job.in_(self.jobs)).order_by(Schedule.job))
            )
            session.expunge_all()
        return rows

    def runs(self) -> Counter[tuple[str, str]]:
        with self.town.reading() as session:
            return Counter(
                (row.job, row.due)
                for row in session.execute(text("SELECT job, due FROM run_log"))
                if row.job in self.jobs
            )

    def wait_until_nothing_is_due(self, since: datetime) -> None:
        """Everything that was due at `since` has been claimed."""
        until = time.monotonic() + PATIENCE
        while any(row.next_due <= since for row in self.rows()):
            assert time.monotonic() < until, self.schedulers.log.read_text()[-2000:]
            time.sleep(0.05)

    def move_clock(self, by: timedelta) -> None:
        """For the house's programs and for this one."""
        file = self.town.site.settings.data / "clock"
        before = float(file.read_text()) if file.exists() else 0.0
        new = file.with_suffix(".new")
        new.write_text(str(before + by.total_seconds()))
        new.rename(file)

    def count(self, account: Account) -> None:
        runs = self.runs()
        account.accepted = len(runs)
        account.doubled = sum(times - 1 for times in runs.values())
        failed = [
            f"{row.job}: {row.last_result}"
            for row in self.rows()
            if str(row.last_result).startswith("failed")
        ]
        assert failed == []


@pytest.fixture(scope="module")
def schedulers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brood]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("XINGFU_")}
    with brood("scheduler.__main__", environ, tmp_path_factory.mktemp("schedulers") / "log") as begotten:
        yield begotten


@pytest.fixture(params=["sqlite", "postgresql"] if FULL else ["sqlite"])
def watch(request: pytest.FixtureRequest, schedulers: Brood) -> Iterator[Watch]:
    town: Town = request.getfixturevalue("sqlite_town" if request.param == "sqlite" else "postgres_town")
    settings, kind = town.site.settings, town.site.database.engine.dialect.name
    schedulers.given = {
        "XINGFU_DATA": str(settings.data),
        "XINGFU_CONFIG": "",
        "XINGFU_DATABASE__URL": settings.database.url,
        "XINGFU_REDIS__URL": settings.redis.url,
    }
    town.site.redis.flushall()  # the cards of another test's hosts
    jobs = timetable(town.site)
    prepare(town.site, jobs.values())
    run_statements(town, KEEP_A_LOG[kind])
    try:
        yield Watch(town, jobs, schedulers)
    finally:
        schedulers.end()
        run_statements(town, THROW_IT_AWAY[kind])


def run_statements(town: Town, statements: tuple[str, ...]) -> None:
    def unit(session: Session) -> None:
        for statement in statements:
            session.execute(text(statement))

    town.writing(unit)


def test_f04_schedulers_die_before_and_after_they_claim(
    watch: Watch, dice: random.Random, account: Account
) -> None:
    """At each of four moments; in the everyday build at two of them, on SQLite."""
    for _ in turns(20, 1, seconds=25):
        due = clock.now() - timedelta(seconds=1)
        names = watch.make_due(dice, due)
        for point in dice.sample(POINTS, len(POINTS) if FULL else 2):
            watch.schedulers.beget(fail=f"{point}:{dice.randint(1, len(names) // len(POINTS))}")
            watch.schedulers.wait_for_a_death()
            account.kills += 1
        watch.schedulers.beget()
        watch.wait_until_nothing_is_due(due)
        watch.schedulers.kill()
        account.lost += watch.lost(names, due)
    assert sum(row.expired_runs for row in watch.rows()) == 0, "nothing was late"
    watch.count(account)


def test_f05_a_scheduler_sleeps_over_the_times_of_its_work(
    watch: Watch, dice: random.Random, account: Account
) -> None:
    """Up to 26 hours: what is still of use is done once, what is not is on the page of alarms. (Once, on SQLite, in the
    everyday build.)"""
    expired: set[str] = set()
    for _ in turns(50, 1, seconds=20):
        before = {row.job: row for row in watch.rows()}
        watch.move_clock(LONGEST_SLEEP * dice.random())
        woken = clock.now()
        due = {name: row.next_due for name, row in before.items() if row.next_due <= woken}
        late = {name for name, at in due.items() if woken - at > watch.jobs[name].useful_for}
        watch.schedulers.beget()
        watch.wait_until_nothing_is_due(woken)
        watch.schedulers.kill()
        account.kills += 1
        for row in watch.rows():
            if row.job in due:
                account.lost += row.last_due is None or row.last_due < due[row.job]
                assert row.expired_runs - before[row.job].expired_runs == (row.job in late), row.job
                expired = expired | {row.job} if row.last_result == EXPIRED else expired - {row.job}
    watch.count(account)
    account.words = f"{sum(row.expired_runs for row in watch.rows())} runs came too late and were shown"
    page = clerk(watch.town, "admin").opens("/console/duty/alarms").text
    assert [name for name in expired if name not in page] == []


def test_f06_two_schedulers_are_started_by_mistake(
    watch: Watch, dice: random.Random, account: Account
) -> None:
    for _ in range(2):
        watch.schedulers.beget()
    """Twice, on SQLite, in the everyday build."""
    for _ in turns(100, 2, seconds=15):
        due = clock.now() - timedelta(seconds=1)
        names = watch.make_due(dice, due)
        watch.wait_until_nothing_is_due(due)
        account.lost += watch.lost(names, due)
    watch.count(account)
    assert sum(row.expired_runs for row in watch.rows()) == 0
