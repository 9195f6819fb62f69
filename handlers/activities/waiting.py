"""The waiting list at work: freed seats are offered to the first party that fits, and an offer ends."""

from __future__ import annotations

from dataclasses import replace

from app import audit, clock
from handlers.activities.telling import tell_head
from handlers.people import actions as people
from models import activities_line as line
from models.activities import ActivitySession, Enrolment, hold
from models.activities_party import companions_of, keep_answers, seats_of
from models.activities_seats import free_seats, take_seats
from models.identity import Actor

MOST_AT_ONCE = 200


def hand_out(by: Actor, session: ActivitySession) -> int:
    """Offer what is free to those who wait, in their order, each party as a whole; how many parties. The session is
    held until the unit ends, so nobody else takes the seats meanwhile."""
    hold(by.session, session)
    until = line.claim_until(session, clock.now())
    if until is None or session.seats_left <= 0:
        return 0
    offered = 0
    for head in by.session.scalars(line.queue_of(session)).all():
        if session.seats_left <= 0:
            break
        if people.has_withdrawn(replace(by, person=head.person), "volunteer"):
            drop(by, head)
        elif take_seats(by.session, session, seats_of(by.session, head)):
            offered += 1
            line.turn(by.session, head, ("waiting",), "offered")
            head.offered_until = until
            tell_head(by, head, "offered", until=until.isoformat(), useful_until=until)
            audit.note(by, "activities.offer", head, session=session.id)
    return offered


def shorten_offers(by: Actor, session: ActivitySession) -> None:
    """Nothing is kept past the start, also when that has moved nearer."""
    past = line.offers_in(session).where(Enrolment.offered_until > session.starts)
    for head in by.session.scalars(past).all():
        head.offered_until = session.starts
    by.session.flush()


def drop(by: Actor, head: Enrolment) -> None:
    """A party is out, whatever it was: its seats are free again, and what it told is gone. The session is held."""
    seats, seated = seats_of(by.session, head), head.state in ("joined", "offered")
    if line.turn(by.session, head, ("joined", "offered", "waiting"), "left") and seated:
        free_seats(by.session, head.session, seats)
    head.offered_until = None
    forget_party(by, head)


def forget_party(by: Actor, head: Enrolment) -> None:
    """Companions' names and the form: they are needed no more. Family on file stand by themselves again."""
    for one in companions_of(by.session, head):
        by.session.delete(one)
    keep_answers(by.session, head, {})
    by.session.flush()


# ---- because time passed -----------------------------------------------------------------------------------


def end_offers(by: Actor) -> int:
    """Offers that ran out: the seats go to the next who fit. Who let it pass does not queue again by itself."""
    ended = 0
    for head in by.session.scalars(line.offers_over().limit(MOST_AT_ONCE)).all():
        hold(by.session, head.session)
        by.session.refresh(head)
        if head.state != "offered" or head.offered_until is None or head.offered_until > clock.now():
            continue
        ended += 1
        drop(by, head)
        tell_head(by, head, "offer_over")
        audit.note(by, "activities.offer_over", head, session=head.session_id)
        hand_out(by, head.session)
    return ended


def end_queues(by: Actor) -> int:
    """Who still waits when it begins is told that it came to nothing this time."""
    ended = 0
    for head in by.session.scalars(line.queues_over().limit(MOST_AT_ONCE)).all():
        hold(by.session, head.session)
        by.session.refresh(head)
        if head.state == "waiting":
            ended += 1
            drop(by, head)
            tell_head(by, head, "line_over")
    return ended
