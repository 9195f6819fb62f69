"""Guests and helpers of the day in proportion: who leads is told by noon, the staff see it on their first page."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta

from sqlalchemy import Select, select

from app import audit, clock
from handlers.activities.telling import tell
from models.activities import LIVE, ActivitySession, SessionGroup
from models.activities_audience import leaders_of
from models.activities_rules import groups_of
from models.identity import Actor

MIDNIGHT = time()


def too_few_helpers(row: ActivitySession) -> bool:
    """More guests than `ratio` for each helper."""
    ratio = row.activity.ratio
    if ratio is None or row.state not in LIVE:
        return False
    helping = {one.key for one in groups_of(row.activity.groups) if one.helps}
    taken = Counter[bool]()
    for group in row.groups:
        taken[group.key in helping] += group.taken
    return taken[False] > ratio * taken[True]


def _on(day: date) -> Select[ActivitySession]:
    starts, ends = clock.at(day, MIDNIGHT), clock.at(day + timedelta(days=1), MIDNIGHT)
    with_groups = select(SessionGroup.session_id)
    return (
        select(ActivitySession)
        .where(ActivitySession.starts >= starts, ActivitySession.starts < ends)
        .where(ActivitySession.id.in_(with_groups), ActivitySession.ends > clock.now())
        .order_by(ActivitySession.starts)
    )


def short_of_helpers_on(by: Actor, day: date) -> list[ActivitySession]:
    return [row for row in by.session.scalars(_on(day)) if too_few_helpers(row)]


def tell_short_of_helpers(by: Actor) -> int:
    """Each resident who leads is told once a session; how many sessions."""
    found = short_of_helpers_on(by, clock.today())
    for held in found:
        for person in leaders_of(by.session, held.activity):
            tell(by, person, "few_helpers", f"{held.id}:{person.id}", held, ratio=held.activity.ratio)
        audit.note(by, "activities.few_helpers", held)
    return len(found)
