"""What time does to hours: they are posted when nobody objected, and leaders are asked for their yes."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import select

from app.clock import COMMUNITY
from app.jobs import Job
from handlers.hours import messages
from handlers.hours.posting import post_due
from models.activities import ActivitySession
from models.activities_audience import leaders_of
from models.hours_lists import to_confirm
from models.identity import Actor

MOST_ROWS = 500


def post(by: Actor) -> str:
    """Confirmed, undisputed, 72 hours old: into the time bank."""
    posted, held = post_due(by)
    return f"{posted} posted, {held} held back"


def ask_leaders(by: Actor) -> str:
    """A word to the residents who lead a session that is over, once each: hours wait for their yes."""
    waiting: dict[int, list[int | None]] = {}
    for row in by.session.scalars(to_confirm().limit(MOST_ROWS)).all():
        if row.session_id is not None:
            waiting.setdefault(row.session_id, []).append(row.person_id)
    written = 0
    for number, people in sorted(waiting.items()):
        held = by.session.scalars(select(ActivitySession).where(ActivitySession.id == number)).one()
        for leader in leaders_of(by.session, held.activity):
            others = [one for one in people if one != leader.id]
            written += bool(others) and messages.ask_leader(by, held, leader, len(others))
    return f"{written} leaders asked"


jobs = (
    Job("hours.post", post, CronTrigger(minute="*/10", timezone=COMMUNITY), timedelta(days=7)),
    Job(
        "hours.ask_leaders",
        ask_leaders,
        CronTrigger(hour="9-20", minute=5, timezone=COMMUNITY),
        timedelta(hours=1),
    ),
)
