"""What is argued about: an objection within 72 hours, a record that is missing, and the staff's decision."""

from __future__ import annotations

from app import audit, clock
from handlers.hours import messages
from handlers.hours.confirming import go_on
from handlers.hours.following import mark
from handlers.hours.sentences import reason_in
from handlers.hours.standing import check_minutes, must_be_mine, must_be_staff, must_not_be_own
from handlers.hours.steps import step
from models import hours as model
from models.activities import LIVE, ActivitySession, enrolment_of
from models.hours import ServiceHours
from models.hours_lists import CLAIM_WITHIN
from models.identity import Actor
from models.refusal import Refusal


def object_to(by: Actor, row: ServiceHours, reason: str) -> ServiceHours:
    """The volunteer says that it is not so. Refuses with hours.posted_already, .too_late, .not_yours."""
    row = model.hold(by.session, row)
    must_be_mine(by, row)
    said = reason_in(reason)
    if row.state == "posted":
        raise Refusal("hours.posted_already")
    if row.state == "confirmed" and row.dispute_until is not None and row.dispute_until <= clock.now():
        raise Refusal("hours.too_late")
    if row.state not in ("provisional", "confirmed"):
        raise Refusal("hours.not_now")
    _dispute(by, row, said)
    audit.note(by, "hours.object", row)
    return row


def _dispute(by: Actor, row: ServiceHours, said: str) -> None:
    row.state, row.objected_by, row.objected_at, row.objection = "disputed", "volunteer", clock.now(), said
    row.dispute_until = None
    step(by, row, "objected")


def take_back_objection(by: Actor, row: ServiceHours) -> ServiceHours:
    """Undo it while nobody has decided: the coordinator is asked again."""
    row = model.hold(by.session, row)
    must_be_mine(by, row)
    if row.state != "disputed" or row.objected_by != "volunteer":
        raise Refusal("hours.not_now")
    row.state = "provisional" if row.minutes else "void"
    row.confirmed_at = row.objected_at = row.objected_by = row.objection = None
    step(by, row, "took_back")
    audit.note(by, "hours.take_back_objection", row)
    return row


def claim_absent(by: Actor, held: ActivitySession, reason: str) -> ServiceHours:
    """ "I was there and it is not written down": for a session that they had joined, within two weeks of it."""
    said = reason_in(reason)
    enrolment = enrolment_of(by.session, held, by.me)
    if enrolment is None or enrolment.state != "joined":
        raise Refusal("hours.not_joined")
    if held.state in LIVE and held.ends > clock.now():
        raise Refusal("hours.not_over")
    if held.state == "cancelled" or held.ends < clock.now() - CLAIM_WITHIN:
        raise Refusal("hours.too_late")
    row = model.row_of(by.session, by.me, f"session:{held.id}")
    if row is not None and row.state != "void":
        raise Refusal("hours.is_recorded")
    row = row or _empty(by, held)
    _dispute(by, row, said)
    audit.note(by, "hours.claim_absent", row)
    return row


def _empty(by: Actor, held: ActivitySession) -> ServiceHours:
    row = ServiceHours(
        person_id=by.me.id,
        source=f"session:{held.id}",
        session_id=held.id,
        what=held.activity.title,
        place=held.place,
        started_at=held.starts,
        ended_at=held.ends,
        counted=0,
        minutes=0,
        flags=["absent"],
    )
    by.session.add(row)
    by.session.flush()
    return row


# ---- the staff decide ------------------------------------------------------------------------------------------------


def settle(by: Actor, row: ServiceHours, minutes: int, reason: str) -> ServiceHours:
    """Keep it or give it other minutes, having asked both sides; the volunteer is told why. Where who was served has
    not been heard yet they still are; who said no was heard."""
    must_be_staff(by)
    row = model.hold(by.session, row)
    must_not_be_own(by, row)
    said = reason_in(reason)
    if row.state != "disputed":
        raise Refusal("hours.not_now")
    mark(by, row)
    if "overlap" in row.flags:
        raise Refusal("hours.overlap")
    row.minutes = check_minutes(row, minutes)
    row.staff_id, row.leader_id = by.staff.id if by.staff else None, None
    row.confirmed_at, row.seen = clock.now(), row.counted
    if row.objected_by == "served":
        row.served_at = clock.now()
    step(by, row, "decided", said)
    audit.note(by, "hours.settle", row, minutes=minutes)
    _after_decision(by, row, said)
    return row


def _after_decision(by: Actor, row: ServiceHours, said: str) -> None:
    """What was decided is not argued about again here: it is posted with the next round."""
    row.state = "provisional"
    if row.served_id is not None and row.served_at is None:
        go_on(by, row)
    else:
        row.state, row.dispute_until = "confirmed", clock.now()
    messages.tell(by, row, row.person, "decided", messages.changes(row), why=said)


def void(by: Actor, row: ServiceHours, reason: str) -> ServiceHours:
    """Nothing of it counts; why is kept and told. What is posted is corrected (correcting.py)."""
    must_be_staff(by)
    row = model.hold(by.session, row)
    must_not_be_own(by, row)
    said = reason_in(reason)
    if row.state not in model.LIVE:
        raise Refusal("hours.not_now")
    row.state, row.seen, row.dispute_until, row.held_back = "void", row.counted, None, None
    step(by, row, "void", said)
    audit.note(by, "hours.void", row)
    messages.tell(by, row, row.person, "void", messages.changes(row), why=said)
    return row
