"""Taking scans back in tests, by the house itself as a leader's queue would."""

from __future__ import annotations

from sqlalchemy.orm import Session

from handlers.volunteers import undoing
from handlers.volunteers.undoing import Decision
from models.activities import ActivitySession
from models.refusal import Refusal
from tests.activities.plans import house
from tests.neighbours import Phone, Town


def take_back(town: Town, phone: Phone, number: int, decision: Decision) -> str:
    """ "done", "known", or the code of the refusal."""

    def unit(session: Session) -> str:
        held = session.get_one(ActivitySession, number)
        return "done" if undoing.undo(house(session), held, phone.person(session), decision) else "known"

    try:
        return town.writing(unit)
    except Refusal as why:
        return why.code
