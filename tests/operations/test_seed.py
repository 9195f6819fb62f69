"""The invented neighbourhood moves in whole, once, and leaves nothing to be sent."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import clock
from app.cli import check_invariants, seed
from models.circle_jobs import HomeJob
from models.identity import Person
from models.outbox import OutboxRow
from models.schedule import Schedule
from models.seeded import note_seeded
from models.teams_covers import Cover
from models.waiting import SlotWait
from scheduler.timetable import prepare as make_rows
from scheduler.timetable import timetable
from tests.neighbours import Town, frozen
from tests.stack import PROJECT


def test_the_whole_neighbourhood_moves_in_once_and_waits_to_tell_nobody(town: Town) -> None:
    seed(town.site)
    with town.reading() as session:
        people = session.scalar(select(func.count()).select_from(Person))
        assert people
        waits = OutboxRow.state.in_(("waiting", "sending", "held"))
        assert session.scalars(select(OutboxRow).where(waits)).all() == []
    seed(town.site)
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == people
    assert check_invariants(town.site) == []


@pytest.mark.parametrize("wall", ["2026-11-27 10:00", "2026-11-27 18:40", "2026-11-27 19:20"])
def test_somebody_is_searched_for_at_whatever_hour_they_move_in(sqlite_town: Town, wall: str) -> None:
    """The next watch begins on Friday at seven: who can come no more within the hour cannot come to the one after."""
    with frozen(wall):
        seed(sqlite_town.site)
        with sqlite_town.reading() as session:
            assert session.scalar(select(func.count()).select_from(Cover).where(Cover.state == "open"))


@pytest.mark.parametrize(
    "wall", ["2026-11-27 21:00", "2026-11-28 08:00", "2026-11-29 15:00", "2027-02-04 10:00"]
)
def test_somebody_waits_for_a_plumber_and_for_a_seat_on_whatever_day_they_move_in(
    sqlite_town: Town, wall: str
) -> None:
    """On Sundays and over the holidays nobody comes and the hall is shut."""
    with frozen(wall):
        seed(sqlite_town.site)
        with sqlite_town.reading() as session:
            assert set(session.scalars(select(HomeJob.state))) >= {"accepted", "offered"}
            assert session.scalar(select(func.count()).select_from(SlotWait)) >= 2


def prepare(town: Town, valkey: str, *options: str) -> subprocess.CompletedProcess[str]:
    settings = town.site.settings
    environ = os.environ | {
        "XINGFU_DATA": str(settings.data),
        "XINGFU_CONFIG": "",
        "XINGFU_DATABASE__URL": settings.database.url,
        "XINGFU_REDIS__URL": valkey,
    }
    command = [sys.executable, "-m", "app.prepare", *options]
    return subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)


def test_no_invented_neighbour_moves_in_among_residents(town: Town, valkey_server: str) -> None:
    """Whoever starts a live house without its settings says that it is a sandbox."""
    town.phone("马秀兰").says("你好")
    done = prepare(town, valkey_server)
    assert done.returncode == 1
    assert done.stderr.startswith("people live here who were not invented, and mode is sandbox")
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_what_a_restore_makes_up_is_logged_as_everywhere(town: Town, valkey_server: str) -> None:
    """Masked, with the host's name, for machines to read: jobs name people."""
    jobs = timetable(town.site)
    make_rows(town.site, [jobs["house.chain_audit"]])

    def unit(session: Session) -> None:
        note_seeded(session)
        session.execute(update(Schedule).values(next_due=clock.now() - timedelta(hours=1)))

    town.writing(unit)
    done = prepare(town, valkey_server, "--restored")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if "job_done" in line]
    assert lines
    assert {line["host"] for line in lines} == {town.site.settings.host.name}
