"""The waiting list: parties in the order in which they came, and offers of freed seats that end.

A freed seat goes to the first party that fits as a whole, so a single person may be offered it before a family that
came earlier. Nothing is offered once the session has begun; an offer that was refused or ran out does not queue again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app import clock
from models.activities import LIVE, ActivitySession, Enrolment, hold
from models.identity import Person

CLAIM_BEFORE = timedelta(hours=2)  # who takes a seat lets us know by then
SHORTEST_CLAIM = timedelta(minutes=30)


def queue_of(held: ActivitySession) -> Select[Enrolment]:
    """The heads of the waiting parties, in their order."""
    mine = Enrolment.session_id == held.id, Enrolment.state == "waiting", Enrolment.line.is_not(None)
    return select(Enrolment).where(*mine).order_by(Enrolment.line)


def next_number(session: Session, held: ActivitySession) -> int:
    """Draw a number; the session is held, so that nobody else has it."""
    hold(session, held)
    held.line += 1
    session.flush()
    return held.line


def place_in_line(session: Session, head: Enrolment) -> int:
    """1 for the next one. Counted, never stored: it has no gaps, whoever leaves."""
    ahead = select(func.count()).where(
        Enrolment.session_id == head.session_id,
        Enrolment.state == "waiting",
        Enrolment.line < head.line,
    )
    return (session.scalar(ahead) or 0) + 1


def claim_until(held: ActivitySession, now: datetime) -> datetime | None:
    """Until when an offer made now is kept; None when nothing may be offered any more."""
    if now >= held.starts or held.state not in LIVE:
        return None
    usual = now + timedelta(minutes=held.activity.claim_minutes)
    last = max(held.starts - CLAIM_BEFORE, min(now + SHORTEST_CLAIM, held.starts))
    return min(usual, last)


def offers_to(person: Person) -> Select[ActivitySession]:
    """Sessions in which seats are kept for a party that this person heads or belongs to."""
    head = aliased(Enrolment)
    until = func.coalesce(Enrolment.offered_until, head.offered_until)
    return (
        select(ActivitySession)
        .join(Enrolment, Enrolment.session_id == ActivitySession.id)
        .outerjoin(head, head.id == Enrolment.party_id)
        .where(
            Enrolment.person_id == person.id,
            Enrolment.state == "offered",
            until > clock.now(),
            ActivitySession.state.in_(LIVE),
        )
        .order_by(until, ActivitySession.id)
    )


def offers_in(held: ActivitySession) -> Select[Enrolment]:
    """The heads for whom seats of this session are kept."""
    kept = Enrolment.session_id == held.id, Enrolment.state == "offered", Enrolment.offered_until.is_not(None)
    return select(Enrolment).where(*kept).order_by(Enrolment.id)


def offers_over() -> Select[Enrolment]:
    """Heads whose offer has run out."""
    over = Enrolment.state == "offered", Enrolment.offered_until <= clock.now()
    return select(Enrolment).where(*over).order_by(Enrolment.session_id, Enrolment.id)


def queues_over() -> Select[Enrolment]:
    """Heads that still wait for a session that has begun or is called off: their time is past."""
    begun = (ActivitySession.starts <= clock.now()) & (ActivitySession.state != "cancelled")
    return (
        select(Enrolment)
        .join(ActivitySession, ActivitySession.id == Enrolment.session_id)
        .where(Enrolment.state == "waiting", Enrolment.line.is_not(None), begun)
        .order_by(Enrolment.session_id, Enrolment.id)
    )


def turn(session: Session, row: Enrolment, was: tuple[str, ...], to: str, **values: object) -> bool:
    """Change the state once, for the whole party: its head and everybody on file who comes along."""
    session.flush()
    statement = (
        update(Enrolment)
        .where((Enrolment.id == row.id) | (Enrolment.party_id == row.id), Enrolment.state.in_(was))
        .values(state=to, changed_at=clock.now(), **values)
        .returning(Enrolment.id)
        .execution_options(synchronize_session="fetch")
    )
    return row.id in set(session.scalars(statement))


def broken_lines(session: Session) -> list[str]:
    """Offers only with an end and before the start, numbers only of those that were drawn, and nobody of a party in
    another state than its head."""
    waits = select(Enrolment.id).join(ActivitySession, ActivitySession.id == Enrolment.session_id)
    waits = waits.where(Enrolment.party_id.is_(None)).order_by(Enrolment.id)
    unnumbered = or_(Enrolment.line.is_(None), Enrolment.line > ActivitySession.line)
    endless = or_(Enrolment.offered_until.is_(None), Enrolment.offered_until > ActivitySession.starts)
    wrong = {
        "waits without a number": waits.where(Enrolment.state.in_(("waiting", "offered")), unnumbered),
        "is offered a seat without a sensible end": waits.where(Enrolment.state == "offered", endless),
    }
    broken = [
        f"enrolment {number} {what}" for what, which in wrong.items() for number in session.scalars(which)
    ]
    head = select(Enrolment.id, Enrolment.state).subquery()
    astray = (
        select(Enrolment.id)
        .join(head, head.c.id == Enrolment.party_id)
        .where(Enrolment.state.in_(("waiting", "offered")), Enrolment.state != head.c.state)
    )
    broken += [f"enrolment {number} waits for a party that does not" for number in session.scalars(astray)]
    return broken


def late_offers(session: Session) -> list[str]:
    """An offer is over within the hour after its end, whatever became of the job."""
    over = Enrolment.state == "offered", Enrolment.offered_until < clock.now() - timedelta(hours=1)
    late = select(Enrolment.id).where(*over).order_by(Enrolment.id)
    return [f"offer of enrolment {number} is not over" for number in session.scalars(late)]
