"""Changing a session that people have joined: they are told of another time or place, and may leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from app import audit, clock
from handlers.activities.leading import must_lead
from handlers.activities.planning import Rhythm, check_times
from handlers.activities.telling import held_back, take_back, tell_everybody
from handlers.activities.waiting import hand_out, shorten_offers
from models import activities as model
from models import activities_series as series_model
from models.activities import ActivitySession
from models.activities_seats import groups_in
from models.identity import Actor
from models.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a session: other hours, another place ("" is the activity's own), other seats. None leaves it."""

    opens: time | None = None
    closes: time | None = None
    day: date | None = None
    place: str | None = None
    capacity: int | None = None
    seats: Mapping[str, int] | None = None


def change_session(by: Actor, session: ActivitySession, change: Change, *, following: bool = False) -> int:
    """Change one session, or it and all that follow in its series (then the day stays). Whoever joined or waits is told
    of another time or place and may leave; how many were told."""
    must_lead(by, session)
    rows = by.session.scalars(series_model.following(session)).all() if following else [session]
    told = 0
    for row in sorted(rows, key=lambda one: one.id):
        told += _change_one(by, row, change, keeps_day=following)
    return told


def _change_one(by: Actor, row: ActivitySession, change: Change, *, keeps_day: bool) -> int:
    model.hold(by.session, row)
    if row.state not in model.LIVE or row.starts <= clock.now():
        raise Refusal("activities.is_over", session=row)
    was, where = row.starts, row.place
    _move_times(row, change, keeps_day=keeps_day)
    if change.place is not None:
        row.own_place = change.place.strip()[:40] or None
    _set_seats(by, row, change)
    told, moved = 0, (row.starts, row.place) != (was, where)
    if moved:
        take_back(by, row, "changed")
        row.revision, row.moved_at = row.revision + 1, clock.now()
        by.session.flush()
        shorten_offers(by, row)
        told = tell_everybody(by, row, "changed", was=was.isoformat(), due=held_back(row))
    audit.note(by, "activities.change_session", row, moved=moved, told=told)
    hand_out(by, row)
    return told


def _move_times(row: ActivitySession, change: Change, *, keeps_day: bool) -> None:
    local = clock.local(row.starts)
    day = local.date() if keeps_day or change.day is None else change.day
    opens = change.opens or local.time()
    closes = change.closes or clock.local(row.ends).time()
    starts, ends = Rhythm(opens, closes).on(day)
    check_times(starts, ends)
    if starts <= clock.now():
        raise Refusal("activities.in_the_past")
    row.starts, row.ends = starts, ends


def _set_seats(by: Actor, row: ActivitySession, change: Change) -> None:
    """Never fewer than are taken: nobody loses a seat by a form."""
    groups = groups_in(by.session, row)
    for key, seats in (change.seats or {}).items():
        if key not in groups or seats < max(1, groups[key].taken):
            raise Refusal("activities.too_few_seats", taken=groups[key].taken if key in groups else 0)
        groups[key].capacity = seats
    wanted = sum(one.capacity for one in groups.values()) if groups else change.capacity
    if wanted is not None:
        if not max(1, row.taken) <= wanted <= model.MOST_SEATS:
            raise Refusal("activities.too_few_seats", taken=row.taken)
        row.capacity = wanted
    by.session.flush()
