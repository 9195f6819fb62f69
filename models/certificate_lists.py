"""Which proofs stand where: the lists of staff, of one person, and the page that everybody may read."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import joinedload

from app import clock
from models.certificates import (
    NUMBERED,
    Certificate,
    CertificateLine,
    CertificateObjection,
)
from models.hours import ServiceHours
from models.identity import Person
from models.people import Consent


def certificates_of(person: Person) -> Select[Certificate]:
    """The newest first."""
    return select(Certificate).where(Certificate.person_id == person.id).order_by(Certificate.id.desc())


def in_state(*states: str) -> Select[Certificate]:
    """Who has waited longest stands first."""
    return (
        select(Certificate)
        .where(Certificate.state.in_(states))
        .options(joinedload(Certificate.person))
        .order_by(Certificate.changed_at, Certificate.id)
    )


def to_check() -> Select[Certificate]:
    return in_state("applied")


def to_void() -> Select[Certificate]:
    """Somebody wants it void; a second person has to agree."""
    asked = Certificate.void_asked_by_id.is_not(None), Certificate.state.in_(("printed", "issued"))
    return select(Certificate).where(*asked).order_by(Certificate.id)


def agreed_to_posting() -> ColumnElement[bool]:
    """The condition on Certificate: its person wants what is posted of them on our page (trust L04)."""
    theirs = Consent.person_id == Certificate.person_id, Consent.purpose == "posting"
    return exists().where(*theirs, Consent.withdrawn_at.is_(None))


def posted_on_page() -> Select[Certificate]:
    """What everybody may read now, the next to end first: it hangs, and its person agrees."""
    hangs = Certificate.state == "posting", Certificate.posting_until > clock.now()
    agreed = Certificate.posted_on == "page", agreed_to_posting()
    return (
        select(Certificate)
        .where(*hangs, *agreed)
        .options(joinedload(Certificate.person))
        .order_by(Certificate.posting_until, Certificate.id)
    )


def to_hang_up() -> Select[Certificate]:
    """What has to go to the board: checked without a page, or taken off the page by its person."""
    alone = Certificate.posted_on == "page", Certificate.person_id.is_not(None) & ~agreed_to_posting()
    waits = or_(Certificate.state == "checked", (Certificate.state == "posting") & alone[0] & alone[1])
    return select(Certificate).where(waits).order_by(Certificate.checked_at, Certificate.id)


def for_the_board() -> Select[Certificate]:
    """What stands on the sheet: all that hangs or is to hang, whether or not it is on the page."""
    hangs = or_(
        Certificate.state == "checked",
        (Certificate.state == "posting") & (Certificate.posting_until > clock.now()),
    )
    return select(Certificate).where(hangs).options(joinedload(Certificate.person)).order_by(Certificate.id)


def posting_over() -> Select[Certificate]:
    """Hung long enough where it was meant to hang, and nobody's objection waits for an answer."""
    waits = exists().where(
        CertificateObjection.certificate_id == Certificate.id, CertificateObjection.answered_at.is_(None)
    )
    hung = or_(Certificate.posted_on == "board", agreed_to_posting())
    over = Certificate.state == "posting", Certificate.posting_until <= clock.now()
    return select(Certificate).where(*over, hung, ~waits).order_by(Certificate.id)


def open_objections() -> Select[CertificateObjection]:
    """The first that is due stands first."""
    unanswered = select(CertificateObjection).where(CertificateObjection.answered_at.is_(None))
    return unanswered.order_by(CertificateObjection.due, CertificateObjection.id)


def register_of(year: int) -> Select[Certificate]:
    return select(Certificate).where(Certificate.year == year).order_by(Certificate.ordinal)


def numbered(number: str) -> Select[Certificate]:
    return select(Certificate).where(Certificate.number == number)


def changed_since_frozen() -> Select[Certificate]:
    """Printed or sealed, with an hour that has changed since, and nobody has been told yet."""
    changed = exists().where(
        CertificateLine.certificate_id == Certificate.id,
        CertificateLine.hours_id == ServiceHours.id,
        or_(ServiceHours.state != "posted", ServiceHours.minutes != CertificateLine.minutes),
    )
    told = (
        Certificate.corrected_at.is_(None),
        Certificate.state.in_([one for one in NUMBERED if one != "void"]),
    )
    return select(Certificate).where(*told, changed).order_by(Certificate.id)
