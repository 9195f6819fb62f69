"""Of all schedulers one leads; the next one follows when it stops, hangs or has died, and never two by the same lease."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import update

from app import clock
from app.database import LOCK_WAIT_MS
from app.run_record import birth
from models import leader
from models.schedule import Schedule
from scheduler.__main__ import begin, tick
from scheduler.leading import LEASE_SECONDS, Leading
from tests.neighbours import Town
from tests.races import at_once
from tests.scheduler.mishaps import locked
from tests.scheduler.test_timetable import morning, schedule


def leads(town: Town, who: str, dead: str = "") -> bool:
    return town.writing(lambda session: leader.lead(session, who, dead=dead))


def holder(town: Town) -> str | None:
    with town.reading() as session:
        found = leader.leader(session)
    return found.holder if found else None


def lapse(town: Town) -> None:
    """Nobody has renewed the lease."""
    past = update(Schedule).where(Schedule.job == leader.ROW)
    town.writing(lambda s: s.execute(past.values(next_due=leader.right_now(s) - timedelta(seconds=1))))


def test_one_leads_and_the_others_stand_by_until_it_stops(town: Town) -> None:
    assert holder(town) is None
    assert [leads(town, "a 1 x"), leads(town, "b 2 y"), leads(town, "a 1 x")] == [True, False, True]
    assert holder(town) == "a 1 x"
    town.writing(lambda session: leader.leave(session, "b 2 y"))  # not theirs to give
    assert not leads(town, "b 2 y")
    town.writing(lambda session: leader.leave(session, "a 1 x"))
    assert leads(town, "b 2 y")


def test_who_does_not_renew_is_followed(town: Town) -> None:
    leads(town, "a 1 x")
    lapse(town)
    assert holder(town) is None
    assert [leads(town, "b 2 y"), leads(town, "a 1 x")] == [True, False]


def test_of_many_who_ask_in_the_same_moment_one_leads(town: Town) -> None:
    assert sorted(at_once([lambda n=n: leads(town, f"h{n} 1 x") for n in range(4)])) == [False] * 3 + [True]


def test_who_has_died_on_this_host_is_followed_at_once(town: Town) -> None:
    gone = subprocess.Popen(["sleep", "0"])
    gone.wait()
    host = town.site.settings.host.name
    leads(town, f"{host} {gone.pid} boot:1")
    assert Leading(town.site).look()


@pytest.fixture
def somebody() -> Iterator[int]:
    """A process of this machine that lives as long as the test: a parent may be number 1, which is the system's."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process.pid
        process.kill()


def test_who_lives_on_this_host_and_who_is_elsewhere_are_not_pushed_aside(town: Town, somebody: int) -> None:
    here = f"{town.site.settings.host.name} {somebody} {birth(somebody)}"
    for other in (here, "elsewhere 999999 gone"):
        leads(town, other)
        mine = Leading(town.site)
        assert not mine.look()
        assert not mine.is_mine()
        town.writing(lambda session, other=other: leader.leave(session, other))


def test_a_leader_who_slept_through_its_lease_knows_it_without_asking(town: Town) -> None:
    mine = Leading(town.site)
    assert mine.look()
    assert mine.is_mine()
    mine._until -= LEASE_SECONDS  # as long as it slept
    assert not mine.is_mine()
    lapse(town)
    leads(town, "b 2 y")
    assert not mine.look()


def test_who_stands_by_runs_nothing_that_is_due(sqlite_town: Town) -> None:
    ran: list[str] = []

    def leads_and_says(answer: bool) -> bool:
        ran.append("asked")
        return answer

    tick(sqlite_town.site, {}, lambda: leads_and_says(False))
    assert ran == ["asked"]


def test_who_starts_while_the_database_is_held_waits_for_it(town: Town) -> None:
    """It ended with a traceback, and nobody replayed what its host had spooled until it was started again."""
    jobs, stop = morning(), threading.Event()
    starting = threading.Thread(target=begin, args=(town.site, jobs, stop))
    with held(town):
        starting.start()
        starting.join(LOCK_WAIT_MS / 1000 + 0.5)  # by then it was told once that the database is busy
        assert starting.is_alive()
    starting.join(10)
    assert schedule(town).next_due > clock.now()
    with held(town):
        stop.set()
        begin(town.site, jobs, stop)  # who is told to stop waits for nobody


@contextmanager
def held(town: Town) -> Iterator[None]:
    """Somebody else holds the rows of all jobs."""
    if town.site.database.is_sqlite:
        with locked(town.site.settings.database.url):
            yield
        return
    with town.site.database.engine.connect() as connection:
        connection.exec_driver_sql("LOCK TABLE schedule IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()
