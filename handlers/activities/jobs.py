"""What happens to activities because time passed: offers end, queues end, names and answers are forgotten."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app.clock import COMMUNITY
from app.jobs import Job
from handlers.activities.helpers import tell_short_of_helpers
from handlers.activities.rights import forget_what_is_over
from handlers.activities.standing_papers import tell_who_lacks_papers
from handlers.activities.waiting import end_offers, end_queues
from models.identity import Actor


def offers(by: Actor) -> str:
    """A seat that nobody took goes to the next."""
    return f"{end_offers(by)} offers over, {end_queues(by)} queues over"


def forget_old(by: Actor) -> str:
    """A month after a session nobody needs to know what was answered, or who came along."""
    return f"{forget_what_is_over(by)} forms, names and papers forgotten"


def papers(by: Actor) -> str:
    """A clearance may end between signing up and the day."""
    return f"{tell_who_lacks_papers(by)} places whose papers end before their day"


def helpers(by: Actor) -> str:
    """By noon, while there is still time to find somebody."""
    return f"{tell_short_of_helpers(by)} sessions short of helpers"


jobs = (
    Job("activities.papers", papers, CronTrigger(hour=9, minute=10, timezone=COMMUNITY), timedelta(hours=12)),
    Job(
        "activities.helpers", helpers, CronTrigger(hour=11, minute=0, timezone=COMMUNITY), timedelta(hours=4)
    ),
    Job("activities.offers", offers, CronTrigger(minute="*", timezone=COMMUNITY), timedelta(hours=1)),
    Job(
        "activities.forget_old",
        forget_old,
        CronTrigger(hour=3, minute=20, timezone=COMMUNITY),
        timedelta(days=1),
    ),
)
