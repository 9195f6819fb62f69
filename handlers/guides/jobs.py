"""What was asked in vain is kept for four weeks. Overdue cards need no job: they are compared with today's date."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.guides import actions
from models.identity import Actor


def forget_misses(by: Actor) -> str:
    return f"{actions.forget_misses(by)} misses"


JOBS = (
    Job(
        "guides.forget_misses",
        forget_misses,
        CronTrigger(hour=3, minute=40, timezone=clock.COMMUNITY),
        timedelta(hours=20),
    ),
)
