"""A seat that changes hands or is given back without its owner's click: for teams, whose shifts are sessions."""

from __future__ import annotations

from app import audit, clock
from handlers.activities.admitting import must_not_have_withdrawn
from handlers.activities.joining import give_up, write_row
from handlers.activities.wishes import must_be_live
from models import activities as model
from models.activities import ActivitySession, Enrolment
from models.identity import Actor, Person
from models.refusal import Refusal


def hand_over(by: Actor, session: ActivitySession, giver: Person, taker: Person) -> Enrolment:
    """The seat of one is another's, in one step: nobody who waits gets in between. Whether the two agree, and who may
    take it, is for who calls this."""
    model.hold(by.session, session)
    must_be_live(session)
    if session.starts <= clock.now():
        raise Refusal("activities.has_begun", session=session)
    row = model.enrolment_of(by.session, session, giver)
    if row is None or row.state != "joined" or not row.comes:
        raise Refusal("activities.not_joined", session=session)
    if model.has_joined(by.session, session, taker):
        raise Refusal("activities.is_in_already", session=session, name=taker.name or "")
    must_not_have_withdrawn(by, taker)
    group = row.group
    row.state, row.party_id, row.changed_at = "left", None, clock.now()
    by.session.flush()
    taken = write_row(by, session, taker, "joined", how="admitted", group=group)
    audit.note(by, "activities.hand_over", taken, session=session.id)
    return taken


def free_seat(by: Actor, session: ActivitySession, person: Person) -> bool:
    """Whoever may come no longer gives the place back, whatever the deadline; False when there was none."""
    model.hold(by.session, session)
    row = model.enrolment_of(by.session, session, person)
    if row is None or row.state == "left":
        return False
    give_up(by, row)
    audit.note(by, "activities.free_seat", row, session=session.id)
    return True
