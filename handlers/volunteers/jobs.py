"""What happens at sessions because time passed."""

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app.clock import COMMUNITY
from app.jobs import Job
from handlers.volunteers import trust
from handlers.volunteers.actions import close_session
from handlers.volunteers.offline_arrivals import forget_old
from models.activities import overdue
from models.identity import Actor

MOST_AT_ONCE = 50


def close_overdue(by: Actor) -> str:
    """Half an hour after its end a session closes, and who forgot to leave is out at the planned end."""
    sessions = list(by.session.scalars(overdue().limit(MOST_AT_ONCE)))
    forgot = sum(close_session(by, session) for session in sessions)
    return f"{len(sessions)} sessions closed, {forgot} had forgotten to leave"


def forget_unlisted(by: Actor) -> str:
    """Names of people whom nobody could find for a month go."""
    return f"{forget_old(by)} names forgotten"


def forget_spots(by: Actor) -> str:
    """Where a phone was when it checked in is kept for a day; near, far or odd stays on the scan."""
    return f"{trust.forget_spots(by)} positions forgotten"


jobs = (
    Job(
        "volunteers.forget_spots",
        forget_spots,
        CronTrigger(minute=20, timezone=COMMUNITY),
        useful_for=timedelta(days=7),
    ),
    Job(
        "volunteers.close_overdue",
        close_overdue,
        CronTrigger(minute="*/5", timezone=COMMUNITY),
        useful_for=timedelta(days=7),
    ),
    Job(
        "volunteers.forget_unlisted",
        forget_unlisted,
        CronTrigger(hour=3, minute=40, timezone=COMMUNITY),
        useful_for=timedelta(days=2),
    ),
)
