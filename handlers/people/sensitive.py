"""Sensitive facts (C3): written down on a consent of their own, opened with a reason, gone when their time is over."""

from __future__ import annotations

import re
from datetime import date

from app import audit, clock
from app.understanding.phone import id_number_in
from handlers.people.consents import keep_reason, need_reason
from handlers.people.policies import policies
from models.identity import Actor, Person
from models.people import live_consent
from models.refusal import Refusal
from models.sensitive import KINDS, SensitiveFact, fact_of, facts_to_go
from models.sight import need_sight

OPENERS = frozenset({"desk", "grid", "children"})
LONGEST_VALUE, LONGEST_PROGRAMME = 300, 40
BORN = re.compile(r"((?:19|20)[0-9]{2})[-年./](0?[1-9]|1[0-2])月?")
MOST = 200


def write_fact(
    by: Actor, person: Person, kind: str, value: str, *, programme: str, programme_ends: date
) -> SensitiveFact:
    """Put one fact of one kind on file, or in place of the old one; only what was agreed to for this very kind."""
    _need_opener(by, person)
    if kind not in KINDS:
        raise Refusal("people.no_such_kind")
    _need_consent(by, person, kind)
    if not programme.strip() or programme_ends < clock.today():
        raise Refusal("people.programme_needed")
    checked = _checked(kind, value)
    fact = fact_of(by.session, person, kind) or SensitiveFact(person_id=person.id, person=person, kind=kind)
    fact.value, fact.at = checked, clock.now()
    fact.programme, fact.programme_ends = programme.strip()[:LONGEST_PROGRAMME], programme_ends
    fact.staff_id = by.staff.id if by.staff else None
    by.session.add(fact)
    audit.note(by, "people.write_sensitive", person, kind=kind)
    return fact


def open_fact(by: Actor, fact: SensitiveFact, reason: str) -> str:
    """What it says, to somebody who says what for: written down, and shown to the person with role and day."""
    _need_opener(by, fact.person)
    need_reason(reason)
    _need_consent(by, fact.person, fact.kind)
    keep_reason(by, fact.person, "people.open_sensitive", reason, fact.kind)
    audit.note(by, "people.open_sensitive", fact.person, kind=fact.kind)
    return fact.value


def drop_fact(by: Actor, fact: SensitiveFact) -> None:
    """It is not needed any more, or it was wrong."""
    _need_opener(by, fact.person)
    audit.note(by, "people.drop_sensitive", fact.person, kind=fact.kind)
    by.session.delete(fact)


def purge_sensitive(by: Actor) -> int:
    """What nobody agreed to any more, and what a programme needed that ended 90 days ago."""
    gone = list(by.session.scalars(facts_to_go().limit(MOST)))
    for fact in gone:
        audit.note(by, "people.purge_sensitive", fact.person, kind=fact.kind)
        by.session.delete(fact)
    return len(gone)


def _need_opener(by: Actor, person: Person) -> None:
    need_sight(by, person)
    if by.staff is not None and not OPENERS & set(by.staff.roles):
        raise Refusal("people.not_your_role")


def _need_consent(by: Actor, person: Person, kind: str) -> None:
    if live_consent(by.session, person, kind) is None:
        raise Refusal("people.separate_consent_needed", title=policies()[kind].title)


def _checked(kind: str, value: str) -> str:
    bare = value.strip()
    if kind == "id_number":
        number = id_number_in(bare)
        if number is None or len(bare.replace(" ", "")) != len(number):
            raise Refusal("people.bad_id_number")
        return number
    if kind == "birth":
        born = BORN.fullmatch(bare)
        if born is None or date(int(born[1]), int(born[2]), 1) > clock.today():
            raise Refusal("people.bad_birth")
        return f"{born[1]}年{int(born[2])}月"
    if not 2 <= len(bare) <= LONGEST_VALUE:
        raise Refusal("people.bad_fact")
    return bare
