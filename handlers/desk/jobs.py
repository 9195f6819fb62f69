"""Talks that nobody continues are closed, so that the bot may answer again; old ones lose their words."""

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.desk import actions
from models.identity import Actor

WORDS_KEPT = timedelta(days=30)
MOST = 500
AT_NIGHT = CronTrigger(hour=3, minute=25, timezone=clock.COMMUNITY)


def close_idle(by: Actor) -> str:
    return f"{actions.close_idle(by)} talks"


def forget_words(by: Actor) -> str:
    """What was said is nobody's business a month after the talk was closed (trust 1.3)."""
    return f"{actions.forget_words(by, clock.now() - WORDS_KEPT, MOST)} talks"


JOBS = (
    Job(
        "desk.close_idle", close_idle, CronTrigger(minute="*/5", timezone=clock.COMMUNITY), timedelta(hours=1)
    ),
    Job("desk.forget_words", forget_words, AT_NIGHT, timedelta(hours=20)),
)
