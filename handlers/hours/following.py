"""A record follows the stays that it comes from: made when a stay has ended, counted again when they change.

Provisional, it simply says what the scans say. What was confirmed is asked again of whoever confirmed it; what is
posted stays as it is, and staff see that record and ledger differ. Nothing changes silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app import audit
from handlers.hours import messages
from handlers.hours.steps import followed
from models import hours as model
from models.activities import ActivitySession
from models.hours import ServedAt, ServiceHours
from models.hours_spans import minutes_that_day, overlaps_another, stays_at
from models.identity import Actor, Person
from models.volunteers import Attendance

OWN_FLAGS = ("changed", "day", "overlap", "still_in")


@dataclass(frozen=True, slots=True)
class Measured:
    """What the stays of one person at one session add up to."""

    since: datetime
    until: datetime
    minutes: int
    flags: list[str]


def follow(by: Actor, held: ActivitySession, person: Person) -> None:
    """Make this person's record of this session say what their stays say now. For handlers/volunteers, which holds the
    session and the person."""
    by.session.flush()
    stays = stays_at(by.session, person.id, held.id)
    found = _measure(stays)
    row = model.row_of(by.session, person, f"session:{held.id}")
    if row is not None:
        _count_again(by, row, found)
    elif found is not None and found.minutes > 0 and "still_in" not in found.flags:
        row = _make(by, held, person, found)
    if row is not None:
        mark(by, row)


def _measure(stays: Sequence[Attendance]) -> Measured | None:
    """None when nobody has left yet."""
    ended = [one for one in stays if one.left_at is not None]
    if not ended:
        return None
    flags = {flag for one in stays for flag in one.flags} | (
        {"still_in"} if len(ended) < len(stays) else set()
    )
    return Measured(
        since=min(one.came_at for one in ended),
        until=max(one.left_at or one.came_at for one in ended),
        minutes=sum(one.minutes or 0 for one in ended),
        flags=sorted(flags),
    )


def _make(by: Actor, held: ActivitySession, person: Person, found: Measured) -> ServiceHours:
    served = by.session.get(ServedAt, held.id)
    row = ServiceHours(
        person_id=person.id,
        source=f"session:{held.id}",
        session_id=held.id,
        what=held.activity.title,
        place=held.place,
        started_at=found.since,
        ended_at=found.until,
        counted=found.minutes,
        minutes=found.minutes,
        flags=found.flags,
        served_id=served.person_id if served is not None and served.person_id != person.id else None,
    )
    by.session.add(row)
    by.session.flush()
    followed(by, row, "counted")
    audit.note(by, "hours.count", row, minutes=row.minutes)
    return row


def _count_again(by: Actor, row: ServiceHours, found: Measured | None) -> None:
    minutes = found.minutes if found is not None else 0
    if row.state == "posted":
        _note_difference(by, row, minutes)
        return
    moved = found is not None and (found.since, found.until) != (row.started_at, row.ended_at)
    if found is not None:
        row.flags = _flags(row, found)
    if minutes == row.counted and not moved:
        return
    was_confirmed = row.confirmed_at is not None
    row.counted = minutes
    if found is not None:
        row.started_at, row.ended_at = found.since, found.until
    if row.state == "disputed":
        row.minutes = minutes
    elif row.state == "void" and row.seen is None and minutes == 0:
        return
    else:
        _back_to_provisional(row, minutes, was_confirmed=was_confirmed)
    followed(by, row, "recounted")
    if was_confirmed and row.state == "provisional":
        messages.tell(by, row, row.leader, "again", messages.changes(row))
    audit.note(by, "hours.recount", row, minutes=minutes, again=was_confirmed)


def _back_to_provisional(row: ServiceHours, minutes: int, *, was_confirmed: bool) -> None:
    """Whoever confirmed stays named in the row: they are asked again. Nothing left is void until a scan comes."""
    if was_confirmed or (row.state == "void" and row.seen is not None):
        row.flags = sorted({*row.flags, "changed"})
    row.minutes, row.seen, row.state = minutes, None, "provisional" if minutes else "void"
    row.confirmed_at = row.served_at = row.served_asked_at = row.dispute_until = None


def _note_difference(by: Actor, row: ServiceHours, minutes: int) -> None:
    """The ledger keeps what was posted until staff decide."""
    if minutes == row.counted:
        return
    row.counted = minutes
    followed(by, row, "differs" if row.differs else "agrees")
    audit.note(by, "hours.differ", row, counted=minutes, posted=row.minutes)


def _flags(row: ServiceHours, found: Measured) -> list[str]:
    own = {flag for flag in row.flags if flag in OWN_FLAGS and flag != "still_in"}
    return sorted({*found.flags, *own})


def mark(by: Actor, row: ServiceHours) -> None:
    """What follows from this person's other records: too much for one day, or the same time twice."""
    if row.state not in model.LIVE or row.person is None:
        return
    flags = {flag for flag in row.flags if flag not in ("day", "overlap")}
    that_day = minutes_that_day(by.session, row.person, row.started_at, but=row.id) + row.minutes
    if that_day > model.terms(by.session).most_a_day:
        flags.add("day")
    stays = stays_at(by.session, row.person.id, row.session_id) if row.session_id else []
    spans = [(one.came_at, one.left_at) for one in stays if one.left_at is not None]
    if overlaps_another(by.session, row.person, spans or [(row.started_at, row.ended_at)], but=row.id):
        flags.add("overlap")
    if sorted(flags) != row.flags:
        row.flags = sorted(flags)
