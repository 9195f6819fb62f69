"""What time does to the hall: who was aside comes back, the day ends, old visits are nobody's any more."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.hall import actions
from models.identity import Actor


def look_after(by: Actor) -> str:
    return f"{actions.look_after(by)} moved"


def forget(by: Actor) -> str:
    return f"{actions.forget_old(by)} forgotten"


JOBS = (
    Job("hall.look_after", look_after, CronTrigger(minute="*", timezone=clock.COMMUNITY), timedelta(hours=1)),
    Job(
        "hall.forget",
        forget,
        CronTrigger(hour=3, minute=40, timezone=clock.COMMUNITY),
        timedelta(hours=20),
    ),
)
