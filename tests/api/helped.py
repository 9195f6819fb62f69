"""Somebody's record of hours, as the scans leave it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from models.hours import ServiceHours
from tests.api.minis import Mini
from tests.neighbours import Town


def helped_by(town: Town, helper: Mini) -> int:
    """The id of a record of two hours that nobody has confirmed."""

    def unit(session: Session) -> int:
        now = clock.now()
        row = ServiceHours(person_id=helper.person(session).id, source="manual:test", what="修水管")
        row.started_at, row.ended_at = now - timedelta(hours=2), now
        row.counted = row.minutes = 120
        session.add(row)
        session.flush()
        return row.id

    return town.writing(unit)
