"""What time does to forms, each morning and each night."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.forms import ending
from models.identity import Actor


def tell_end(by: Actor) -> str:
    return f"{ending.tell_end(by)} told"


def let_go(by: Actor) -> str:
    return f"{ending.let_go(by)} given up, {ending.forget_answers(by)} emptied"


JOBS = (
    Job(
        "forms.tell_end",
        tell_end,
        CronTrigger(hour=9, minute=40, timezone=clock.COMMUNITY),
        timedelta(hours=10),
    ),
    Job(
        "forms.let_go", let_go, CronTrigger(hour=3, minute=35, timezone=clock.COMMUNITY), timedelta(hours=20)
    ),
)
