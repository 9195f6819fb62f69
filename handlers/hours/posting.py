"""Into the time bank, once: what both confirmed and nobody disputed within 72 hours; and putting it right."""

from __future__ import annotations

from dataclasses import replace

from app import audit, clock
from app.database import run_in_savepoint
from handlers.hours import messages
from handlers.hours.following import mark
from handlers.hours.sentences import reason_in
from handlers.hours.standing import BLOCKING, check_minutes, must_be_staff, must_not_be_own
from handlers.hours.steps import followed, step
from handlers.ledger import actions as ledger
from handlers.people import actions as people
from models import hours as model
from models.hours import ServiceHours
from models.hours_lists import due_to_post
from models.identity import Actor
from models.refusal import Refusal

MOST_AT_ONCE = 200


def post_due(by: Actor) -> tuple[int, int]:
    """Post what is due; how many were posted, and how many the time bank would not take (the staff see why)."""
    posted = held = 0
    for row in by.session.scalars(due_to_post().limit(MOST_AT_ONCE)).all():
        if post(by, row):
            posted += 1
        else:
            held += 1
    return posted, held


def post(by: Actor, row: ServiceHours) -> bool:
    """One record; the same again is the same. False when it is held back, with the reason in the row."""
    row = model.hold(by.session, row)
    if row.state == "posted":
        return True
    if row.state != "confirmed" or row.dispute_until is None or row.dispute_until > clock.now():
        return False
    why = _why_not(by, row)
    if why is None:
        try:
            run_in_savepoint(by.session, lambda: _into_ledger(by, row))
        except Refusal as refused:
            why = refused.code.rpartition(".")[2][:20]
            by.session.refresh(row)
    if why != row.held_back:
        row.held_back = why
        audit.note(by, "hours.hold_back" if why else "hours.let_go", row, code=why or "")
    return why is None


def _why_not(by: Actor, row: ServiceHours) -> str | None:
    """A reason of our own: nobody there, a consent taken back, two records of the same time."""
    if row.person is None or row.person.erased_at is not None:
        return "erased"
    if people.has_withdrawn(replace(by, person=row.person), "volunteer"):
        return "no_consent"
    mark(by, row)
    return next((flag for flag in BLOCKING if flag in row.flags), None)


def _into_ledger(by: Actor, row: ServiceHours) -> None:
    if row.person is None:
        raise RuntimeError("nobody's hours are posted")
    transfer = ledger.post_hours(
        by,
        row.person,
        row.minutes,
        once=f"hours:{row.id}:{row.revision}",
        source=f"hours:{row.id}",
    )
    row.transfer_id, row.state = transfer.id, "posted"
    followed(by, row, "posted")
    audit.note(by, "hours.post", row, minutes=row.minutes, transfer=transfer.id)


# ---- what is posted and wrong ----------------------------------------------------------------------------------------


def correct(by: Actor, row: ServiceHours, minutes: int, reason: str) -> ServiceHours:
    """Reverse what was posted and post the right minutes (0: nothing), once for each revision; both lines stay.

    Refuses with hours.nothing_to_correct, .own, .too_many, and what the ledger says (ledger.short: it is spent).
    """
    must_be_staff(by)
    row = model.hold(by.session, row)
    must_not_be_own(by, row)
    said = reason_in(reason)
    if row.state != "posted" or row.transfer is None:
        raise Refusal("hours.not_now")
    if minutes != 0:
        check_minutes(row, minutes)
    if minutes == row.minutes and not row.differs:
        raise Refusal("hours.nothing_to_correct")
    row.seen = row.counted
    if minutes != row.minutes:
        _replace(by, row, minutes, said)
    step(by, row, "corrected", said)
    audit.note(by, "hours.correct", row, minutes=minutes)
    return row


def _replace(by: Actor, row: ServiceHours, minutes: int, said: str) -> None:
    if row.transfer is None:
        raise RuntimeError("what is posted has a transfer")
    ledger.reverse(by, row.transfer, said, source=row.transfer.source)
    row.minutes, row.revision = minutes, row.revision + 1
    row.transfer_id, row.state = None, "void"
    by.session.flush()
    if minutes:
        _into_ledger(by, row)
    messages.tell(by, row, row.person, "corrected", messages.changes(row), why=said)
