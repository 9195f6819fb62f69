"""What went out in a hurry is read by two others within a day: what they say cannot stop it any more, but it is on
record, and a mistake that they find leads to a correction."""

from __future__ import annotations

from app import audit, clock
from handlers.broadcasts.actions import locked
from models.approval import LATER, later_missing, later_readings
from models.broadcasts import Broadcast, BroadcastReview
from models.identity import Actor
from models.notices import STAGES
from models.refusal import Refusal
from models.staff import StaffMember

SHORTEST_REASON = 4


def read_later(by: Actor, broadcast: Broadcast, *, passed: bool, comment: str) -> Broadcast:
    """Refuses with broadcasts.reviewers_only, nothing_to_read, own, read_already, say_why."""
    staff, row = _reviewer(by), locked(by, broadcast)
    if row.digest is None or row.approved_at is None or not later_missing(by.session, row):
        raise Refusal("broadcasts.nothing_to_read")
    if staff.id in (row.author_id, row.version.author_id, row.approved_by_id):
        raise Refusal("broadcasts.own")
    if any(one.staff_id == staff.id for one in later_readings(by.session, row)):
        raise Refusal("broadcasts.read_already")
    if not passed and len(comment.strip()) < SHORTEST_REASON:
        raise Refusal("broadcasts.say_why")
    word = BroadcastReview(broadcast_id=row.id, stage=LATER, staff_id=staff.id, digest=row.digest)
    word.passed, word.comment = passed, comment.strip()
    by.session.add(word)
    by.session.flush()
    if not later_missing(by.session, row):
        row.reviewed_later_at = clock.now()
    audit.note(by, "broadcasts.read_later", row, passed=passed)
    return row


def _reviewer(by: Actor) -> StaffMember:
    if by.staff is None or not set(STAGES) & set(by.staff.roles):
        raise Refusal("broadcasts.reviewers_only")
    return by.staff
