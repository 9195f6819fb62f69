"""Households move, part, become one, and every change of them is undone for 30 days."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app import audit, clock
from handlers.people.household_changes import (
    changing,
    checked_door,
    enter,
    hold,
    leave,
    need_live,
    new_household,
    settle,
    stays_in,
)
from models.households import (
    HEAD,
    Household,
    HouseholdChange,
    HouseholdMember,
    household_at,
    old_changes,
    overdue_stays,
    restore,
    state_of,
    would_collide,
)
from models.identity import Actor, Person
from models.places import Place
from models.refusal import Refusal
from models.sight import need_sight_of_place, need_staff

MOST = 200

# ---- from one door to another ----------------------------------------------------------------------------------


def move(
    by: Actor,
    home: Household,
    persons: Collection[Person],
    place: Place,
    door: str,
    *,
    reason: str | None = None,
) -> Household:
    """Some or all of a household go to another door: to a new household there, or to the one that is there."""
    number = checked_door(by, place, door)
    there = household_at(by.session, place, number)
    if there is not None and there.id == home.id:
        raise Refusal("people.same_household")
    return _go(by, home, persons, there or (place, number), reason)


def split(
    by: Actor,
    home: Household,
    persons: Collection[Person],
    place: Place,
    door: str,
    *,
    reason: str | None = None,
) -> Household:
    """Some of a household become one of their own, behind a door behind which nobody lives yet."""
    number = checked_door(by, place, door)
    if household_at(by.session, place, number) is not None:
        raise Refusal("people.door_taken")
    if {one.id for one in persons} >= {stay.person_id for stay in stays_in(by, home)}:
        raise Refusal("people.split_needs_some")
    return _go(by, home, persons, (place, number), reason)


def merge_households(by: Actor, kept: Household, gone: Household, *, reason: str | None = None) -> Household:
    """All of one household live in the other; its number leads there from now on."""
    if kept.id == gone.id:
        raise Refusal("people.same_household")
    return _go(by, gone, [stay.person for stay in stays_in(by, gone)], kept, reason)


def _go(
    by: Actor,
    home: Household,
    persons: Collection[Person],
    target: Household | tuple[Place, str],
    reason: str | None,
) -> Household:
    there = target if isinstance(target, Household) else None
    both = [home, there] if there else [home]
    need_sight_of_place(by, *(one.place for one in both))
    hold(by, both, persons)
    for one in both:
        need_live(one)
    going = [stay for stay in stays_in(by, home) if stay.person_id in {one.id for one in persons}]
    if not going or len(going) < len(persons):
        raise Refusal("people.not_in_household")
    all_of_them = len(going) == len(stays_in(by, home))
    kind = ("merge" if there else "move") if all_of_them else "split"
    with changing(by, kind, *both, reason=reason) as touched:
        if not isinstance(target, Household):
            there = new_household(by, *target)
            touched.append(there)
        arrived = _arrive(by, going, there or home)
        if all_of_them:
            home.into_id = arrived.id
        settle(by, home, "merged" if kind == "merge" else "moved")
    return arrived


def _arrive(by: Actor, going: Sequence[HouseholdMember], there: Household) -> Household:
    """The ties come along, but a household has one head: its own, or else the one who was head, or the first."""
    has_head = any(stay.tie == HEAD for stay in stays_in(by, there))
    head = None if has_head else next((stay for stay in going if stay.tie == HEAD), going[0])
    leave(by, going, "moved")
    for stay in going:
        tie = HEAD if stay is head else "relative" if stay.tie == HEAD else stay.tie
        enter(by, there, stay.person, tie, stay.temporary_until)
    return there


# ---- undoing, and time passing ---------------------------------------------------------------------------------


def undo_change(by: Actor, change: HouseholdChange) -> None:
    """As it was before, to the row; refused when anything of it has changed since."""
    need_staff(by)
    before, after = change.before, change.after
    if not change.can_be_undone or before is None or after is None:
        raise Refusal("people.too_late_to_undo")
    found = (by.session.get(Household, int(key)) for key in after["household"])
    homes = [home for home in found if home is not None]
    need_sight_of_place(by, *(home.place for home in homes))
    hold(by, homes, [stay.person for home in homes for stay in stays_in(by, home)])
    by.session.refresh(change)
    now = state_of(by.session, [int(key) for key in after["household"]])
    if change.undone_at is not None or now != after or would_collide(by.session, before, after):
        raise Refusal("people.changed_since")
    change.undone_at = clock.now()
    restore(by.session, before, after)
    audit.note(by, "people.undo_household", change, kind=change.kind)


def end_overdue_stays(by: Actor) -> int:
    """Who was only staying, and whose last day is over, lives there no more."""
    over = list(by.session.scalars(overdue_stays(clock.today()).limit(MOST)))
    for stay in over:
        hold(by, [stay.household], [stay.person])
        with changing(by, "expire", stay.household):
            leave(by, [stay], "expired")
            stay.person.place = None
            settle(by, stay.household, "empty")
    return len(over)


def settle_changes(by: Actor) -> int:
    """After 30 days nothing says any more how it was."""
    old = list(by.session.scalars(old_changes().limit(MOST)))
    for change in old:
        change.before = change.after = change.reason = None
    if old:
        audit.note(by, "people.settle_households", None, count=len(old))
    return len(old)
