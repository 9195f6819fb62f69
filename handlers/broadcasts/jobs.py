"""What happens to broadcasts because time passes: they begin, are poured, rest, end; what got lost on the way is found.

Beginning and pouring are an errand and no job of the timetable: it looks twice a second and writes only when there is
something to do, and it knows the settings.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.database import Busy
from app.jobs import Job
from app.site import Site
from handlers.broadcasts import running, sweeping
from handlers.broadcasts.pouring import Ways
from models import broadcast_run as run
from models.identity import Actor

log = structlog.get_logger()


def carry_on(site: Site) -> int:
    """Move every broadcast that is due one step on, each in a unit of its own; how many were moved. Two schedulers do
    no harm: who finds the row taken passes on, and what is to be done is decided again under its lock."""
    ways = Ways.of(site)
    with site.database.reading() as session:
        looking = Actor(session, channel="job")
        rows = session.scalars(run.to_be_moved()).all()
        due = [row.id for row in rows if running.next_step(looking, row, ways.delivery)]
    return sum(_step(site, number, ways) for number in due)


def _step(site: Site, number: int, ways: Ways) -> bool:
    """A fault in one does not keep the others waiting."""
    try:
        return site.database.writing(
            lambda session: running.step(Actor(session, channel="job"), number, ways)
        )
    except Busy:
        raise
    except Exception:
        log.exception("broadcast_fault", broadcast=number)
        return False


def sweep(by: Actor) -> str:
    """Put right what a crash, a restore or a forgotten person left behind."""
    found = (sweeping.find_lost_letters(by), sweeping.give_up_old_calls(by), sweeping.match_early_reports(by))
    return "{} letters, {} calls, {} reports".format(*found)


JOBS = (
    Job(
        "broadcasts.sweep",
        sweep,
        CronTrigger(minute="*", timezone=clock.COMMUNITY),
        useful_for=timedelta(days=1),
    ),
)
