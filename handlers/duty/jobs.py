"""What the timetable does for duty: tell, count in the morning, hand over at night."""

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.duty import actions, telling
from models.identity import Actor


def tell(by: Actor) -> str:
    bells = telling.answer_bells(by.session)
    return f"{bells} bells, {telling.tell_on_duty(by.session)} on duty"


def digest(by: Actor) -> str:
    return f"{telling.send_digest(by.session)} told"


def turn_leaves(by: Actor) -> str:
    begun, over = actions.turn_leaves(by)
    return f"{begun} away, {over} back"


JOBS = (
    Job("duty.tell", tell, CronTrigger(second="*/15", timezone=clock.COMMUNITY), timedelta(hours=1)),
    Job("duty.digest", digest, CronTrigger(hour=8, minute=20, timezone=clock.COMMUNITY), timedelta(hours=3)),
    Job(
        "duty.turn_leaves",
        turn_leaves,
        CronTrigger(hour=0, minute=5, timezone=clock.COMMUNITY),
        timedelta(hours=23),
    ),
)
