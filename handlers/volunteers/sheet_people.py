"""Who is meant by what somebody wrote on an empty line of a sheet: a name, the end of a phone, or both.

Looked for among those who belong to the activity first; the staff also find others on file, by a whole phone or within
their sight, and may register who is new and wrote name and phone.
"""

from __future__ import annotations

import re

from sqlalchemy import select

from app.understanding.phone import name_in, phone_in
from handlers.people import actions as people
from models.activities import ActivitySession, Enrolment
from models.identity import Actor, Person
from models.refusal import Refusal
from models.volunteers import Attendance

TAIL = re.compile(r"\d{4}")
PHONE = re.compile(r"1\d{10}")


def the_one(by: Actor, held: ActivitySession, who: str, *, newcomers: bool) -> Person:
    """Exactly one; raises Refusal sheet_who, sheet_nobody or sheet_several."""
    name, digits = parts_of(who)
    if not name and not digits:
        raise Refusal("volunteers.sheet_who")
    found = [one for one in _belonging(by, held) if _fits(one, name, digits)]
    if not found and by.staff is not None:
        found = _on_file(by, name, digits)
    if len(found) > 1:
        raise Refusal("volunteers.sheet_several", count=len(found), who=who)
    if found:
        return found[0]
    if newcomers and by.staff is not None and name and PHONE.fullmatch(digits):
        return people.register(by, name=name, phone=digits, purposes=("service", "volunteer"))
    raise Refusal("volunteers.sheet_nobody", who=who)


def is_called(person: Person, who: str) -> bool:
    name, digits = parts_of(who)
    return bool(name or digits) and _fits(person, name, digits)


def parts_of(who: str) -> tuple[str, str]:
    """ "马秀兰 0101" → name, digits of a phone or its end."""
    bare = "".join(who.split())
    found = PHONE.search(bare) or TAIL.search(bare)
    digits = found[0] if found else ""
    return name_in(bare.replace(digits, "") if digits else bare) or "", digits


def _fits(person: Person, name: str, digits: str) -> bool:
    named = not name or person.name == name
    return named and (not digits or (person.phone or "").endswith(digits))


def _belonging(by: Actor, held: ActivitySession) -> list[Person]:
    """Whoever signed up for this activity or has come to it, this time or another."""
    times = select(ActivitySession.id).where(ActivitySession.activity_id == held.activity_id)
    signed = select(Enrolment.person_id).where(Enrolment.session_id.in_(times))
    came = select(Attendance.person_id).where(Attendance.session_id.in_(times))
    theirs = Person.id.in_(signed.union(came)), Person.erased_at.is_(None), Person.merged_into_id.is_(None)
    return list(by.session.scalars(select(Person).where(*theirs).order_by(Person.id)))


def _on_file(by: Actor, name: str, digits: str) -> list[Person]:
    if phone := phone_in(digits):
        found = people.find_by_phone(by, phone, purpose="activity")
    else:
        found = [people.the_one(by, name or digits)]
    return [one for one in found if _fits(one, name, digits)]
