"""What the few who may do with a cry for help: read it and note what was done. Both leave a line in the common trail,
without a word of the content.

The matters lie in a database of their own; the trail is written first, so that nothing is read without a line. Whose
eyes a matter is for follows from its kind (`theirs`); for others it is not there.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app import audit, clock
from app.database import Database
from models.confidential import SPECIAL, ConfidentialMatter
from models.identity import Actor
from models.refusal import Refusal
from models.staff import has_holder

LONGEST_OUTCOME = 300


def theirs(by: Actor) -> ColumnElement[bool]:
    """Which matters are for this member's eyes: a specialist's own kind; for `care` all others, and a specialist's kind
    while nobody who could sign in is that specialist."""
    roles = by.staff.roles if by.staff else []
    own = ConfidentialMatter.kind.in_([kind for kind, role in SPECIAL.items() if role in roles])
    if "care" not in roles:
        return own
    taken = [kind for kind, role in SPECIAL.items() if has_holder(by.session, role)]
    return or_(own, ConfidentialMatter.kind.not_in(taken))


def note_read(by: Actor, confidential: Database, number: int) -> bool:
    """Somebody opens this matter; to be committed before it is read. False when it is not there for them; that they
    tried stands in the trail."""
    mine = theirs(by)
    with confidential.reading() as session:
        there = _is_there(session, number, mine)
    audit.note(by, "care.read" if there else "care.refused", None, matter=number)
    return there


def handle(by: Actor, confidential: Database, number: int, outcome: str) -> None:
    """Note what was done. The matter stays; a later word replaces the earlier one.

    Refuses with care.outcome_length, .no_such_matter. The matter itself says who handled it and when.
    """
    words = outcome.strip()
    if by.staff is None or not 0 < len(words) <= LONGEST_OUTCOME:
        raise Refusal("care.outcome_length", most=LONGEST_OUTCOME)
    staff_id, mine = by.staff.id, theirs(by)
    audit.note(by, "care.handle", None, matter=number)

    def unit(session: Session) -> None:
        matter = session.get(ConfidentialMatter, number)
        if matter is None or not _is_there(session, number, mine):
            raise Refusal("care.no_such_matter")
        matter.outcome, matter.handled_by, matter.handled_at = words, staff_id, clock.now()

    confidential.writing(unit)


def _is_there(session: Session, number: int, mine: ColumnElement[bool]) -> bool:
    return (
        session.scalar(select(ConfidentialMatter.id).where(ConfidentialMatter.id == number, mine)) is not None
    )
