"""A scan is taken back, with a reason, or given back: the row stays, the attendance is counted again.

A decision names its scan by nonce and may come from a queue before it. What is in the time bank is not touched: that
goes by a correction of the hours.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import audit, clock
from handlers.activities import actions as activities
from handlers.volunteers.actions import CLOCK_DRIFT, hold, recount
from models import outbox, scan_undo, stays
from models import volunteers as model
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.refusal import Refusal
from models.scan_undo import LONGEST_REASON, OWN_WITHIN, ScanUndo
from models.volunteers import Scan

TOLD_WITHIN = timedelta(days=1)
REASONS = {
    "person": "记错了人",
    "time": "时间记错了",
    "not_here": "人没有来",
    "twice": "重复了",
    "sheet": "签到表上改了",
    "own": "自己撤销的",
    "slip": "负责人点错了",
    "restored": "恢复",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Take the scan `of` back, or (`undone` False) give it back. `reason` is a key of REASONS or a few typed words;
    `nonce` and `occurred_at` come with a queue."""

    of: str
    reason: str
    undone: bool = True
    nonce: str | None = None
    occurred_at: datetime | None = None


def undo(by: Actor, session: ActivitySession, person: Person, decision: Decision) -> bool:
    """By a leader or the staff. False when it was known, or says what was so already. The resident is told in words.

    Raises Refusal: activities.not_leader, volunteers.no_such_scan (only a queue may come before its scan),
    volunteers.no_reason, volunteers.hours_posted."""
    activities.must_lead(by, session)
    if not 0 < len(decision.reason.strip()) <= LONGEST_REASON:
        raise Refusal("volunteers.no_reason", most=LONGEST_REASON)
    scan, change = _decide(by, session, person, decision)
    if scan is not None and change is not None:
        _tell(by, scan, person, decision, change)
    return change is not None


def undo_own(by: Actor, scan: Scan) -> Scan:
    """One's own scan of the last ten minutes; what a leader wrote down is the leader's to take back."""
    mine = scan.person_id == by.me.id and scan.way == "turn"  # leaders say which way they saw
    if not mine or scan.voided_at is not None:
        raise Refusal("volunteers.no_such_scan")
    if clock.now() > scan.received_at + OWN_WITHIN:
        raise Refusal("volunteers.too_late_to_undo", session=scan.session)
    _decide(by, scan.session, by.me, Decision(scan.nonce, "own"))
    return scan


@dataclass(frozen=True, slots=True)
class Change:
    """What the scan was ("in", "out", "repeat" …) before the decision and after it."""

    row: ScanUndo
    was: str
    now: str


def _decide(
    by: Actor, session: ActivitySession, person: Person, decision: Decision
) -> tuple[Scan | None, Change | None]:
    hold(by, session, person)
    if decision.nonce and scan_undo.undo_of(by.session, person, decision.nonce) is not None:
        return None, None
    if scan_undo.is_posted(by.session, session, person):
        raise Refusal("volunteers.hours_posted")
    scan = model.scan_of(by.session, person, decision.of)
    if (decision.nonce is None) if scan is None else (scan.session_id != session.id):
        raise Refusal("volunteers.no_such_scan")
    if decision.nonce is None and scan is not None and (scan.voided_at is not None) == decision.undone:
        return scan, None
    was = _verdict(by, scan, person)
    row = _write(by, session, person, decision, scan)
    if scan is not None:
        scan_undo.heed(by.session, scan)
        recount(by, person, session)
    action = "volunteers.undo_scan" if decision.undone else "volunteers.restore_scan"
    reason = decision.reason if decision.reason in REASONS else "other"
    audit.note(by, action, scan or session, session=session.id, reason=reason)
    return scan, Change(row, was, _verdict(by, scan, person))


def _write(
    by: Actor, session: ActivitySession, person: Person, decision: Decision, scan: Scan | None
) -> ScanUndo:
    row = ScanUndo(session_id=session.id, person_id=person.id, of=decision.of, undone=decision.undone)
    row.nonce = decision.nonce or secrets.token_hex(16)
    row.reason = decision.reason.strip()
    row.occurred_at = _moment(by, decision, scan)
    row.staff_id = by.staff.id if by.staff is not None else None
    row.leader_id = by.person.id if by.staff is None and by.person is not None else None
    by.session.add(row)
    by.session.flush()
    return row


def _moment(by: Actor, decision: Decision, scan: Scan | None) -> datetime:
    """When it was decided: what a device says, unless its clock is off. Who decides on the spot sees what was decided
    before, and so comes after it."""
    now, claimed = clock.now(), decision.occurred_at
    if claimed is not None:
        return now if claimed > now + CLOCK_DRIFT else min(claimed, now)
    last = scan_undo.decided(by.session, scan) if scan is not None else None
    return now if last is None else max(now, last.occurred_at + timedelta(microseconds=1))


def _verdict(by: Actor, scan: Scan | None, person: Person) -> str:
    if scan is None:
        return "undone"
    day = stays.Day(model.scans_around(by.session, person, scan.session), clock.now())
    return day.verdicts[scan.nonce]


def reason_words(reason: str) -> str:
    return REASONS.get(reason, reason)


def _tell(by: Actor, scan: Scan, person: Person, decision: Decision, change: Change) -> None:
    """Only when something is different for the person: a scan that counted for nothing is no news, and what a sheet
    says now is told as a whole."""
    way = change.was if change.row.undone else change.now
    if way not in ("in", "out") or change.was == change.now or decision.reason == "sheet":
        return
    facts = {"activity": scan.session.activity.title, "at": scan.occurred_at.isoformat(), "way": way}
    outbox.put(
        by.session,
        to=person,
        kind="volunteers.scan_undone" if change.row.undone else "volunteers.scan_restored",
        once=f"volunteers.undo:{change.row.id}",
        facts=facts | {"why": reason_words(decision.reason.strip())},
        useful_until=clock.now() + TOLD_WITHIN,
    )
