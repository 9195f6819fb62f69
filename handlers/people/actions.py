"""What happens to people: they follow and leave, join, agree and take it back, correct what we hold.

Joining two records is in linking.py, the rights to a copy and to deletion in rights.py; both are offered from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app import audit, clock
from app.understanding.phone import phone_in
from handlers.people.consents import (
    agree_by_doing,
    agree_to_service,
    give_consent,
    is_new,
    keep_reason,
    need_consent,
    note_paper_consent,
    respect_withdrawal,
    withdraw,
    withdraw_consent,
)
from handlers.people.households import add_member, make_household
from handlers.people.linking import (
    forget_codes,
    issue_link_code,
    link_at_desk,
    link_by_code,
    note_unionid,
    part,
    settle_linked,
)
from handlers.people.looks import who_looked
from handlers.people.policies import has_consent, has_withdrawn, policy
from handlers.people.proxies import become_proxy, end_proxy, issue_proxy_code
from handlers.people.registering import (
    Newcomer,
    need_service,
    register,
    register_all,
    set_name,
    set_phone,
)
from handlers.people.rights import erase, export, forget_person, forget_stranger
from handlers.people.search import the_one
from models import outbox
from models.base import insert_once
from models.households import stay_of
from models.identity import Actor, Identity, Person
from models.people import PURPOSES, DoorScan, Purpose, has_left_before, residents_with_phone
from models.places import Place
from models.refusal import Refusal
from models.sight import need_sight, need_staff

__all__ = [
    "Newcomer",
    "add_member",
    "agree_by_doing",
    "agree_to_service",
    "become_proxy",
    "correct_name",
    "correct_on_behalf",
    "correct_phone",
    "correct_place",
    "end_proxy",
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
    "is_new",
    "issue_link_code",
    "issue_proxy_code",
    "join",
    "keep_reason",
    "link_at_desk",
    "link_by_code",
    "make_household",
    "need_consent",
    "note_paper_consent",
    "note_unionid",
    "part",
    "policy",
    "register",
    "register_all",
    "respect_withdrawal",
    "scan_door",
    "settle_linked",
    "take_back_join",
    "the_one",
    "unfollow",
    "view",
    "who_looked",
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
    for purpose in need_service(purposes):
        give_consent(by, purpose)
    person = by.me
    set_name(person, name)
    set_phone(person, phone)
    person.place = place
    person.joined_at = person.joined_at or clock.now()
    audit.note(by, "people.join", person, place=place.id if place else None)
    return person


def take_back_join(by: Actor) -> None:
    """Undo joining: what was said is gone, as if it had not been asked."""
    person = by.me
    person.name = person.phone = person.place = person.joined_at = None
    for purpose in PURPOSES:
        withdraw(by, purpose)
    audit.note(by, "people.take_back_join", person)


# ---- correcting ------------------------------------------------------------------------------------------------


def correct_name(by: Actor, name: str) -> Person:
    """Also for those who only ever told their name to a booking."""
    set_name(by.me if by.me.name is not None else _joined(by), name)
    audit.note(by, "people.correct_name", by.me)
    return by.me


def correct_phone(by: Actor, phone: str) -> Person:
    set_phone(_joined(by), phone)
    audit.note(by, "people.correct_phone", by.me)
    return by.me


def correct_place(by: Actor, place: Place | None) -> Person:
    """Move to another place; None forgets where they live."""
    _joined(by).place = place
    audit.note(by, "people.correct_place", by.me, place=place.id if place else None)
    return by.me


def correct_on_behalf(
    by: Actor,
    person: Person,
    *,
    reason: str,
    name: str | None = None,
    phone: str | None = None,
    place: Place | None = None,
) -> Person:
    """Staff were told at the desk or by telephone; why stands beside it, and what is None stays as it is. Somebody's
    place follows their household, as long as they are in one."""
    need_sight(by, person)
    own = replace(by, person=person)
    if place is not None and stay_of(by.session, person) is not None:
        raise Refusal("people.place_follows_household")
    keep_reason(by, person, "people.correct", reason)
    if name is not None:
        correct_name(own, name)
    if phone is not None:
        correct_phone(own, phone)
    if place is not None:
        correct_place(own, place)
    return person


# ---- staff -----------------------------------------------------------------------------------------------------


def find_by_phone(by: Actor, phone: str, *, purpose: str) -> list[Person]:
    """Residents with this phone, for staff; everybody who is found sees that they were looked up."""
    need_staff(by)
    found = list(by.session.scalars(residents_with_phone(phone_in(phone) or "")))
    audit.note(by, "people.look_up", None, purpose=purpose, found=len(found))
    for person in found:
        audit.note(by, "people.find", person)
    return found


def view(by: Actor, person: Person) -> Person:
    """A member of the staff opens somebody's card: the person sees the day on which that happened."""
    need_sight(by, person)
    audit.note(by, "people.view", person)
    return person


# ---- rules of the fields ---------------------------------------------------------------------------------------


def _joined(by: Actor) -> Person:
    if by.me.joined_at is None:
        raise Refusal("people.not_joined")
    return by.me
