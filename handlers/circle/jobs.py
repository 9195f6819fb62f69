"""What time does to the circle: papers end, offers run out, somebody is asked whether it is well again."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.circle import providing
from models.identity import Actor


def look_at_papers(by: Actor) -> str:
    """Whose licence ends within a month is told once; what has lapsed hides itself."""
    return f"{providing.tell_of_papers(by)} told"


JOBS = (
    Job(
        "circle.look_at_papers",
        look_at_papers,
        CronTrigger(hour=9, minute=5, timezone=clock.COMMUNITY),
        timedelta(hours=10),
    ),
)
