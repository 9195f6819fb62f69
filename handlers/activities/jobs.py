"""What happens to activities because time passed: offers end, queues end, names and answers are forgotten."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app.clock import COMMUNITY
from app.jobs import Job
from handlers.activities.rights import forget_what_is_over
from handlers.activities.waiting import end_offers, end_queues
from models.identity import Actor


def offers(by: Actor) -> str:
    """A seat that nobody took goes to the next."""
    return f"{end_offers(by)} offers over, {end_queues(by)} queues over"


def forget_old(by: Actor) -> str:
    """A month after a session nobody needs to know what was answered, or who came along."""
    return f"{forget_what_is_over(by)} forms, names and papers forgotten"


jobs = (
    Job("activities.offers", offers, CronTrigger(minute="*", timezone=COMMUNITY), timedelta(hours=1)),
    Job(
        "activities.forget_old",
        forget_old,
        CronTrigger(hour=3, minute=20, timezone=COMMUNITY),
        timedelta(days=1),
    ),
)
