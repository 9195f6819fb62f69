"""The two who say yes: the coordinator and, where somebody was served, that person. Then 72 hours run."""

from __future__ import annotations

from collections.abc import Iterable

from app import audit, clock
from app.understanding.lines import line_for_others
from handlers.hours import messages
from handlers.hours.following import mark
from handlers.hours.sentences import reason_in
from handlers.hours.standing import (
    check_minutes,
    doubts,
    must_be_sound,
    must_be_staff,
    must_coordinate,
    must_not_be_own,
)
from handlers.hours.steps import step
from models import hours as model
from models.activities import ActivitySession
from models.hours import DISPUTE_WITHIN, HoursStep, ServedAt, ServiceHours
from models.hours_lists import to_confirm_in
from models.identity import Actor, Person
from models.refusal import Refusal
from models.wishes import Claim


def confirm(by: Actor, row: ServiceHours, minutes: int | None = None, reason: str = "") -> ServiceHours:
    """The coordinator stands for it; other minutes than were measured need a reason. Saying it twice is saying it once.

    Refuses with hours.own, .not_yours, .staff_looks, .still_in, .overlap, .not_over, .second_person, .too_many,
    .reason_needed, .not_now.
    """
    row = model.hold(by.session, row)
    mark(by, row)
    must_coordinate(by, row)
    if row.state == "confirmed" or row.waits_for_served:
        return row
    if row.state != "provisional":
        raise Refusal("hours.not_now")
    must_be_sound(row)
    _must_be_second(by, row)
    _must_still_be_kept(by, row)
    said = reason_in(reason) if minutes is not None and minutes != row.counted else line_for_others(reason)
    row.minutes = check_minutes(row, row.counted if minutes is None else minutes)
    _say_yes(by, row)
    step(by, row, "confirmed", said)
    audit.note(by, "hours.confirm", row, minutes=row.minutes, counted=row.counted)
    go_on(by, row)
    return row


def _must_still_be_kept(by: Actor, row: ServiceHours) -> None:
    """Who wished may have taken back within ten minutes that it is done."""
    if not row.source.startswith("wish:"):
        return
    promised = by.session.get(Claim, int(row.source.partition(":")[2]))
    if promised is None or promised.wish.state not in ("confirmed", "thanked"):
        raise Refusal("hours.not_now")


def _must_be_second(by: Actor, row: ServiceHours) -> None:
    """Who wrote down what no scan and no neighbour shows leaves the yes to a colleague."""
    if "manual" not in row.flags or row.served_id is not None:
        return
    written = by.session.scalars(model.steps_of(row).where(HoursStep.did == "written")).first()
    if by.staff is not None and written is not None and written.staff_id == by.staff.id:
        raise Refusal("hours.second_person")


def _say_yes(by: Actor, row: ServiceHours) -> None:
    row.staff_id = by.staff.id if by.staff is not None else None
    row.leader_id = by.person.id if by.staff is None and by.person is not None else None
    row.confirmed_at, row.seen = clock.now(), row.counted
    row.flags = [flag for flag in row.flags if flag != "changed"]


def confirm_plain(by: Actor, rows: Iterable[ServiceHours]) -> int:
    """All of these that nobody needs to look at; how many. What is doubtful is confirmed one by one, and somebody's own
    by others."""
    count = 0
    for row in sorted(rows, key=lambda one: one.id):
        if doubts(row) or not _may(by, row):
            continue
        confirm(by, row)
        count += row.confirmed_at is not None
    return count


def _may(by: Actor, row: ServiceHours) -> bool:
    try:
        must_coordinate(by, row)
        must_be_sound(row)
    except Refusal:
        return False
    return True


def confirm_session(by: Actor, held: ActivitySession) -> int:
    """Everything of one session that is not doubtful; how many."""
    return confirm_plain(by, by.session.scalars(to_confirm_in(held)).all())


def go_on(by: Actor, row: ServiceHours) -> None:
    """When both have said yes the time to object begins; else who was served is asked."""
    if row.confirmed_at is None:
        return
    if row.served_id is not None and row.served_at is None:
        _ask_served(by, row)
        return
    row.state, row.dispute_until = "confirmed", clock.now() + DISPUTE_WITHIN
    until = row.dispute_until.isoformat()
    messages.tell(by, row, row.person, "confirmed", messages.changes(row), until=until)


def _ask_served(by: Actor, row: ServiceHours) -> None:
    row.served_asked_at = clock.now()
    messages.tell(by, row, row.served, "ask_served", messages.changes(row))


# ---- who was served --------------------------------------------------------------------------------------------------


def served_says_yes(by: Actor, row: ServiceHours) -> ServiceHours:
    """It was so; also said by the staff for somebody whom they have telephoned."""
    row = model.hold(by.session, row)
    _must_speak_for_served(by, row)
    if row.served_at is not None:
        return row
    if row.state != "provisional":
        raise Refusal("hours.not_now")
    row.served_at = clock.now()
    step(by, row, "served_yes")
    audit.note(by, "hours.served_yes", row)
    go_on(by, row)
    return row


def served_says_no(by: Actor, row: ServiceHours, words: str) -> ServiceHours:
    """It was not so: the staff look at it before anything counts."""
    row = model.hold(by.session, row)
    _must_speak_for_served(by, row)
    said = reason_in(words)
    in_time = row.state == "confirmed" and row.dispute_until is not None and row.dispute_until > clock.now()
    if row.state != "provisional" and not in_time:
        raise Refusal("hours.not_now")
    row.state, row.objected_by, row.objected_at, row.objection = "disputed", "served", clock.now(), said
    row.served_at = row.dispute_until = None
    step(by, row, "served_no")
    audit.note(by, "hours.served_no", row)
    return row


def _must_speak_for_served(by: Actor, row: ServiceHours) -> None:
    if row.served_id is None:
        raise Refusal("hours.nobody_served")
    if by.staff is not None or by.channel == "job":
        must_not_be_own(by, row)
    elif by.me.id != row.served_id:
        raise Refusal("hours.not_yours")


def name_served(by: Actor, row: ServiceHours, person: Person | None) -> ServiceHours:
    """Staff write down who was served; who had confirmed before them stays, and they are asked."""
    must_be_staff(by)
    row = model.hold(by.session, row)
    must_not_be_own(by, row)
    if row.state != "provisional":
        raise Refusal("hours.not_now")
    if person is not None and person.id == row.person_id:
        raise Refusal("hours.served_self")
    row.served_id, row.served_at, row.served_asked_at = person.id if person else None, None, None
    by.session.flush()
    by.session.refresh(row)
    audit.note(by, "hours.name_served", row, served=row.served_id)
    go_on(by, row)
    return row


def name_served_at(by: Actor, held: ActivitySession, person: Person | None) -> int:
    """Who is served at this session, for the records that follow and for those that nobody has confirmed; how many."""
    must_be_staff(by)
    known = by.session.get(ServedAt, held.id)
    if known is not None:
        by.session.delete(known)
        by.session.flush()
    if person is not None:
        by.session.add(ServedAt(session_id=held.id, person_id=person.id))
    count = 0
    for one in by.session.scalars(to_confirm_in(held)).all():
        row = model.hold(by.session, one)
        if person is None or person.id != row.person_id:
            row.served_id, row.served_at, row.served_asked_at = person.id if person else None, None, None
            count += 1
    audit.note(by, "hours.name_served", held, served=person.id if person else None)
    return count
