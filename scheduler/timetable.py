"""Every job and when it is due. Schedules are rows: any number of these processes may tick, each run happens once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock, failpoints
from app.database import Busy
from app.jobs import Job, More
from app.site import Site
from models.base import insert_once
from models.identity import Actor
from models.schedule import EXPIRED, Schedule, bring_forward, claim_run
from scheduler.housekeeping import HOUSE_JOBS

log = structlog.get_logger()
LONGEST_RESULT = 300


def timetable(site: Site) -> dict[str, Job]:
    """All jobs by name: the house's own and every feature's."""
    jobs = [*HOUSE_JOBS, *(job for feature in site.house.features for job in feature.jobs)]
    return {job.name: job for job in jobs}


def prepare(site: Site, jobs: Iterable[Job]) -> None:
    """Give every job a row; a new one is first due at its next time. A clock that was wrong for a while (or moved, in
    the sandbox) may have put a run far into the future: it comes back to its next time."""

    def unit(session: Session) -> None:
        for job in jobs:
            soonest = _following(job, clock.now())
            insert_once(session, Schedule, job=job.name, next_due=soonest, expired_runs=0)
            bring_forward(session, job.name, soonest)

    site.database.writing(unit)


def run_due(site: Site, jobs: dict[str, Job]) -> int:
    """Run what is due, each in its own unit of work; how many runs this process won."""
    with site.database.reading() as session:
        due = select(Schedule.job, Schedule.next_due).where(Schedule.next_due <= clock.now())
        rows = [(name, at) for name, at in session.execute(due) if name in jobs]
    return sum(_run(site, jobs[name], at) for name, at in rows)


def _run(site: Site, job: Job, due: datetime) -> bool:
    """Claim and run in one transaction: killed in between, the run is still due. So it is when the database is busy."""
    try:
        seen = job.look(site) if job.look else None
        won = site.database.writing(lambda session: _claim_and_run(session, job, due, seen))
        failpoints.reach("after_run")
        return won
    except Busy:
        raise
    except Exception as fault:
        log.exception("job_failed", job=job.name)
        reason = f"failed: {type(fault).__name__}"
        return site.database.writing(
            lambda session: _claim(session, job, due) and _note(session, job, reason)
        )


def _claim_and_run(session: Session, job: Job, due: datetime, seen: str | None) -> bool:
    failpoints.reach("before_claim")
    if not _claim(session, job, due):
        return False
    failpoints.reach("after_claim")
    if clock.now() - due > job.useful_for:
        return _note(session, job, EXPIRED, expired=1)
    result = job.run(Actor(session, channel="job")) if seen is None else seen
    failpoints.reach("before_note")
    log.info("job_done", job=job.name, result=result[:LONGEST_RESULT])
    return _note(session, job, result)


def _claim(session: Session, job: Job, due: datetime) -> bool:
    return claim_run(session, job.name, due, _following(job, clock.now()))


def _note(session: Session, job: Job, result: str, expired: int = 0) -> bool:
    values: dict[str, Any] = {
        "last_run_at": clock.now(),
        "last_result": result[:LONGEST_RESULT],
        "expired_runs": Schedule.expired_runs + expired,
    }
    if isinstance(result, More):
        values["next_due"] = clock.now()
    session.execute(update(Schedule).where(Schedule.job == job.name).values(**values))
    return True


def _following(job: Job, after: datetime) -> datetime:
    """The first time after `after`, in UTC. A trigger that never comes again is a fault of ours."""
    upcoming = job.trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    if upcoming is None:
        raise ValueError(f"{job.name} is never due again")
    found: datetime = upcoming
    return found.astimezone(clock.COMMUNITY)
