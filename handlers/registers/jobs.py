"""What time does to registers: the cells of sheets that were handed in are gone after a day."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.registers import actions
from models.identity import Actor


def forget_sheets(by: Actor) -> str:
    return f"{actions.forget_old_sheets(by)} forgotten"


JOBS = (
    Job(
        "registers.forget_sheets",
        forget_sheets,
        CronTrigger(minute=25, timezone=clock.COMMUNITY),
        timedelta(hours=1),
    ),
)
