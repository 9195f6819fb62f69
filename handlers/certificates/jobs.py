"""What time does to proofs: posting ends, hours in them change, identity numbers go with their consent."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.certificates import actions, files, issuing
from models.identity import Actor


def end_posting(by: Actor) -> str:
    return f"{actions.end_posting(by)} ready"


def note_corrections(by: Actor) -> str:
    return f"{issuing.note_corrections(by)} corrected"


def forget_numbers(by: Actor) -> str:
    return f"{files.forget_numbers(by)} forgotten"


JOBS = (
    # In the daytime: what it writes reaches people.
    Job(
        "certificates.end_posting",
        end_posting,
        CronTrigger(hour="8-19", minute=10, timezone=clock.COMMUNITY),
        timedelta(hours=1),
    ),
    Job(
        "certificates.note_corrections",
        note_corrections,
        CronTrigger(hour="8-19", minute=40, timezone=clock.COMMUNITY),
        timedelta(hours=1),
    ),
    Job(
        "certificates.forget_numbers",
        forget_numbers,
        CronTrigger(hour=3, minute=20, timezone=clock.COMMUNITY),
        timedelta(hours=20),
    ),
)
