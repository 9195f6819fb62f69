"""The volunteer's file: opened with a number of its own, completed by the volunteer and by staff; the identity number
is written only on a consent, opened only with a reason, and taken out when either is over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from app import audit, clock
from handlers.people import actions as people
from models.identity import Actor, Person
from models.people import live_consent
from models.refusal import Refusal
from models.sensitive import fact_of
from models.sight import need_sight
from models.volunteer_file import (
    ENTRY_KINDS,
    ID_CARD,
    SERVICE_TYPES,
    VolunteerEntry,
    VolunteerFile,
    draw,
    file_of,
    is_id_number,
    numbers_to_go,
    usable_number,
)

LONGEST_SKILLS, LONGEST_AREA, LONGEST_ENTRY, LONGEST_GIVER = 120, 40, 120, 40
MOST_MINUTES, MOST_ENTRIES, MOST_AT_ONCE = 60 * 500, 200, 200
OPENERS = frozenset({"desk"})
EARLIEST_BIRTH = date(1900, 1, 1)


def open_file(by: Actor, person: Person) -> VolunteerFile:
    """The file of this volunteer; the first time it gets a number, which is nobody else's for ever."""
    known = file_of(by.session, person)
    if known is not None:
        return known
    row = VolunteerFile(person_id=person.id, person=person, number=f"V{draw(by.session, 'volunteer'):06}")
    by.session.add(row)
    audit.note(by, "certificates.open_file", row, for_person=person.id)
    return row


def complete(
    by: Actor,
    person: Person,
    *,
    skills: str,
    service_types: Collection[str],
    area: str,
    born: date | None = None,
) -> VolunteerFile:
    """What they can and want to do, as they or staff write it down."""
    _need_self_or_sight(by, person)
    if len(skills) > LONGEST_SKILLS or len(area) > LONGEST_AREA or set(service_types) - set(SERVICE_TYPES):
        raise Refusal("certificates.bad_file")
    if born is not None and not EARLIEST_BIRTH <= born <= clock.today():
        raise Refusal("certificates.bad_born")
    row = open_file(by, person)
    row.skills, row.area = skills.strip() or None, area.strip()
    row.service_types = [one for one in SERVICE_TYPES if one in service_types]
    row.born = born.isoformat() if born else None
    row.changed_at = clock.now()
    audit.note(by, "certificates.complete_file", row)
    return row


# ---- the identity number ---------------------------------------------------------------------------------------------


def write_id_number(by: Actor, person: Person, kind: str, number: str, *, paper: str = "") -> VolunteerFile:
    """On a consent of its own: the volunteer gives it with this very step, staff say where the signed sheet lies."""
    _need_self_or_sight(by, person)
    bare = "".join(number.split()).upper()
    if not is_id_number(kind, bare):
        raise Refusal("certificates.bad_id_number")
    if by.staff is None:
        people.give_consent(replace(by, person=person), "id_number")
    elif paper.strip():
        people.note_paper_consent(by, person, "id_number", paper)
    elif live_consent(by.session, person, "id_number") is None:
        raise Refusal("certificates.id_consent_needed")
    row = open_file(by, person)
    row.id_type, row.id_number, row.changed_at = kind, bare, clock.now()
    if kind == ID_CARD:
        row.born = None
    audit.note(by, "certificates.write_id_number", row, for_person=person.id)
    return row


def open_id_number(by: Actor, person: Person, reason: str) -> str:
    """The whole number, to staff who say what for: written down, and shown to its holder with role and day."""
    need_sight(by, person)
    if by.staff is None or not OPENERS & set(by.staff.roles):
        raise Refusal("certificates.not_your_role")
    number = usable_number(by.session, file_of(by.session, person))
    if number is None:
        raise Refusal("certificates.no_id_number")
    people.keep_reason(by, person, "people.open_sensitive", reason, "id_number")
    audit.note(by, "people.open_sensitive", person, kind="id_number")
    return number


def remove_id_number(by: Actor, person: Person) -> None:
    """Their number goes now. The consent goes with it unless something else still stands on it."""
    _need_self_or_sight(by, person)
    row = file_of(by.session, person)
    if row is not None and row.id_number is not None:
        row.id_type = row.id_number = None
        row.changed_at = clock.now()
        audit.note(by, "certificates.remove_id_number", row, for_person=person.id)
    if by.staff is None and fact_of(by.session, person, "id_number") is None:
        people.withdraw_consent(replace(by, person=person), "id_number")


def forget_numbers(by: Actor) -> int:
    """Numbers whose holder has taken the consent back."""
    gone = by.session.scalars(numbers_to_go().limit(MOST_AT_ONCE)).all()
    for row in gone:
        row.id_type = row.id_number = None
        audit.note(by, "certificates.forget_number", row)
    return len(gone)


# ---- training, awards, praise, complaints ----------------------------------------------------------------------------


def add_entry(
    by: Actor,
    person: Person,
    kind: str,
    words: str,
    *,
    day: date,
    given_by: str = "",
    minutes: int | None = None,
) -> VolunteerEntry:
    need_sight(by, person)
    said, giver = words.strip(), given_by.strip()
    if kind not in ENTRY_KINDS or not 2 <= len(said) <= LONGEST_ENTRY or len(giver) > LONGEST_GIVER:
        raise Refusal("certificates.bad_entry")
    if day > clock.today() or (minutes is not None and not 0 < minutes <= MOST_MINUTES):
        raise Refusal("certificates.bad_entry")
    open_file(by, person)
    row = VolunteerEntry(person_id=person.id, kind=kind, words=said, given_by=giver, minutes=minutes, day=day)
    row.staff_id = by.staff.id if by.staff else None
    by.session.add(row)
    audit.note(by, "certificates.add_entry", row, kind=kind)
    return row


def drop_entry(by: Actor, entry: VolunteerEntry) -> None:
    person = by.session.get_one(Person, entry.person_id)
    need_sight(by, person)
    audit.note(by, "certificates.drop_entry", entry, kind=entry.kind)
    by.session.delete(entry)


def _need_self_or_sight(by: Actor, person: Person) -> None:
    if by.staff is None and by.person is not None and by.person.id == person.id:
        return
    need_sight(by, person)
