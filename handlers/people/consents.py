"""Consents: given and taken back by the person, or written down by staff from a signed sheet or at the desk."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import or_, select

from app import audit, clock
from handlers.people.policies import has_consent, has_withdrawn, policies
from models import outbox
from models.agreed import has_agreed
from models.base import insert_once
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.people import PURPOSES, AnyPurpose, Consent, Purpose, live_consent
from models.refusal import Refusal
from models.sensitive import StaffReason
from models.sight import need_sight, need_staff

SHORTEST_REASON = 4


def need_reason(words: str) -> str:
    """Why staff touch somebody's record, in words of their own."""
    bare = words.strip()
    if len(bare) < SHORTEST_REASON:
        raise Refusal("people.reason_needed")
    return bare


def keep_reason(by: Actor, person: Person, action: str, words: str, about: str | None = None) -> StaffReason:
    """What staff did with this record, and why; the person can ask for it."""
    staff = need_staff(by)
    row = StaffReason(
        person_id=person.id, staff_id=staff.id, action=action, about=about, words=need_reason(words)
    )
    by.session.add(row)
    return row


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
    if has_agreed(by.session, by.me, purpose):
        return False
    give_consent(by, purpose)
    return True


def agree_to_service(by: Actor) -> None:
    """Nothing of a resident is kept without their consent (trust L01); the staff may act for who took it back."""
    if by.staff is None:
        respect_withdrawal(by, "service")
        agree_by_doing(by, "service")


def is_new(by: Actor) -> bool:
    """Whether they have agreed to nothing yet: then the sentence to be confirmed says what a yes means."""
    return not has_agreed(by.session, by.me, "service")


def give_consent(by: Actor, purpose: AnyPurpose, *, on_paper: str | None = None) -> Consent:
    """Agree to one purpose in today's words; agreeing twice is agreeing once."""
    policy, given = policies()[purpose], live_consent(by.session, by.me, purpose)
    if given is not None and given.version == policy.version:
        return given
    if given is not None:
        given.withdrawn_at = clock.now()
        by.session.flush()
    facts = {"version": policy.version, "text_hash": policy.text_hash, "channel": by.channel}
    insert_once(by.session, Consent, person_id=_id_of(by), purpose=purpose, given_at=clock.now(), **facts)
    consent = live_consent(by.session, by.me, purpose)
    if consent is None:
        raise RuntimeError("what was just agreed to is not there")
    consent.on_paper = on_paper
    audit.note(by, "people.give_consent", consent, purpose=purpose, version=policy.version)
    return consent


def withdraw_consent(by: Actor, purpose: AnyPurpose) -> bool:
    """Take one purpose back, at once, and stop what stands on it; False when it was not given.

    Without `service` name, phone and place go after 30 days, unless it is given again.
    """
    withdrawn = withdraw(by, purpose)
    if withdrawn:
        _stop_sends(by, purpose)
    return withdrawn


def withdraw(by: Actor, purpose: AnyPurpose) -> bool:
    given = live_consent(by.session, by.me, purpose)
    if given is None:
        return False
    given.withdrawn_at = clock.now()
    audit.note(by, "people.withdraw_consent", given, purpose=purpose)
    return True


def _stop_sends(by: Actor, purpose: AnyPurpose) -> None:
    if purpose == "service":
        outbox.cancel_all_to(by.session, by.me, "consent withdrawn")
        return
    kinds = {"notices": ("notices.", "broadcasts."), "volunteer": ("volunteers.", "teams.")}.get(purpose)
    if kinds is None:
        return  # nothing is ever sent that stands on a separate consent
    theirs = or_(*(OutboxRow.kind.startswith(prefix) for prefix in kinds))
    waiting = OutboxRow.person_id == by.me.id, OutboxRow.state.in_(("waiting", "held")), theirs
    for once in by.session.scalars(select(OutboxRow.once).where(*waiting)).all():
        outbox.cancel(by.session, once)


def _id_of(by: Actor) -> int:
    by.session.flush()
    return by.me.id


# ---- written down by staff -------------------------------------------------------------------------------------


def note_paper_consent(by: Actor, person: Person, purpose: AnyPurpose, paper: str) -> Consent:
    """They signed a sheet with today's words; `paper` says where it lies."""
    need_sight(by, person)
    if person.joined_at is None or person.erased_at is not None:
        raise Refusal("people.not_on_file")
    if purpose in ("guardian", "proxy"):
        raise Refusal("people.consent_with_the_tie")
    keep_reason(by, person, "people.give_consent", paper, purpose)
    return give_consent(replace(by, person=person), purpose, on_paper=paper.strip())


def note_withdrawal(by: Actor, person: Person, purpose: AnyPurpose, reason: str) -> bool:
    """They asked at the desk, or by telephone, to take it back: it is as quick as in the chat."""
    need_sight(by, person)
    keep_reason(by, person, "people.withdraw_consent", reason, purpose)
    return withdraw_consent(replace(by, person=person), purpose)
