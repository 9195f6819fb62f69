"""What happens to people: they follow and leave, join, agree and take it back, correct what we hold.

Joining two records is in linking.py, the rights to a copy and to deletion in rights.py; both are offered from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select

from app import audit, clock
from app.understanding.phone import name_in, phone_in
from handlers.people.linking import (
    forget_codes,
    issue_link_code,
    link_at_desk,
    link_by_code,
    note_unionid,
    part,
    settle_linked,
)
from handlers.people.policies import has_consent, has_withdrawn, policies
from handlers.people.rights import erase, export, forget_person, forget_stranger
from models import outbox
from models.base import insert_once
from models.identity import Actor, Identity, Person
from models.outbox import OutboxRow
from models.people import (
    PURPOSES,
    Consent,
    DoorScan,
    Place,
    Purpose,
    has_left_before,
    live_consent,
    live_consents,
    phone_index,
    residents_with_phone,
)
from models.refusal import Refusal

__all__ = [
    "agree_by_doing",
    "correct_name",
    "correct_phone",
    "correct_place",
    "erase",
    "export",
    "find_by_phone",
    "follow",
    "forget_codes",
    "forget_person",
    "forget_stranger",
    "give_consent",
    "has_consent",
    "has_withdrawn",
    "issue_link_code",
    "join",
    "link_at_desk",
    "link_by_code",
    "need_consent",
    "note_unionid",
    "part",
    "register",
    "respect_withdrawal",
    "scan_door",
    "settle_linked",
    "take_back_join",
    "unfollow",
    "view",
    "withdraw_consent",
]

# ---- following -------------------------------------------------------------------------------------------------


def follow(by: Actor, identity: Identity) -> bool:
    """Somebody follows the account; True when they had left before."""
    back = has_left_before(by.session, identity)
    audit.note(by, "people.follow", identity, back=back)
    return back


def unfollow(by: Actor, identity: Identity) -> None:
    """They left: nothing more is sent. A word of leaving that arrives after they came back changes nothing."""
    if identity.following:
        return
    stopped = outbox.cancel_all_to(by.session, identity.person, "unfollowed")
    audit.note(by, "people.unfollow", identity, stopped=stopped)


def scan_door(by: Actor, place: Place) -> Place:
    """Remember the building whose door code was scanned: a suggestion when they join, never their address."""
    scan = by.session.get(DoorScan, by.me.id)
    if scan is None:
        insert_once(by.session, DoorScan, person_id=by.me.id, place_id=place.id, at=clock.now())
    else:
        scan.place, scan.at = place, clock.now()
    audit.note(by, "people.scan_door", place)
    return place


# ---- joining ---------------------------------------------------------------------------------------------------


def join(
    by: Actor,
    *,
    name: str,
    phone: str,
    place: Place | None = None,
    purposes: Iterable[Purpose] = ("service",),
) -> Person:
    """Put name, phone and place on file, with a consent for each purpose; without `service` nothing is kept.

    The phone is contact data: it proves nothing, finds and joins nobody, and a household may share one.
    """
    agreed = set(purposes)
    if "service" not in agreed:
        raise Refusal("people.service_needed")
    for purpose in PURPOSES:
        if purpose in agreed:
            give_consent(by, purpose)
    person = by.me
    _set_name(person, name)
    _set_phone(person, phone)
    person.place = place
    person.joined_at = person.joined_at or clock.now()
    audit.note(by, "people.join", person, place=place.id if place else None)
    return person


def take_back_join(by: Actor) -> None:
    """Undo joining: what was said is gone, as if it had not been asked."""
    person = by.me
    person.name = person.phone = person.phone_index = person.place = person.joined_at = None
    for purpose in PURPOSES:
        _withdraw(by, purpose)
    audit.note(by, "people.take_back_join", person)


def register(
    by: Actor,
    *,
    name: str,
    phone: str,
    place: Place | None = None,
    purposes: Iterable[Purpose] = ("service",),
) -> Person:
    """The desk puts somebody on file who has no phone with WeChat; they agreed to each purpose at the counter."""
    _need_staff(by)
    person = Person()
    by.session.add(person)
    return join(replace(by, person=person), name=name, phone=phone, place=place, purposes=purposes)


# ---- consents --------------------------------------------------------------------------------------------------


def need_consent(by: Actor, purpose: Purpose) -> None:
    """For actions that stand on a consent. Raises Refusal people.consent_needed."""
    if not has_consent(by, purpose):
        raise _consent_needed(purpose)


def respect_withdrawal(by: Actor, purpose: Purpose) -> None:
    """For actions that may go on without having asked, but not against a no. Raises people.consent_needed."""
    if has_withdrawn(by, purpose):
        raise _consent_needed(purpose)


def _consent_needed(purpose: Purpose) -> Refusal:
    """With the digit at which 隐私 lists the purpose: two messages give the consent again (trust L02)."""
    digit = PURPOSES.index(purpose) + 1
    return Refusal("people.consent_needed", title=policies()[purpose].title, digit=digit)


def agree_by_doing(by: Actor, purpose: Purpose) -> bool:
    """Who does what they were told means agreeing has agreed; True when that is new. Any living consent will do:
    only joining asks again for a new version's words."""
    if live_consent(by.session, by.me, purpose) is not None:
        return False
    give_consent(by, purpose)
    return True


def give_consent(by: Actor, purpose: Purpose) -> Consent:
    """Agree to one purpose in today's words; agreeing twice is agreeing once."""
    policy, given = policies()[purpose], live_consent(by.session, by.me, purpose)
    if given is not None and given.version == policy.version:
        return given
    if given is not None:
        given.withdrawn_at = clock.now()
        by.session.flush()
    facts = {"version": policy.version, "text_hash": policy.text_hash, "channel": by.channel}
    insert_once(by.session, Consent, person_id=_id_of(by), purpose=purpose, given_at=clock.now(), **facts)
    consent = by.session.scalars(live_consents(by.me).where(Consent.purpose == purpose)).one()
    audit.note(by, "people.give_consent", consent, purpose=purpose, version=policy.version)
    return consent


def withdraw_consent(by: Actor, purpose: Purpose) -> bool:
    """Take one purpose back, at once, and stop what stands on it; False when it was not given.

    Without `service` name, phone and place go after 30 days, unless it is given again.
    """
    withdrawn = _withdraw(by, purpose)
    if withdrawn:
        _stop_sends(by, purpose)
    return withdrawn


def _withdraw(by: Actor, purpose: Purpose) -> bool:
    given = live_consent(by.session, by.me, purpose)
    if given is None:
        return False
    given.withdrawn_at = clock.now()
    audit.note(by, "people.withdraw_consent", given, purpose=purpose)
    return True


def _stop_sends(by: Actor, purpose: Purpose) -> None:
    if purpose == "service":
        outbox.cancel_all_to(by.session, by.me, "consent withdrawn")
        return
    prefix = {"notices": "notices.", "volunteer": "volunteers."}[purpose]
    waiting = OutboxRow.person_id == by.me.id, OutboxRow.state == "waiting", OutboxRow.kind.startswith(prefix)
    for once in by.session.scalars(select(OutboxRow.once).where(*waiting)).all():
        outbox.cancel(by.session, once)


# ---- correcting ------------------------------------------------------------------------------------------------


def correct_name(by: Actor, name: str) -> Person:
    """Also for those who only ever told their name to a booking."""
    _set_name(by.me if by.me.name is not None else _joined(by), name)
    audit.note(by, "people.correct_name", by.me)
    return by.me


def correct_phone(by: Actor, phone: str) -> Person:
    _set_phone(_joined(by), phone)
    audit.note(by, "people.correct_phone", by.me)
    return by.me


def correct_place(by: Actor, place: Place | None) -> Person:
    """Move to another place; None forgets where they live."""
    _joined(by).place = place
    audit.note(by, "people.correct_place", by.me, place=place.id if place else None)
    return by.me


# ---- staff -----------------------------------------------------------------------------------------------------


def find_by_phone(by: Actor, phone: str) -> list[Person]:
    """Residents with this phone, for staff; everybody who is found sees that they were looked up."""
    _need_staff(by)
    found = list(by.session.scalars(residents_with_phone(phone_in(phone) or "")))
    for person in found:
        audit.note(by, "people.find", person)
    if not found:
        audit.note(by, "people.find", found=0)
    return found


def view(by: Actor, person: Person) -> Person:
    """A member of the staff opens somebody's card: the person sees the day on which that happened."""
    _need_staff(by)
    audit.note(by, "people.view", person)
    return person


# ---- rules of the fields ---------------------------------------------------------------------------------------


def _joined(by: Actor) -> Person:
    if by.me.joined_at is None:
        raise Refusal("people.not_joined")
    return by.me


def _set_name(person: Person, name: str) -> None:
    known = name_in(name)
    if known is None:
        raise Refusal("people.bad_name")
    person.name = known


def _set_phone(person: Person, phone: str) -> None:
    known = phone_in(phone)
    if known is None:
        raise Refusal("people.bad_phone")
    person.phone, person.phone_index = known, phone_index(known)


def _need_staff(by: Actor) -> None:
    if by.staff is None:
        raise Refusal("people.staff_only")


def _id_of(by: Actor) -> int:
    by.session.flush()
    return by.me.id
