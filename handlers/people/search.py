"""How staff find residents: one box that takes a phone, its last four digits, a name, a place, a door or a household's
number. Nothing is found by a part of a sealed value except the given name and the last four digits, which have blind
indexes of their own: so a database that is stolen tells nobody's name."""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app import audit, privacy
from app.understanding.phone import name_in, phone_in
from models.households import HouseholdMember, door_in, household_at
from models.identity import Actor, Person
from models.people import phone_index, residents
from models.places import Place, below
from models.places_named import place_called, places_named_in, with_line
from models.refusal import Refusal
from models.sight import lives_in, need_staff, seen_by
from models.tags import Tag, tagged_with
from models.unindexed import unindexed

PER_PAGE = 20
HOUSEHOLD = re.compile(r"(?:第|户)?\s*([0-9]{1,9})\s*户|户(?:号)?\s*([0-9]{1,9})")
RESIDENT = re.compile(r"(?:居民)?(?:编号)?\s*([0-9]{1,9})号?")
TAIL = re.compile(r"[0-9]{4}")


class Found(NamedTuple):
    """One page of those who were found: `how` is what the words were taken for."""

    how: str
    persons: list[Person]
    total: int
    page: int

    @property
    def more(self) -> bool:
        return self.total > self.page * PER_PAGE


def search(by: Actor, words: str, *, tag: Tag | None = None, page: int = 1) -> Found:
    """Residents whom this member of staff may see; that they searched, and how many were found, is written down."""
    staff = need_staff(by)
    how, condition = _asked(by.session, words.strip())
    wanted = residents().where(seen_by(staff))
    if condition is not None:
        wanted = wanted.where(condition)
    elif tag is None:
        audit.note(by, "people.search", None, how="nothing", found=0)
        return Found("nothing", [], 0, 1)
    if tag is not None:
        wanted = wanted.where(Person.id.in_(tagged_with(tag)))
        how = how if condition is not None else "tag"
    count = by.session.scalar(_counted(wanted)) or 0
    shown = (
        wanted.options(with_line(Person.place))
        .order_by(Person.id + 0)  # by the key itself PostgreSQL reads everybody until a page of them fits
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    audit.note(by, "people.search", None, how=how, found=count)
    return Found(how, list(by.session.scalars(shown)), count, page)


def the_one(by: Actor, words: str) -> Person:
    """The resident whom a form names, by number ("居民12"), phone or whole name; refused unless it is exactly one.
    Four bare digits are the end of a phone."""
    staff = need_staff(by)
    number = None if TAIL.fullmatch(words.strip()) else RESIDENT.fullmatch(words.strip())
    condition = Person.id == int(number[1]) if number else _asked(by.session, words.strip())[1]
    if condition is None:
        raise Refusal("people.nobody_so_called")
    found = by.session.scalars(residents().where(seen_by(staff), condition).limit(2)).all()
    if len(found) != 1:
        raise Refusal("people.several_so_called" if found else "people.nobody_so_called")
    return found[0]


def _counted(wanted: Select[Person]) -> Select[int]:
    return select(func.count()).select_from(wanted.subquery())


def _asked(session: Session, words: str) -> tuple[str, ColumnElement[bool] | None]:
    """What the words are taken for, and who fits."""
    if phone := phone_in(words):
        return "phone", Person.phone_index == phone_index(phone)
    if number := HOUSEHOLD.fullmatch(words):
        return "household", _lives_in_household(int(number[1] or number[2]))
    if TAIL.fullmatch(words):
        return "tail", Person.phone_tail_index == _blind("person.phone_tail", words)
    if place := place_called(session, words):
        return "place", lives_in(below(session, place))
    if (number_of_home := _home_at(session, words)) is not None:
        return "door", _lives_in_household(number_of_home)
    if name := name_in(words):
        whole = Person.name_index == _blind("person.name", name)
        return "name", or_(whole, Person.given_index == _blind("person.given", name))
    return "nothing", None


def _lives_in_household(number: int) -> ColumnElement[bool]:
    here = HouseholdMember.household_id == number, HouseholdMember.until.is_(None)
    return Person.id.in_(select(HouseholdMember.person_id).where(*here))


def _home_at(session: Session, words: str) -> int | None:
    """The household of "东府佳苑3号楼2单元301"."""
    bare = "".join(words.split())
    doors = unindexed(Place.kind).in_(("unit", "building"))
    for place in session.scalars(places_named_in(bare).where(doors)):
        if bare.startswith(place.full_name) and (door := door_in(bare.removeprefix(place.full_name))):
            home = household_at(session, place, door)
            if home is not None:
                return home.id
    return None


def _blind(purpose: str, value: str) -> str:
    return privacy.keyring().blind(purpose, value)
