"""What time does to teams: plans roll forward, those whose turn it is are planned, who is out of a team is off its
shifts."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import select

from app.clock import COMMUNITY
from app.jobs import Job
from handlers.activities.actions import free_seat
from handlers.teams.planning import roll
from models.activities import Enrolment
from models.identity import Actor
from models.teams_shifts import strangers


def lay_out(by: Actor) -> str:
    """In the morning, so that whoever is planned hears of it in the daytime."""
    made, planned = roll(by)
    return f"{made} shifts laid out, {planned} people planned"


def tidy(by: Actor) -> str:
    """A sign-up that met a removal in the same moment: the place goes back."""
    rows = by.session.scalars(select(Enrolment).where(Enrolment.id.in_(strangers()))).all()
    freed = sum(
        free_seat(by, row.session, row.person) for row in sorted(rows, key=lambda row: row.session_id)
    )
    return f"{freed} places given back"


jobs = (
    Job("teams.lay_out", lay_out, CronTrigger(hour=9, minute=10, timezone=COMMUNITY), timedelta(hours=10)),
    Job("teams.tidy", tidy, CronTrigger(minute="*/10", timezone=COMMUNITY), timedelta(hours=1)),
)
