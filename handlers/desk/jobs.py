"""Talks that nobody continues are closed, so that the bot may answer again."""

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.desk import actions
from models.identity import Actor


def close_idle(by: Actor) -> str:
    return f"{actions.close_idle(by)} talks"


JOBS = (
    Job(
        "desk.close_idle", close_idle, CronTrigger(minute="*/5", timezone=clock.COMMUNITY), timedelta(hours=1)
    ),
)
