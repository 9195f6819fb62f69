"""Hours without a scan: what staff write down for somebody who helped a neighbour, and a promise that was kept.

Two people stand behind each: who was served, or else a second member of the staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from app import audit, clock
from app.understanding.lines import line_for_others
from handlers.hours.confirming import go_on
from handlers.hours.following import mark
from handlers.hours.sentences import reason_in, what_in
from handlers.hours.standing import must_be_staff, must_not_be_own
from handlers.hours.steps import step
from handlers.people import actions as people
from models import hours as model
from models.hours import ServiceHours
from models.hours_spans import Span, busy_elsewhere, overlaps_another
from models.identity import Actor, Person
from models.refusal import Refusal

LONGEST = timedelta(hours=12)
OLDEST = timedelta(days=60)
LONGEST_PROMISE = 240  # minutes that count for one promise


def write_down(
    by: Actor,
    person: Person,
    when: Span,
    what: str,
    *,
    reason: str,
    once: str,
    place: str = "",
    served: Person | None = None,
) -> ServiceHours:
    """A service that no session saw. With somebody served the writer is the coordinator and they are asked; without,
    another member of the staff confirms. The same `once` again is the same record.

    Refuses with hours.staff_only, .own, .served_self, .bad_times, .bad_what, .reason_needed, .overlap, .has_withdrawn.
    """
    must_be_staff(by)
    since, until = when
    _hold(by, person)
    known = model.row_of(by.session, person, f"manual:{once}")
    if known is not None:
        return known
    if served is not None and served.id == person.id:
        raise Refusal("hours.served_self")
    _must_be_possible(by, person, since, until)
    row = ServiceHours(
        person_id=person.id, source=f"manual:{once}", what=what_in(what), place=line_for_others(place)[:40]
    )
    row.started_at, row.ended_at, row.flags = since, until, ["manual"]
    row.counted = row.minutes = (until - since) // timedelta(minutes=1)
    row.served_id = served.id if served is not None else None
    said = reason_in(reason)
    must_not_be_own(by, row)
    by.session.add(row)
    by.session.flush()
    step(by, row, "written", said)
    mark(by, row)
    audit.note(by, "hours.write_down", row, minutes=row.minutes)
    if served is not None and by.staff is not None:
        row.staff_id, row.confirmed_at, row.seen = by.staff.id, clock.now(), row.counted
        go_on(by, row)
    return row


def _hold(by: Actor, person: Person) -> None:
    """Nobody's time is written down twice at once."""
    mine = select(Person.id).where(Person.id == person.id)
    by.session.execute(mine.with_for_update(key_share=True))


def _must_be_possible(by: Actor, person: Person, since: datetime, until: datetime) -> None:
    now = clock.now()
    if not now - OLDEST <= since < until <= now or until - since > LONGEST:
        raise Refusal("hours.bad_times", days=OLDEST.days, most=LONGEST // timedelta(hours=1))
    if people.has_withdrawn(replace(by, person=person), "volunteer"):
        raise Refusal("hours.has_withdrawn")
    if overlaps_another(by.session, person, [(since, until)]) or busy_elsewhere(
        by.session, person, since, until
    ):
        raise Refusal("hours.overlap_with")


def keep_promise(
    by: Actor, person: Person, served: Person | None, minutes: int, *, number: int, what: str, ended: datetime
) -> ServiceHours:
    """A wish was made true, and who wished said so: the one who did it says how long it took; the staff confirm.
    `number` is the promise's. Saying it again, before anybody confirmed it, corrects it.

    Refuses with hours.too_many, .overlap_with, .not_now.
    """
    _hold(by, person)
    if isinstance(minutes, bool) or not 0 < minutes <= LONGEST_PROMISE:
        raise Refusal("hours.too_many", most=LONGEST_PROMISE)
    row = model.row_of(by.session, person, f"wish:{number}")
    if row is not None and (row.state != "provisional" or row.confirmed_at is not None):
        raise Refusal("hours.not_now")
    since = ended - timedelta(minutes=minutes)
    other = overlaps_another(by.session, person, [(since, ended)], but=row.id if row else None)
    if other is not None or busy_elsewhere(by.session, person, since, ended):
        raise Refusal("hours.overlap_with")
    if row is None:
        row = ServiceHours(
            person_id=person.id, source=f"wish:{number}", what=line_for_others(what)[:40], flags=["wish"]
        )
        row.served_id, row.served_at = (served.id, clock.now()) if served is not None else (None, None)
        by.session.add(row)
    row.started_at, row.ended_at, row.counted, row.minutes = since, ended, minutes, minutes
    by.session.flush()
    step(by, row, "written")
    mark(by, row)
    audit.note(by, "hours.write_down", row, minutes=minutes)
    return row
