"""What a proof says: the four blocks of information, read from rows at the moment of checking and frozen.

The identity number itself is never in it: only its last two signs, and a keyed mark by which the paper knows, when it
is printed, that the number on file is still the one that was checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from app import clock, privacy
from handlers.certificates.paper_words import printed
from models.base import EPOCH
from models.certificates import hours_text, terms
from models.hours import ServiceHours, posted_between
from models.identity import Actor, Person
from models.volunteer_file import VolunteerFile, covered, usable_number


def hours_in(by: Actor, person: Person, since: date | None, until: date) -> Sequence[ServiceHours]:
    """Hours that stand in the time bank, of services that began on these days, the oldest first."""
    begins = clock.at(since, time()) if since else EPOCH
    ends = clock.at(until + timedelta(days=1), time())
    return by.session.scalars(posted_between(person, begins, ends)).all()


def content_for(
    by: Actor,
    kept: VolunteerFile,
    rows: Sequence[ServiceHours],
    *,
    since: date | None,
    until: date,
    purpose: str | None,
    summary: bool,
) -> dict[str, Any]:
    """`summary`: the services stand added up, not one by one."""
    rule, number = terms(by.session), usable_number(by.session, kept)
    minutes = sum(one.minutes for one in rows)
    return {
        "name": kept.person.name or "",
        "id_type": kept.id_type or "" if number else "",
        "id_covered": covered(number),
        "id_mark": mark_of(number),
        "volunteer": kept.number,
        "minutes": minutes,
        "hours": hours_text(minutes, rule.unit),
        "since": _day(since or clock.local(rows[0].started_at).date()),
        "until": _day(until),
        "times": len(rows),
        "services": _added_up(rows) if summary else _one_by_one(rows),
        "summary": summary,
        "purpose": purpose or "",
        "issuer": rule.issuer,
        "head": rule.head,
        "clerk": by.staff.name if by.staff else "",
        "phone": rule.phone,
        "notes": printed("notes"),
    }


def mark_of(number: str | None) -> str:
    return privacy.keyring().blind("certificate.id_number", number)[:32] if number else ""


def _one_by_one(rows: Sequence[ServiceHours]) -> list[list[str]]:
    """Day, what, where, hours."""
    return [
        [_day(clock.local(one.started_at).date()), one.what, one.place, _exact(one.minutes)] for one in rows
    ]


def _added_up(rows: Sequence[ServiceHours]) -> list[list[str]]:
    """Each kind of service: from when to when, what, how often, hours; what took most stands first."""
    kinds: dict[str, list[ServiceHours]] = {}
    for one in rows:
        kinds.setdefault(one.what, []).append(one)
    most_first = sorted(kinds.items(), key=lambda kind: -sum(one.minutes for one in kind[1]))
    return [[_span(group), what, f"{len(group)}次", _exact(_minutes(group))] for what, group in most_first]


def _span(group: Sequence[ServiceHours]) -> str:
    first, last = (clock.local(one.started_at).date() for one in (group[0], group[-1]))
    return _day(first) if first == last else f"{_day(first)} 至 {_day(last)}"


def _minutes(group: Sequence[ServiceHours]) -> int:
    return sum(one.minutes for one in group)


def _exact(minutes: int) -> str:
    """A line is told to the minute; only the sum is rounded, and down."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}"


def _day(day: date) -> str:
    return f"{day:%Y-%m-%d}"
