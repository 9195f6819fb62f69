"""Whom a member of the staff may see: the service desk everybody, a grid worker who lives in their grid, the children's
specialist those children who have a guardian on file."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, exists, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from models.households import Household, HouseholdMember
from models.identity import Actor, Person
from models.places import Place, places_of_grid
from models.proxies import is_ward
from models.refusal import Refusal
from models.staff import StaffMember

SEE_EVERYBODY = frozenset({"desk", "care"})


def lives_in(places: Select[int] | Collection[int]) -> ColumnElement[bool]:
    """Where the household stands, or where those say that they live who are in none: everybody lives in one place."""
    said = aliased(Person)
    here = HouseholdMember.until.is_(None), Household.place_id.in_(places)
    at_home = select(HouseholdMember.person_id).join(Household).where(*here)
    mine = HouseholdMember.person_id == said.id, HouseholdMember.until.is_(None)
    say_so = select(said.id).where(said.place_id.in_(places), ~exists().where(*mine))
    return Person.id.in_(at_home.union_all(say_so))  # two short lists: one OR would ask it of everybody


def seen_by(staff: StaffMember) -> ColumnElement[bool]:
    """The condition on Person for everything that this member of staff looks for."""
    roles = set(staff.roles)
    if roles & SEE_EVERYBODY:
        return true()
    seen: list[ColumnElement[bool]] = []
    if "grid" in roles and staff.grid_id is not None:
        seen.append(lives_in(places_of_grid(staff.grid_id)))
    if "children" in roles:
        seen.append(is_ward())
    return or_(*seen) if seen else false()


def sees(session: Session, staff: StaffMember, person: Person) -> bool:
    return session.scalar(select(Person.id).where(Person.id == person.id, seen_by(staff))) is not None


def sees_place(staff: StaffMember, place: Place) -> bool:
    """For households, which stand in a place."""
    if set(staff.roles) & SEE_EVERYBODY:
        return True
    grid = place.grid
    return "grid" in staff.roles and grid is not None and grid.id == staff.grid_id


def own_grid(staff: StaffMember) -> int | None:
    """The only grid that this member of staff may look into; None for who sees all."""
    return None if set(staff.roles) & SEE_EVERYBODY else (staff.grid_id or 0)


def need_staff(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("people.staff_only")
    return by.staff


def need_sight_of_place(by: Actor, *places: Place) -> None:
    """For what staff do with households. The house itself (a job, the invented neighbourhood) sees everything."""
    if by.staff is None and by.channel != "job":
        raise Refusal("people.staff_only")
    if by.staff is not None and not all(sees_place(by.staff, place) for place in places):
        raise Refusal("people.not_your_grid")


def need_sight(by: Actor, person: Person) -> None:
    if by.staff is None and by.channel != "job":
        raise Refusal("people.staff_only")
    if by.staff is not None and not sees(by.session, by.staff, person):
        raise Refusal("people.not_your_grid")
