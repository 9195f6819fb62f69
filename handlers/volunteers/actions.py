"""What happens at a session: people check in and out, leaders vouch for them, closing settles who forgot to leave.

Locks are taken in one order, session before person, by everybody who writes attendance.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from app import audit, clock
from handlers.activities import actions as activities
from handlers.hours import actions as hours
from handlers.volunteers import consent, guardians, trust
from models import activities as plan
from models import place_code, scan_undo, stays
from models import volunteers as model
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.refusal import Refusal
from models.volunteers import Attendance, Scan

CLOCK_DRIFT = timedelta(minutes=5)
SKEW = timedelta(seconds=1)

Kind = Literal["in", "out", "repeat", "elsewhere", "undone", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check-in came to. "refused" (with `why`) is no exception because its count of tries must be committed;
    "elsewhere" comes only from a leader's queue: the scan is kept, the person was still checked in at another
    session; "undone" from any repeat of a scan that was taken back. `walked_in`: they had not signed up and now have.
    `first`: they must be told that their time is kept."""

    kind: Kind
    session: ActivitySession
    attendance: Attendance | None = None
    why: Refusal | None = None
    walked_in: bool = False
    first: bool = False
    scan: Scan | None = None


# ---- checking in and out ---------------------------------------------------------------------------------------------


def check(
    by: Actor,
    session: ActivitySession,
    *,
    digits: str | None = None,
    token: str | None = None,
    nonce: str | None = None,
    occurred_at: datetime | None = None,
    seen: trust.Seen = trust.NOTHING,
) -> Outcome:
    """In when out, out when in, proved by the digits or the link's token on the leader's screen NOW. The same `nonce`
    twice is one record. `occurred_at` is the device's clock: believed within a minute, else flagged and replaced.
    `seen` is what else the phone told.

    Raises Refusal: other_device, not_yet, over, called_off, code_expired, too_many_tries, elsewhere,
    people.consent_needed, or why they may not walk in.
    """
    person = hold(by, session, by.me)
    trust.refuse_second_device(by, session, person, seen)
    known = model.scan_of(by.session, person, nonce) if nonce else None
    if known is not None:
        return _as_before(by, known)
    must_be_time(session)
    consent.respect_withdrawal(by)
    refused = _proof(by, session, digits, token)
    if refused is not None:
        return Outcome("refused", session, why=refused)
    happened, flags = _moment(occurred_at, stays.AGAIN)
    flags += trust.flags_of(by, session, person, seen)
    scan = _scan(by, session, person, way="turn", nonce=nonce, at=happened, flags=flags)
    scan.device = trust.device_at(session, seen.device)
    outcome = _record(by, scan, person)
    trust.keep(by, scan, seen)
    model.forgive(by.session, person, session)
    return outcome


def tick(
    by: Actor,
    session: ActivitySession,
    person: Person,
    way: model.Way,
    *,
    nonce: str | None = None,
    occurred_at: datetime | None = None,
    seen: str = "by_leader",
    flags: Iterable[str] = (),
) -> Outcome:
    """The leader has seen the person come ("in") or go ("out"): by name, without a code, also after five wrong tries,
    also beyond the seats, also later from a queue (`occurred_at`, with a nonce). `seen` is the flag that says how,
    `flags` what is odd about it."""
    activities.must_lead(by, session)
    hold(by, session, person)
    known = model.scan_of(by.session, person, nonce) if nonce else None
    if known is not None:
        return _as_before(by, known)
    happened, doubts = _moment(occurred_at, None)
    if session.state == "cancelled" or not session.opens_at <= happened <= session.shuts_at:
        raise Refusal("volunteers.out_of_hours", session=session)
    if way == "in":
        activities.must_not_have_withdrawn(by, person)
    model.forgive(by.session, person, session)
    own = ["by_self"] if by.person is not None and by.person.id == person.id else []
    flags = [*flags, *doubts, *own, seen]
    scan = _scan(by, session, person, way=way, nonce=nonce, at=happened, flags=flags)
    return _record(by, scan, person, queued=occurred_at is not None, led=True)


def leave_without_code(by: Actor, attendance: Attendance) -> Outcome:
    """Who is already away says so: out now, at the latest at the planned end, for the leader to look at."""
    session = attendance.session
    person = hold(by, session, by.me)
    by.session.refresh(attendance)
    if attendance.person_id != person.id or attendance.left_at is not None:
        raise Refusal("volunteers.not_in")
    return end_now(by, attendance, person)


def end_now(by: Actor, attendance: Attendance, person: Person) -> Outcome:
    """Out without a code, at the latest at the planned end."""
    session = attendance.session
    left = max(min(clock.now(), session.last_moment), attendance.came_at)
    scan = _scan(by, session, person, way="out", nonce=None, at=left, flags=["without_code"])
    return _record(by, scan, person)


def must_be_time(session: ActivitySession) -> None:
    """Refuses outside half an hour before the start to half an hour after the end, saying which it is."""
    now = clock.now()
    if session.state == "cancelled":
        raise Refusal("volunteers.called_off", session=session)
    if now < session.opens_at:
        raise Refusal("volunteers.not_yet", session=session)
    if stays.has_ended(session, now):
        raise Refusal("volunteers.over", session=session)


def _proof(by: Actor, session: ActivitySession, digits: str | None, token: str | None) -> Refusal | None:
    """None when the screen was seen; a Refusal to be committed when wrong digits were counted."""
    now = clock.now()
    if token is not None:
        if not place_code.token_is_right(session, token, now):
            raise Refusal("volunteers.code_expired", session=session)
        return None
    if model.tries_left(by.session, by.me, session) <= 0:
        raise Refusal("volunteers.too_many_tries", session=session)
    if place_code.digits_are_right(session, digits or "", now):
        return None
    if place_code.digits_were_right(session, digits or "", now):
        raise Refusal("volunteers.code_expired", session=session)
    left = model.count_wrong(by.session, by.me, session)
    code = "volunteers.wrong_digits" if left else "volunteers.too_many_tries"
    audit.note(by, "volunteers.wrong_digits", session, left=left)
    return Refusal(code, session=session, left=left)


def _moment(claimed: datetime | None, trusted: timedelta | None) -> tuple[datetime, list[str]]:
    """When it happened: what a device says, unless its clock is off. `trusted` None: any time in the past."""
    now = clock.now()
    if claimed is None:
        return now, []
    too_late = claimed > now + CLOCK_DRIFT
    too_early = trusted is not None and claimed < now - trusted
    return (now, ["device_clock"]) if too_late or too_early else (min(claimed, now), [])


# ---- writing a scan --------------------------------------------------------------------------------------------------


def hold(by: Actor, session: ActivitySession, person: Person) -> Person:
    """Two phones of one person are answered one after the other."""
    plan.hold(by.session, session)
    mine = select(Person.id).where(Person.id == person.id)
    by.session.execute(mine.with_for_update(key_share=True))
    return person


def _scan(
    by: Actor,
    session: ActivitySession,
    person: Person,
    *,
    way: str,
    nonce: str | None,
    at: datetime,
    flags: list[str],
) -> Scan:
    scan = Scan(session_id=session.id, person_id=person.id, nonce=nonce or secrets.token_hex(16), way=way)
    scan.occurred_at, scan.channel, scan.flags, scan.session = at, by.channel, flags, session
    return scan


def _record(by: Actor, scan: Scan, person: Person, *, queued: bool = False, led: bool = False) -> Outcome:
    session = scan.session
    _settle_forgotten(by, person, but=session)
    before = model.scans_around(by.session, person, session)
    if not queued:
        scan.occurred_at = _after(before, scan.occurred_at)
    scan_undo.heed(by.session, scan)
    scans = [*before, scan]
    day = stays.Day(scans, clock.now())
    verdict = day.verdicts[scan.nonce]
    if verdict == "elsewhere" and not queued:
        raise Refusal("volunteers.elsewhere", session=session, attendance=model.open_stay(by.session, person))
    walked_in = verdict == "in" and _enrol(by, session, person, scan, led=led)
    first = verdict == "in" and not led and consent.is_first_time(by)
    by.session.add(scan)
    by.session.flush()
    day = stays.Day(scans, clock.now()) if walked_in else day  # the scan has a flag more
    _write(by, person, day, _sessions(scans))
    attendance = model.stay_at(by.session, scan) if verdict != "undone" else None
    if verdict == "in":
        guardians.tell_arrival(by, scan, person)
    audit.note(by, f"volunteers.check_{verdict}", attendance or session, session=session.id, flags=scan.flags)
    return Outcome(verdict, session, attendance, walked_in=walked_in, first=first, scan=scan)


def _after(before: Iterable[Scan], at: datetime) -> datetime:
    """Two phones at the same instant, or two machines whose clocks differ a little: the second comes second."""
    near = [scan.occurred_at for scan in before if timedelta() <= scan.occurred_at - at < SKEW]
    return max(near) + timedelta(microseconds=1) if near else at


def _enrol(by: Actor, session: ActivitySession, person: Person, scan: Scan, *, led: bool) -> bool:
    """Who comes without having signed up is signed up on the spot, if there is a seat or the leader says so."""
    joined = plan.has_joined(by.session, session, person)
    if not joined:
        enrolment = (
            activities.admit(by, session, person, was_there=True) if led else activities.walk_in(by, session)
        )
        scan.flags = [*scan.flags, enrolment.how]
    plan.move(by.session, session, ("planned",), "open")
    return not joined


def _as_before(by: Actor, scan: Scan) -> Outcome:
    """The same scan again: what it was, and nothing more."""
    person = by.session.get_one(Person, scan.person_id)
    day = stays.Day(model.scans_around(by.session, person, scan.session), clock.now())
    verdict = day.verdicts[scan.nonce]
    attendance = model.stay_at(by.session, scan) if verdict != "undone" else None
    return Outcome(verdict, scan.session, attendance, scan=scan)


def _settle_forgotten(by: Actor, person: Person, but: ActivitySession | None = None) -> None:
    """End a stay at a session that is over; the job that does it for all may be late."""
    here = model.open_stay(by.session, person)
    if here is not None and here.session is not but and stays.has_ended(here.session, clock.now()):
        recount(by, person, here.session)


def recount(by: Actor, person: Person, *held: ActivitySession) -> None:
    """Make this person's attendance say again what their scans say, at these sessions and those that touch them."""
    around = [scan for session in held for scan in model.scans_around(by.session, person, session)]
    scans = {scan.id: scan for scan in around}.values()
    sessions = {session.id: session for session in (*held, *_sessions(scans))}.values()
    _write(by, person, stays.Day(scans, clock.now()), list(sessions))


def _write(by: Actor, person: Person, day: stays.Day, held: list[ActivitySession]) -> None:
    """The stays, and the hours that follow from them."""
    stays.write_stays(by.session, person, day, held)
    for session in held:
        hours.follow(by, session, person)


def _sessions(scans: Iterable[Scan]) -> list[ActivitySession]:
    return list({scan.session_id: scan.session for scan in scans}.values())


# ---- the leader's side -----------------------------------------------------------------------------------------------


def close_session(by: Actor, session: ActivitySession) -> int:
    """End it: whoever forgot to leave is out at the planned end, or now when it is closed before. How many that were.
    Closing twice is closing once."""
    activities.must_lead(by, session)
    plan.hold(by.session, session)
    activities.mark_closed(by, session)
    forgot = [row for row in by.session.scalars(model.stays_in(session)) if row.left_at is None]
    for row in sorted(forgot, key=lambda one: one.person_id or 0):
        if row.person is not None:
            hold(by, session, row.person)
            recount(by, row.person, session)
            audit.note(by, "volunteers.auto_out", row, session=session.id)
    return len(forgot)


def leader_link(by: Actor, session: ActivitySession) -> str:
    """The path (below the public address) of the leader's screen: a signed link that opens until checking out ends."""
    activities.must_lead(by, session)
    audit.note(by, "volunteers.leader_link", session)
    return f"/h5/screen/{session.id}/{place_code.leader_ticket(session, session.shuts_at)}"


def minutes_of(by: Actor) -> int:
    """All minutes of the one who asks, confirmed or not."""
    return model.minutes_of(by.session, by.me)
