"""The staff put people on file who have no phone with WeChat: one at the desk, or the lines of a sheet.

Many at once are written by one statement for each kind of row, not by four trips for each person: 5,000 lines of a
sheet are asked for within half a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app import audit, clock
from app.understanding.phone import name_in, phone_in
from handlers.people.policies import policies
from models.identity import Actor, Person
from models.people import PURPOSES, Consent, Purpose, on_file
from models.places import Place
from models.refusal import Refusal
from models.sight import need_staff


@dataclass(frozen=True, slots=True)
class Newcomer:
    name: str
    phone: str
    place: Place | None = None


def register(
    by: Actor,
    *,
    name: str,
    phone: str,
    place: Place | None = None,
    purposes: Iterable[Purpose] = ("service",),
) -> Person:
    """Somebody who agreed to each purpose at the counter."""
    return register_all(by, [Newcomer(name, phone, place)], purposes=purposes)[0]


def register_all(
    by: Actor, newcomers: Sequence[Newcomer], *, purposes: Iterable[Purpose] = ("service",)
) -> list[Person]:
    """All of them, in their order, or none. Refuses with people.on_file who stands there under this name and number
    already: a button that is pressed twice, two clerks at once, or a clerk and a sheet make no second record."""
    need_staff(by)
    agreed = need_service(purposes)
    people = [_person(one) for one in newcomers]
    if on_file(by.session, people):
        raise Refusal("people.on_file")
    by.session.add_all(people)
    by.session.flush()
    for purpose in agreed:
        _note_consent(by, people, purpose)
    audit.note_each(by, "people.join", [(person, {"place": person.place_id}) for person in people])
    return people


def need_service(purposes: Iterable[Purpose]) -> list[Purpose]:
    """In the order of PURPOSES; without `service` nothing is kept."""
    agreed = set(purposes)
    if "service" not in agreed:
        raise Refusal("people.service_needed")
    return [purpose for purpose in PURPOSES if purpose in agreed]


def set_name(person: Person, name: str) -> None:
    known = name_in(name)
    if known is None:
        raise Refusal("people.bad_name")
    person.name = known


def set_phone(person: Person, phone: str) -> None:
    known = phone_in(phone)
    if known is None:
        raise Refusal("people.bad_phone")
    person.phone = known


def _person(one: Newcomer) -> Person:
    person = Person(place=one.place, joined_at=clock.now())
    set_name(person, one.name)
    set_phone(person, one.phone)
    return person


def _note_consent(by: Actor, people: Sequence[Person], purpose: Purpose) -> None:
    """Nobody who is new can have agreed before: no key stands in the way."""
    policy, now = policies()[purpose], clock.now()
    words = {"version": policy.version, "text_hash": policy.text_hash, "channel": by.channel}
    given = [Consent(person_id=person.id, purpose=purpose, given_at=now, **words) for person in people]
    by.session.add_all(given)
    facts = {"purpose": purpose, "version": policy.version}
    audit.note_each(by, "people.give_consent", [(consent, facts) for consent in given])
