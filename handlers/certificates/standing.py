"""Who may move a proof on, and from where to where."""

from __future__ import annotations

from app import clock
from models.certificates import TRANSITIONS, Certificate, hold
from models.identity import Actor, Person
from models.refusal import Refusal


def must_be_staff(by: Actor) -> None:
    """The house itself (a job) stands for the staff."""
    if by.staff is None and by.channel != "job":
        raise Refusal("certificates.staff_only")


def must_be_theirs(by: Actor, certificate: Certificate) -> None:
    if by.staff is None and (by.person is None or by.person.id != certificate.person_id):
        raise Refusal("certificates.not_yours")


def owner_of(certificate: Certificate) -> Person:
    if certificate.person is None:
        raise Refusal("certificates.person_gone")
    return certificate.person


def step(by: Actor, certificate: Certificate, to: str) -> Certificate:
    """Move it on, behind the lock; a step that is not on the way changes nothing."""
    row = hold(by.session, certificate)
    if to not in TRANSITIONS[row.state]:
        raise Refusal("certificates.not_now", state=row.state)
    row.state, row.changed_at = to, clock.now()
    return row
