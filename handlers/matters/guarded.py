"""Reports that name somebody of the staff, or wrongdoing: received without a name, read by few, answered by a code.

The words go to the confidential database first; then the common one learns that there is a report, whose role it is and
until when. Who is named in it never gets to read it: it goes to the next role, and when everybody who could receive it
is named, it is not taken in and the way out of the house is told. Nobody can say who reported: no person, no identity,
no hour is kept.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit, clock, privacy
from app.database import lane_beside
from app.understanding.calendar import working_day_after
from app.understanding.numbers import plain
from handlers.matters import sentences
from models.base import insert_once
from models.duty import ring
from models.guarded_matters import DUE_WORKING_DAYS, GuardedMatter, late_and_untold
from models.guarded_reports import (
    GuardedReport,
    GuardedWord,
    code_index,
    ended_before,
    not_entered,
    with_code,
    with_receipt,
)
from models.identity import Actor
from models.receipts import new_receipt, spoken
from models.refusal import Refusal
from models.staff import StaffMember, everybody, has_holder

RECEIVERS = ("petitions", "approver")
SHORTEST, LONGEST, LONGEST_WORDS = 10, 1000, 500
MOST_WORDS = 30  # to and fro about one report
CODE_DIGITS = 6
KEPT_DAYS = 730


class Given(NamedTuple):
    """To be written down by who reported it: shown once."""

    receipt: str
    code: str

    @property
    def number(self) -> str:
        return spoken(self.receipt)


class Told(NamedTuple):
    """What who knows the code is told; plain values, so that nothing of it outlives the page."""

    number: str
    state: str
    due: str
    words: list[tuple[bool, str, str]]  # of the receiver, the day, the words


# ---- who reports ---------------------------------------------------------------------------------------------------


def receive(by: Actor, text: str, once: str) -> Given:
    """Take it in. The same form again gets the same number and code.

    Refuses with matters.too_short, .too_long, .nobody_receives.
    """
    words = sentences.between(text, SHORTEST, LONGEST)
    keyring = privacy.keyring("confidential")
    key = keyring.blind("guarded_report.key", f"{once}:{words}")
    code = str(int(keyring.blind("guarded_report.given", key)[:12], 16))[-CODE_DIGITS:].zfill(CODE_DIGITS)
    role, named = _receiver(by.session, words, RECEIVERS)
    lane, receipt = lane_beside(by.session), new_receipt()
    row: dict[str, Any] = {
        "key": key,
        "receipt": receipt,
        "code_index": code_index(receipt, code),
        "role": role,
        "text": words,
    }
    row |= {"named": ",".join(map(str, named)), "received_on": clock.today(), "entered": False}

    def unit(session: Session) -> str:
        insert_once(session, GuardedReport, **row)
        return session.scalars(select(GuardedReport.receipt).where(GuardedReport.key == key)).one()

    receipt = lane.writing(unit)
    enter(by)
    return Given(receipt, code)


def _receiver(
    session: Session, words: str, roles: tuple[str, ...], before: frozenset[int] = frozenset()
) -> tuple[str, list[int]]:
    """The first of these roles of which somebody is not named, in `words` or `before`; and who is. Who is away just
    now may be named as well."""
    staff = session.scalars(everybody()).all()
    named = [one.id for one in staff if one.id in before or _names(words, one)]
    for role in roles:
        if any(one.active and role in one.roles and one.id not in named for one in staff):
            return role, named
    raise Refusal("matters.nobody_receives")


def _names(words: str, staff: StaffMember) -> bool:
    return staff.name in plain(words).replace(" ", "")


def enter(by: Actor) -> int:
    """Tell the common database of what it does not know yet, also of what a crash in between has left; what it has
    known since an earlier time is not looked at again."""
    lane = lane_beside(by.session)
    with lane.reading() as session:
        waiting = {one.receipt: one.role for one in session.scalars(not_entered())}
    known = set(by.session.scalars(select(GuardedMatter.receipt).where(GuardedMatter.receipt.in_(waiting))))
    for receipt in waiting.keys() - known:
        _enter(by, receipt, waiting[receipt])
    if known:
        done = update(GuardedReport).where(GuardedReport.receipt.in_(known)).values(entered=True)
        lane.writing(lambda session: session.execute(done))
    return len(waiting.keys() - known)


def _enter(by: Actor, receipt: str, role: str) -> None:
    by = Actor(by.session, channel="job")  # no line of the trail leads to who reported it
    due = working_day_after(clock.today(), DUE_WORKING_DAYS)
    row: dict[str, Any] = {"role": role, "state": "received", "said_on": clock.today(), "due": due}
    if insert_once(by.session, GuardedMatter, receipt=receipt, **row):
        audit.note(by, "matters.guarded_report", None, role=role)
        ring(by.session, role)


def look(by: Actor, receipt: str, code: str) -> Told | None:
    """How far it is and what was answered; None when the two do not belong together."""
    with lane_beside(by.session).reading() as session:
        report = with_code(session, receipt, code)
        if report is None:
            return None
        words = [(one.staff_id is not None, one.on.isoformat(), one.words) for one in report.said]
    known = by.session.scalar(select(GuardedMatter).where(GuardedMatter.receipt == receipt))
    state, due = (known.state, known.due) if known is not None else ("received", None)
    return Told(spoken(receipt), state, due.isoformat() if due else "", words)


def add(by: Actor, receipt: str, code: str, words: str) -> bool:
    """A word more by who reported it; False for whoever does not know the code. Whom it names reads it no more: where
    nobody is left, it goes to the next role. Refuses with matters.too_short, .too_long, .too_many_words,
    .nobody_receives."""
    said = sentences.between(words, sentences.SHORTEST_WORDS, LONGEST_WORDS)

    def unit(session: Session) -> str | None:
        report = with_code(session, receipt, code)
        if report is None:
            return None
        if len(report.said) >= MOST_WORDS:
            raise Refusal("matters.too_many_words", most=MOST_WORDS)
        roles = RECEIVERS[RECEIVERS.index(report.role) :]
        report.role, named = _receiver(by.session, said, roles, frozenset(report.named_ids))
        report.named = ",".join(map(str, named))
        report.said.append(GuardedWord(words=said, on=clock.today()))
        return report.role

    role = lane_beside(by.session).writing(unit)
    if role is not None:
        by.session.execute(update(GuardedMatter).where(GuardedMatter.receipt == receipt).values(role=role))
        ring(by.session, role)
    return role is not None


# ---- who receives --------------------------------------------------------------------------------------------------


def may_read(session: Session, staff: StaffMember, role: str, named: set[int]) -> bool:
    """Of its role and not named in it; the second role also while nobody holds the first."""
    takes = role in staff.roles or (
        role == RECEIVERS[0] and RECEIVERS[1] in staff.roles and not has_holder(session, role)
    )
    return takes and staff.id not in named


def theirs(by: Actor, rows: list[GuardedMatter]) -> list[GuardedMatter]:
    """Those of them that are for this member's eyes."""
    if by.staff is None:
        return []
    with lane_beside(by.session).reading() as session:
        asked = select(GuardedReport).where(GuardedReport.receipt.in_([one.receipt for one in rows]))
        found = {one.receipt: one for one in session.scalars(asked)}
        return [one for one in rows if _is_theirs(by.session, by.staff, one, found.get(one.receipt))]


def _is_theirs(
    session: Session, staff: StaffMember, row: GuardedMatter, report: GuardedReport | None
) -> bool:
    """What the confidential database says counts. Who came to the staff later may be named in it, too."""
    if report is None:
        return may_read(session, staff, row.role, set())
    return may_read(session, staff, report.role, report.named_ids) and not _names(report.text, staff)


def note_read(by: Actor, row: GuardedMatter) -> bool:
    """Somebody opens it; to be committed before it is read. False when it is not there for them."""
    there = bool(theirs(by, [row]))
    audit.note(by, "matters.guarded_read" if there else "matters.guarded_refused", None, number=row.id)
    return there


def answer(by: Actor, row: GuardedMatter, words: str, *, done: bool = False) -> None:
    """A word to who reported it, read with the code; with `done` the last one. Refuses with matters.not_yours,
    .guarded_over, .too_short, .too_long."""
    said, staff = sentences.between(words, sentences.SHORTEST_WORDS, LONGEST_WORDS), by.staff
    if staff is None or not theirs(by, [row]):
        raise Refusal("matters.not_yours")
    row = by.session.get_one(GuardedMatter, row.id, populate_existing=True, with_for_update=True)
    if not row.is_open:
        raise Refusal("matters.guarded_over")
    row.state, today = "done" if done else "working", clock.today()
    row.ended_on = today if done else None
    audit.note(by, "matters.guarded_done" if done else "matters.guarded_answer", None, number=row.id)

    def unit(session: Session) -> None:
        report = with_receipt(session, row.receipt)
        if report is not None:
            report.said.append(GuardedWord(words=said, on=today, staff_id=staff.id))
            report.ended_on = today if done else None

    lane_beside(by.session).writing(unit)


# ---- time passed ---------------------------------------------------------------------------------------------------


def tell_of_late(by: Actor) -> int:
    """Past its last day: the bell of its role rings, once a day (trust I15)."""
    found = by.session.scalars(late_and_untold()).all()
    for row in found:
        row.late_told_on = clock.today()
    for role in {row.role for row in found}:
        ring(by.session, role)
    if found:
        audit.note(by, "matters.guarded_late", None, count=len(found))
    return len(found)


def tidy(by: Actor) -> tuple[int, int]:
    """What the common database does not know yet; and words that are two years over."""
    limit = clock.today() - timedelta(days=KEPT_DAYS)

    def unit(session: Session) -> int:
        old = session.scalars(ended_before(limit)).all()
        for one in old:
            session.delete(one)
        return len(old)

    return enter(by), lane_beside(by.session).writing(unit)


def opened(by: Actor, row: GuardedMatter) -> GuardedReport | None:
    """The words, after `note_read` said that they are for these eyes; to be read while the page is made."""
    with lane_beside(by.session).reading() as session:
        report = with_receipt(session, row.receipt)
        if report is not None:
            _ = [one.words for one in report.said]
            session.expunge_all()
        return report
