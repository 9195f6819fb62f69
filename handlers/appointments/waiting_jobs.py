"""What time does to those who wait and to what was noted when nobody came."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.appointments import striking, sweeping
from models.identity import Actor

KEPT = timedelta(days=180)


def offers(by: Actor) -> str:
    """Offers end, and whatever came free finds somebody."""
    ended, given = sweeping.end_offers(by), sweeping.hand_out(by)
    return f"{ended} offers over, {given} seats offered, {sweeping.end_waits(by)} waits over"


def strikes(by: Actor) -> str:
    """Strikes end by themselves."""
    return f"{striking.end_by_time(by)} strikes over"


def forget(by: Actor) -> str:
    """Who waited for what half a year ago is nobody's business."""
    return f"{sweeping.forget_old(by, KEPT)} forgotten"


WAITING_JOBS = (
    Job(
        "appointments.offers",
        offers,
        CronTrigger(minute="*/5", timezone=clock.COMMUNITY),
        useful_for=timedelta(minutes=30),
    ),
    Job(
        "appointments.strikes",
        strikes,
        CronTrigger(hour=2, minute=10, timezone=clock.COMMUNITY),
        useful_for=timedelta(hours=20),
    ),
    Job(
        "appointments.forget_waits",
        forget,
        CronTrigger(hour=3, minute=35, timezone=clock.COMMUNITY),
        useful_for=timedelta(hours=20),
    ),
)
