"""Whether the roles of an office fit together: what nobody does, and what one person does alone that should be two.

An office of a dozen combines roles; most of it is allowed and only said aloud. What is never allowed are the clashes of
models/staff.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from models.staff import StaffMember

NEEDED = ("admin", "desk", "first_review", "second_review", "approver", "leader", "care", "auditor")
REVIEWERS = ("first_review", "second_review", "approver")
CONFIDENTIAL = ("care", "petitions", "children", "recovery")
BUSINESS = ("desk", *REVIEWERS, "grid", "leader", *CONFIDENTIAL)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit. `kind` has its words in the template; `grave` stops work or breaks a promise."""

    kind: str
    role: str = ""
    names: tuple[str, ...] = ()
    grave: bool = False


def findings(everybody: Sequence[StaffMember], with_phone: Collection[int]) -> list[Finding]:
    """What is worth a thought, the grave first. `with_phone` are the ids of those for whom a phone vouches."""
    active = [one for one in everybody if one.active]
    found = [*_nobody(active), *_alone(active), *_too_much(active), *_unprotected(active, with_phone)]
    return sorted(found, key=lambda one: not one.grave)


def _holders(members: Sequence[StaffMember], role: str) -> list[StaffMember]:
    return [one for one in members if role in one.roles]


def _names(members: Sequence[StaffMember]) -> tuple[str, ...]:
    return tuple(one.name for one in members)


def _nobody(active: Sequence[StaffMember]) -> Iterator[Finding]:
    """Needed roles that nobody holds, or only people who have never chosen a password."""
    for role in NEEDED:
        holders = _holders(active, role)
        if not holders:
            yield Finding("nobody", role, grave=True)
        elif not any(one.can_enter for one in holders):
            yield Finding("not_in_yet", role, _names(holders), grave=True)


def _alone(active: Sequence[StaffMember]) -> Iterator[Finding]:
    administrators = [one for one in _holders(active, "admin") if one.can_enter]
    if len(administrators) == 1:
        yield Finding("one_administrator", "admin", _names(administrators))
    without_grid = [one for one in _holders(active, "grid") if one.grid_id is None]
    if without_grid:
        yield Finding("no_grid", "grid", _names(without_grid), grave=True)


def _too_much(active: Sequence[StaffMember]) -> Iterator[Finding]:
    """Several hats on one head where two heads were meant."""
    for role in ("admin", "auditor"):
        both = [one for one in _holders(active, role) if set(one.roles) & set(BUSINESS)]
        if both:
            yield Finding(f"{role}_with_business", role, _names(both))
    twice = [one for one in active if len(set(one.roles) & set(REVIEWERS)) > 1]
    if twice:
        yield Finding("reviews_twice", "approver", _names(twice))
    writes = [one for one in _holders(active, "desk") if set(one.roles) & set(REVIEWERS)]
    if writes:
        yield Finding("writes_and_reviews", "desk", _names(writes))


def _unprotected(active: Sequence[StaffMember], with_phone: Collection[int]) -> Iterator[Finding]:
    bare = [one for one in active if one.can_enter and one.totp is None and one.id not in with_phone]
    for kind, roles in (("bare_confidential", CONFIDENTIAL), ("bare_administrator", ("admin",))):
        some = [one for one in bare if set(one.roles) & set(roles)]
        if some:
            yield Finding(kind, roles[0], _names(some), grave=kind == "bare_confidential")
