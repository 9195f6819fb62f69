"""What every change of a household is made of: locked, remembered as it was, audited. Only households.py and
household_moves.py call this.

Whoever changes one first locks the households, then the persons, each in the order of their ids: of two clerks who
change the same one at once, the second sees what the first has made of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import select

from app import audit, clock
from models.households import (
    HEAD,
    Household,
    HouseholdChange,
    HouseholdMember,
    door_in,
    door_index,
    members_of,
    state_of,
    stay_of,
)
from models.identity import Actor, Person
from models.places import Place
from models.refusal import Refusal
from models.sight import need_sight_of_place


@contextmanager
def changing(
    by: Actor, kind: str, *homes: Household, persons: Collection[Person] = (), reason: str | None = None
) -> Iterator[list[Household]]:
    """What happens inside is one change of these households: remembered, audited, undone together. A household that is
    made inside is put into the list."""
    touched = list(homes)
    before = state_of(by.session, [home.id for home in touched], persons)
    yield touched
    change = HouseholdChange(kind=kind, reason=reason, staff_id=by.staff.id if by.staff else None)
    change.before, change.after = before, state_of(by.session, [home.id for home in touched])
    change.household_id, change.other_id = touched[0].id, touched[1].id if touched[1:] else None
    by.session.add(change)
    audit.note(by, f"people.household_{kind}", touched[0], other=change.other_id)


def hold(by: Actor, homes: Collection[Household], persons: Collection[Person]) -> None:
    """Lock what is about to change, and read again what it is now."""
    by.session.flush()
    for table, rows in ((Household, homes), (Person, persons)):
        ids = sorted({row.id for row in rows})
        locked = select(table).where(table.id.in_(ids)).order_by(table.id).with_for_update()
        by.session.scalars(locked.execution_options(populate_existing=True)).all()


def stays_in(by: Actor, home: Household) -> list[HouseholdMember]:
    """Who lives there now, read anew: another clerk may have been quicker."""
    by.session.flush()
    return list(by.session.scalars(members_of(home).execution_options(populate_existing=True)))


def new_household(by: Actor, place: Place, number: str) -> Household:
    home = Household(place_id=place.id, place=place, door=number, door_index=door_index(place, number))
    by.session.add(home)
    by.session.flush()
    return home


def enter(
    by: Actor, home: Household, person: Person, tie: str, temporary_until: date | None = None
) -> HouseholdMember:
    stay = HouseholdMember(household=home, person=person, tie=tie, temporary_until=temporary_until)
    by.session.add(stay)
    person.place = home.place
    by.session.flush()
    return stay


def leave(by: Actor, stays: Collection[HouseholdMember], why: str) -> None:
    for stay in stays:
        stay.until, stay.why = clock.now(), why
    by.session.flush()


def settle(by: Actor, home: Household, why: str) -> None:
    """Without people it ends; without a head the one who has been there longest is it."""
    stays = stays_in(by, home)
    if not stays:
        home.ended_at, home.why = clock.now(), why
    elif stays[0].tie != HEAD:
        stays[0].tie = HEAD
    by.session.flush()


def step_down(by: Actor, home: Household) -> None:
    for stay in stays_in(by, home):
        if stay.tie == HEAD:
            stay.tie = "relative"
    by.session.flush()


def checked_door(by: Actor, place: Place, words: str) -> str:
    """The number on the door, if the place can have doors and this member of staff may see them."""
    need_sight_of_place(by, place)
    if place.kind not in ("building", "unit"):
        raise Refusal("people.door_needs_building")
    if place.grid is None:
        raise Refusal("people.no_grid_there")
    number = door_in(words)
    if number is None:
        raise Refusal("people.bad_door")
    return number


def need_live(home: Household) -> None:
    if home.ended_at is not None:
        raise Refusal("people.household_ended")


def need_homeless(by: Actor, person: Person) -> None:
    if person.joined_at is None or person.erased_at is not None or person.merged_into_id is not None:
        raise Refusal("people.not_on_file")
    stay = stay_of(by.session, person)
    if stay is not None:
        raise Refusal("people.lives_elsewhere", number=stay.household_id)
