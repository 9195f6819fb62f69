"""A child is handed over to whoever has today's code, or is on the guardian's list. For anybody else the guardian is
called, and the child stays."""

from __future__ import annotations

import hmac
from datetime import time

from sqlalchemy import select

from app import audit, clock
from handlers.activities import actions as activities
from handlers.volunteers.actions import Outcome, hold, tick
from handlers.volunteers.guardians import is_for_pupils, tell_collected
from models.activities import ActivitySession
from models.audit import AuditLine
from models.base import count_rows
from models.collectors import Collector, children_in, code_of, collectors_of, guardians_of
from models.identity import Actor, Person
from models.refusal import Refusal
from models.volunteers import open_stay

BY_CODE = "凭接送码"
MOST_WRONG = 5  # codes for one child on one day


def hand_over(
    by: Actor, held: ActivitySession, child: Person, *, code: str = "", collector: Collector | None = None
) -> Outcome:
    """Checked out, and the guardians hear who took it along.

    Raises Refusal: volunteers.child_not_here; what `whom_to_call` says when it is nobody whom we know."""
    activities.must_lead(by, held)
    hold(by, held, child)
    stay = open_stay(by.session, child)
    if stay is None or stay.session_id != held.id:
        raise Refusal("volunteers.child_not_here", child=child.name or "孩子")
    who = _known(by, child, code, collector) if collector or _may_try(by, child) else None
    if who is None:
        raise whom_to_call(by, child)
    outcome = tick(by, held, child, "out")
    if outcome.scan is not None:
        tell_collected(by, outcome.scan, child, who)
    audit.note(by, "volunteers.hand_over", stay, session=held.id, way="code" if code else "list")
    return outcome


def must_not_be_a_child(by: Actor, held: ActivitySession, person: Person) -> None:
    """A pupil with a guardian is let go to somebody, never just ticked off (volunteers.child_is_fetched)."""
    if is_for_pupils(held) and guardians_of(by.session, person):
        raise Refusal("volunteers.child_is_fetched", child=person.name or "孩子")


def note_unknown(by: Actor, held: ActivitySession, child: Person) -> None:
    """Somebody without a right code asked for this child, and the leader was shown whom to call."""
    audit.note(by, "volunteers.unknown_collector", child, session=held.id)


def whom_to_call(by: Actor, child: Person) -> Refusal:
    """The child stays in: whom the leader calls."""
    called = [one for one in guardians_of(by.session, child) if one.phone]
    told = "、".join(f"{one.name or '监护人'} {one.phone}" for one in called)
    return Refusal("volunteers.collector_unknown", child=child.name or "孩子", told=told)


def children_here(by: Actor, held: ActivitySession) -> list[tuple[Person, list[Collector]]]:
    """The children who are in, with who may collect them."""
    here = []
    for child in children_in(by.session, held):
        stay = open_stay(by.session, child)
        if stay is not None and stay.session_id == held.id:
            here.append((child, list(by.session.scalars(collectors_of(child)))))
    return here


def _may_try(by: Actor, child: Person) -> bool:
    """Six digits are not to be guessed: after some wrong ones of a day only the list counts, or the guardian's word."""
    today = AuditLine.at >= clock.at(clock.today(), time())
    tried = AuditLine.action == "volunteers.unknown_collector", AuditLine.object_id == str(child.id)
    wrong = select(AuditLine).where(*tried, AuditLine.object_kind == "person", today)
    return count_rows(by.session, wrong) < MOST_WRONG


def _known(by: Actor, child: Person, code: str, collector: Collector | None) -> str | None:
    if collector is not None:
        listed = {one.id for one in by.session.scalars(collectors_of(child))}
        return collector.name if collector.id in listed else None
    right = hmac.compare_digest(code.encode(), code_of(child, clock.today()).encode())
    return BY_CODE if right else None
