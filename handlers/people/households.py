"""What happens to one household: made, joined by somebody, left, checked, dissolved."""

from __future__ import annotations

from datetime import date

from app import audit, clock
from handlers.people.household_changes import (
    changing,
    checked_door,
    enter,
    hold,
    leave,
    need_homeless,
    need_live,
    new_household,
    settle,
    stays_in,
    step_down,
)
from models.households import HEAD, TIES, Household, HouseholdMember, household_at
from models.identity import Actor, Person
from models.places import Place
from models.refusal import Refusal
from models.sight import need_sight_of_place


def make_household(
    by: Actor, place: Place, door: str, head: Person, *, reason: str | None = None
) -> Household:
    """Somebody lives behind a door behind which nobody lived."""
    number = checked_door(by, place, door)
    hold(by, [], [head])
    need_homeless(by, head)
    if household_at(by.session, place, number) is not None:
        raise Refusal("people.door_taken")
    with changing(by, "make", persons=[head], reason=reason) as touched:
        home = new_household(by, place, number)
        touched.append(home)
        enter(by, home, head, HEAD)
    return home


def add_member(
    by: Actor,
    home: Household,
    person: Person,
    tie: str,
    *,
    temporary_until: date | None = None,
    reason: str | None = None,
) -> HouseholdMember:
    """Somebody comes to live there; whoever lives in another household moves, instead of being added."""
    need_sight_of_place(by, home.place)
    hold(by, [home], [person])
    need_live(home)
    need_homeless(by, person)
    if tie not in TIES or tie == HEAD:
        raise Refusal("people.bad_tie")
    if temporary_until is not None and temporary_until < clock.today():
        raise Refusal("people.day_is_over")
    with changing(by, "add", home, persons=[person], reason=reason):
        return enter(by, home, person, tie, temporary_until)


def set_tie(by: Actor, stay: HouseholdMember, tie: str, *, reason: str | None = None) -> None:
    """What somebody is to the household; a new head makes the old one a relative."""
    home = stay.household
    need_sight_of_place(by, home.place)
    hold(by, [home], [stay.person])
    need_live(home)
    if tie not in TIES or (stay.tie == HEAD and tie != HEAD) or stay.until is not None:
        raise Refusal("people.bad_tie")
    with changing(by, "tie", home, reason=reason):
        if tie == HEAD:
            step_down(by, home)
        stay.tie = tie


def remove_member(by: Actor, stay: HouseholdMember, *, reason: str | None = None) -> None:
    """Somebody does not live there any more, and nobody knows where instead. Whose household it was, it ends with the
    last one who leaves."""
    home = stay.household
    need_sight_of_place(by, home.place)
    hold(by, [home], [stay.person])
    if stay.until is not None:
        raise Refusal("people.household_ended")
    with changing(by, "remove", home, reason=reason):
        leave(by, [stay], "left")
        stay.person.place = None
        settle(by, home, "empty")


def dissolve(by: Actor, home: Household, *, reason: str | None = None) -> int:
    """Nobody lives behind this door as a household any more; the people stay on file. How many there were."""
    need_sight_of_place(by, home.place)
    stays = stays_in(by, home)
    hold(by, [home], [stay.person for stay in stays])
    need_live(home)
    with changing(by, "dissolve", home, reason=reason):
        stays = stays_in(by, home)
        leave(by, stays, "dissolved")
        settle(by, home, "dissolved")
    return len(stays)


def check_household(by: Actor, home: Household) -> None:
    """Somebody has asked today, and it is still so."""
    need_sight_of_place(by, home.place)
    need_live(home)
    home.checked_at = clock.now()
    audit.note(by, "people.check_household", home)
