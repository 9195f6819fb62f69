"""What time does to petitions: both databases brought together each minute, clocks looked at, old ones let go."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.petitions import actions
from models.identity import Actor


def tend(by: Actor) -> str:
    return f"{actions.mend_places(by)} mended, {actions.put_messages(by)} messages"


def sound_alarms(by: Actor) -> str:
    return f"{actions.sound_alarms(by)} alarms"


def each_night(by: Actor) -> str:
    made, closed = actions.fill_times(by.session), actions.close_over(by)
    drafts, old = actions.forget_drafts(by), actions.forget_old(by)
    return f"{made} times, {closed} closed, {drafts} drafts and {old} old ones forgotten"


JOBS = (
    Job("petitions.tend", tend, CronTrigger(minute="*", timezone=clock.COMMUNITY), timedelta(days=30)),
    Job(
        "petitions.sound_alarms",
        sound_alarms,
        CronTrigger(minute="*/10", timezone=clock.COMMUNITY),
        timedelta(days=30),
    ),
    Job(
        "petitions.each_night",
        each_night,
        CronTrigger(hour=2, minute=35, timezone=clock.COMMUNITY),
        timedelta(hours=20),
    ),
)
