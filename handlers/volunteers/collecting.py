"""A child is handed over to whoever has today's code, or is on the guardian's list. For anybody else the guardian is
called, and the child stays."""

from __future__ import annotations

import hmac

from app import audit, clock
from handlers.activities import actions as activities
from handlers.volunteers.actions import Outcome, hold, tick
from handlers.volunteers.guardians import tell_collected
from models.activities import ActivitySession
from models.collectors import Collector, children_in, code_of, collectors_of, guardians_of
from models.identity import Actor, Person
from models.refusal import Refusal
from models.volunteers import open_stay

BY_CODE = "凭接送码"


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
    who = _known(by, child, code, collector)
    if who is None:
        raise whom_to_call(by, child)
    outcome = tick(by, held, child, "out")
    if outcome.scan is not None:
        tell_collected(by, outcome.scan, child, who)
    audit.note(by, "volunteers.hand_over", stay, session=held.id, way="code" if code else "list")
    return outcome


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


def _known(by: Actor, child: Person, code: str, collector: Collector | None) -> str | None:
    if collector is not None:
        listed = {one.id for one in by.session.scalars(collectors_of(child))}
        return collector.name if collector.id in listed else None
    right = hmac.compare_digest(code.encode(), code_of(child, clock.today()).encode())
    return BY_CODE if right else None
