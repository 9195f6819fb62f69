"""What time does to appointments: new days come within the horizon, visits pass, personal words grow old."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.appointments import marks, seats
from handlers.appointments.mine import forget_old_words
from handlers.appointments.planning import lay_out
from models.identity import Actor
from models.plans import open_services

MARKED_WITHIN = timedelta(days=7)
WORDS_KEPT = timedelta(days=730)


def extend(by: Actor) -> str:
    """Lay out the day that has come within the horizon of each service."""
    new = sum(lay_out(by, service) for service in by.session.scalars(open_services()).all())
    return f"{new} new times"


def sweep(by: Actor) -> str:
    """Seats that were held for somebody who did not finish; they were free again the moment the hold had run out."""
    return f"{seats.sweep(by)} holds swept"


def settle(by: Actor) -> str:
    """Visits of a week ago that nobody marked took place, for all we know."""
    return f"{marks.settle_past(by, MARKED_WITHIN)} settled"


def forget_words(by: Actor) -> str:
    """Who was helped, called and visited is nobody's business after two years (trust 1.3)."""
    return f"{forget_old_words(by, WORDS_KEPT)} forgotten"


JOBS = (
    Job(
        "appointments.extend",
        extend,
        CronTrigger(hour=0, minute=10, timezone=clock.COMMUNITY),
        useful_for=timedelta(hours=23),
    ),
    Job(
        "appointments.sweep",
        sweep,
        CronTrigger(minute="*/10", timezone=clock.COMMUNITY),
        useful_for=timedelta(minutes=10),
    ),
    Job(
        "appointments.settle",
        settle,
        CronTrigger(hour=1, minute=10, timezone=clock.COMMUNITY),
        useful_for=timedelta(hours=22),
    ),
    Job(
        "appointments.forget_words",
        forget_words,
        CronTrigger(hour=3, minute=20, timezone=clock.COMMUNITY),
        useful_for=timedelta(hours=20),
    ),
)
