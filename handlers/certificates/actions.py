"""What happens to proofs of service: applied for, checked and frozen, posted, ready; objected to and answered.

The number, the paper and the seal are in issuing.py, the volunteer's file in files.py.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from app import audit, clock
from app.understanding.calendar import working_day_after
from handlers.certificates import content
from handlers.certificates.files import open_file
from handlers.certificates.messages import tell, tell_person
from handlers.certificates.standing import must_be_staff, must_be_theirs, owner_of, step
from handlers.people import actions as people
from models.base import insert_once
from models.certificate_lists import posting_over
from models.certificates import (
    TERMS_AT_FIRST,
    UNDER_WAY,
    Certificate,
    CertificateLine,
    CertificateObjection,
    CertificateTerms,
    digest_of,
    terms,
)
from models.identity import Actor, Person
from models.people import live_consent
from models.refusal import Refusal
from models.sight import need_sight
from models.volunteer_file import needs_guardian

MOST_UNDER_WAY = 2
SHORTEST_WORDS, LONGEST_WORDS, LONGEST_PURPOSE, LONGEST_CONTACT = 4, 300, 40, 40
MOST_OPEN_OBJECTIONS = 20
MOST_AT_ONCE = 200


# ---- applying --------------------------------------------------------------------------------------------------------


def apply(
    by: Actor,
    *,
    since: date | None = None,
    until: date | None = None,
    purpose: str = "",
    posting: bool = False,
) -> Certificate:
    """Somebody wants a proof of their own hours between these days (None: all of them, until today). `posting` says
    that it may hang on our page, which is a consent of its own."""
    people.respect_withdrawal(by, "service")
    people.respect_withdrawal(by, "volunteer")
    if posting:
        people.give_consent(by, "posting")
    return _applied(by, by.me, since, until, purpose)


def apply_for(
    by: Actor, person: Person, *, since: date | None, until: date | None, purpose: str, paper: str = ""
) -> Certificate:
    """Staff apply for somebody at the counter; `paper` says where the signed consent to the page lies, if there is."""
    need_sight(by, person)
    if paper.strip():
        people.note_paper_consent(by, person, "posting", paper)
    return _applied(by, person, since, until, purpose)


def _applied(by: Actor, person: Person, since: date | None, until: date | None, purpose: str) -> Certificate:
    if person.name is None:
        raise Refusal("certificates.name_needed")
    until = min(until or clock.today(), clock.today())
    if since is not None and since > until:
        raise Refusal("certificates.bad_period")
    _hold_person(by, person)
    if _count_under_way(by, person) >= MOST_UNDER_WAY:
        raise Refusal("certificates.under_way")
    if not content.hours_in(by, person, since, until):
        raise Refusal("certificates.no_hours")
    open_file(by, person)
    row = Certificate(person_id=person.id, person=person, since=since, until=until, channel=by.channel)
    row.purpose, row.asked_by_id = (
        purpose.strip()[:LONGEST_PURPOSE] or None,
        by.staff.id if by.staff else None,
    )
    by.session.add(row)
    audit.note(by, "certificates.apply", row, for_person=person.id)
    return row


def _hold_person(by: Actor, person: Person) -> None:
    """One person's applications are counted one after the other."""
    by.session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))


def _count_under_way(by: Actor, person: Person) -> int:
    mine = Certificate.person_id == person.id, Certificate.state.in_(UNDER_WAY)
    return by.session.scalar(select(func.count(Certificate.id)).where(*mine)) or 0


def withdraw(by: Actor, certificate: Certificate) -> Certificate:
    """They do not want it any more; once it has a number only staff can make it void."""
    must_be_theirs(by, certificate)
    row = step(by, certificate, "withdrawn")
    audit.note(by, "certificates.withdraw", row)
    return row


# ---- checking and posting --------------------------------------------------------------------------------------------


def check(by: Actor, certificate: Certificate, *, summary: bool | None = None) -> Certificate:
    """Staff have looked: what it says is frozen, and it hangs on the page if its person agreed; else it goes to the
    board. `summary` None: one by one as long as they fit."""
    must_be_staff(by)
    person = owner_of(certificate)
    need_sight(by, person)
    _need_issuer(by)
    if needs_guardian(by.session, person):
        raise Refusal("certificates.guardian_needed")
    row = step(by, certificate, "checked")
    rows = content.hours_in(by, person, row.since, row.until)
    if not rows:
        raise Refusal("certificates.no_hours")
    added_up = len(rows) > terms(by.session).most_lines if summary is None else summary
    kept = open_file(by, person)
    row.content = content.content_for(
        by, kept, rows, since=row.since, until=row.until, purpose=row.purpose, summary=added_up
    )
    row.digest, row.minutes = digest_of(row.content), row.content["minutes"]
    row.checked_by_id, row.checked_at = by.staff.id if by.staff else None, clock.now()
    by.session.add_all(
        CertificateLine(certificate_id=row.id, hours_id=one.id, minutes=one.minutes) for one in rows
    )
    audit.note(by, "certificates.check", row, minutes=row.minutes, services=len(rows), sha256=row.digest[:12])
    if live_consent(by.session, person, "posting") is not None:
        _hang(by, row, "page")
    return row


def _need_issuer(by: Actor) -> None:
    rule = terms(by.session)
    if not (rule.issuer and rule.head and rule.phone):
        raise Refusal("certificates.issuer_needed")


def hang_up(by: Actor, certificate: Certificate) -> Certificate:
    """The sheet hangs on the board: from now on the days count (again, when it had hung on the page before)."""
    must_be_staff(by)
    return _hang(by, certificate, "board")


def _hang(by: Actor, certificate: Certificate, where: str) -> Certificate:
    row = step(by, certificate, "posting")
    days = terms(by.session).posting_days
    row.posted_on, row.posting_since = where, clock.now()
    row.posting_until = row.posting_since + timedelta(days=days)
    audit.note(by, "certificates.post", row, where=where, days=days)
    tell(by, row, "posting", once=where, until=row.posting_until.isoformat(), where=where)
    return row


def end_posting(by: Actor) -> int:
    """What has hung for its days without an objection that waits is ready to be printed."""
    over = by.session.scalars(posting_over().limit(MOST_AT_ONCE)).all()
    for certificate in over:
        row = step(by, certificate, "ready")
        audit.note(by, "certificates.ready", row)
        tell(by, row, "ready")
    return len(over)


def refuse(by: Actor, certificate: Certificate, reason: str) -> Certificate:
    """Before it has a number, with words that its person reads."""
    must_be_staff(by)
    row = step(by, certificate, "refused")
    row.reason = words_in(reason)
    audit.note(by, "certificates.refuse", row)
    tell(by, row, "refused")
    return row


# ---- objections ------------------------------------------------------------------------------------------------------


def object_to(by: Actor, certificate: Certificate, words: str, contact: str = "") -> CertificateObjection:
    """Its volunteer says what is wrong, at any time; anybody else while it hangs where everybody reads it."""
    own = by.person is not None and by.person.id == certificate.person_id
    if not own and by.staff is None and certificate.state != "posting":
        raise Refusal("certificates.not_posted")
    if own and certificate.state in ("applied", "refused", "withdrawn"):
        raise Refusal("certificates.nothing_to_object")
    said = words_in(words)
    waiting = sum(one.answered_at is None for one in certificate.objections)
    if waiting >= MOST_OPEN_OBJECTIONS:
        raise Refusal("certificates.enough_objections")
    due = working_day_after(clock.today(), terms(by.session).answer_days)
    row = CertificateObjection(certificate_id=certificate.id, own=own, words=said, due=due)
    row.person_id = by.person.id if by.person is not None else None
    row.contact = contact.strip()[:LONGEST_CONTACT] or None
    row.certificate = certificate
    by.session.add(row)
    audit.note(by, "certificates.object", row, certificate=certificate.id, own=own)
    return row


def answer(by: Actor, objection: CertificateObjection, words: str) -> CertificateObjection:
    """What staff found; whether the proof goes on or is refused is a step of its own."""
    must_be_staff(by)
    if objection.answered_at is not None:
        raise Refusal("certificates.answered_already")
    objection.answer, objection.answered_at = words_in(words), clock.now()
    objection.answered_by_id = by.staff.id if by.staff else None
    audit.note(by, "certificates.answer", objection, certificate=objection.certificate_id)
    tell_person(by, objection.person, objection.certificate, "answered", once=objection.id)
    return objection


def words_in(words: str) -> str:
    bare = words.strip()
    if not SHORTEST_WORDS <= len(bare) <= LONGEST_WORDS:
        raise Refusal("certificates.bad_words")
    return bare


# ---- terms -----------------------------------------------------------------------------------------------------------


def change_terms(by: Actor, **values: str | int) -> CertificateTerms:
    """Who issues, and by which rules; what was frozen before stays as it is."""
    must_be_staff(by)
    insert_once(by.session, CertificateTerms, id=1, **TERMS_AT_FIRST)
    row = by.session.get_one(CertificateTerms, 1)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    audit.note(by, "certificates.change_terms", row, changed=changed)
    return row
