"""What the few who may do with a cry for help: read it and note what was done. Both leave a line in the common trail,
without a word of the content.

The matters lie in a database of their own; the trail is written first, so that nothing is read without a line.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from app import audit, clock
from app.database import Database
from models.confidential import ConfidentialMatter
from models.identity import Actor
from models.refusal import Refusal

LONGEST_OUTCOME = 300


def note_read(by: Actor, number: int) -> None:
    """Somebody opens this matter; to be committed before it is read."""
    _must_care(by)
    audit.note(by, "care.read", None, matter=number)


def handle(by: Actor, confidential: Database, number: int, outcome: str) -> None:
    """Note what was done. The matter stays; a later word replaces the earlier one.

    Refuses with care.outcome_length, .no_such_matter. The matter itself says who handled it and when.
    """
    staff_id = _must_care(by)
    words = outcome.strip()
    if not 0 < len(words) <= LONGEST_OUTCOME:
        raise Refusal("care.outcome_length", most=LONGEST_OUTCOME)
    audit.note(by, "care.handle", None, matter=number)

    def unit(session: Session) -> None:
        matter = session.get(ConfidentialMatter, number)
        if matter is None:
            raise Refusal("care.no_such_matter")
        matter.outcome, matter.handled_by, matter.handled_at = words, staff_id, clock.now()

    confidential.writing(unit)


def _must_care(by: Actor) -> int:
    if by.staff is None or "care" not in by.staff.roles:
        raise Refusal("care.not_allowed")
    return by.staff.id
