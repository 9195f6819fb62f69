"""What happens to activities: planned and led by people of the house, joined and left by residents."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select, update

from app import audit, clock
from handlers.people import actions as people
from models import activities as model
from models import outbox
from models.activities import Activity, ActivitySession, Enrolment
from models.base import insert_once
from models.identity import Actor, Person
from models.refusal import Refusal

# ---- planning ----------------------------------------------------------------------------------------------


def plan_activity(
    by: Actor,
    *,
    title: str,
    sentence: str,
    place: str,
    programme: str | None = None,
    at: tuple[float, float] | None = None,
    leader: Person | str,
    listed: bool = True,
) -> Activity:
    """A new activity. `leader` is a resident, or a name from the staff; `at` is (latitude, longitude) in GCJ-02."""
    if not title.strip() or len(title) > 20 or len(sentence) > 120 or len(place) > 40:
        raise Refusal("activities.too_long")
    lat, lng = at or (None, None)
    activity = Activity(title=title, sentence=sentence, place=place, programme=programme, lat=lat, lng=lng)
    activity.listed = listed
    if isinstance(leader, Person):
        activity.leader = leader
    else:
        activity.leader_name = leader
    by.session.add(activity)
    audit.note(by, "activities.plan_activity", activity, programme=programme, listed=listed)
    return activity


def plan_session(
    by: Actor, activity: Activity, *, starts: datetime, ends: datetime, capacity: int
) -> ActivitySession:
    """One more time that the activity takes place; at most 12 hours and 1,000 people."""
    if not starts < ends <= starts + model.LONGEST:
        raise Refusal("activities.bad_times")
    if not 1 <= capacity <= model.MOST_SEATS:
        raise Refusal("activities.bad_capacity")
    planned = ActivitySession(activity=activity, starts=starts, ends=ends, capacity=capacity)
    by.session.add(planned)
    audit.note(by, "activities.plan_session", planned, capacity=capacity)
    return planned


def may_lead(by: Actor, session: ActivitySession) -> bool:
    """Staff, the house's own jobs, and the resident who leads this activity."""
    leads = by.person is not None and by.person.id == session.activity.leader_id
    return by.staff is not None or by.channel == "job" or leads


def must_lead(by: Actor, session: ActivitySession) -> None:
    if not may_lead(by, session):
        raise Refusal("activities.not_leader")


def open_session(by: Actor, session: ActivitySession) -> ActivitySession:
    """Begin: from now on it is shown as under way. Opening twice is opening once."""
    must_lead(by, session)
    if model.move(by.session, session, ("planned",), "open"):
        audit.note(by, "activities.open_session", session)
    elif session.state != "open":
        raise Refusal("activities.is_over", session=session)
    return session


def mark_closed(by: Actor, session: ActivitySession) -> bool:
    """The state alone; whoever is still checked in is settled by handlers/volunteers/actions.close_session."""
    must_lead(by, session)
    closed = model.move(by.session, session, model.LIVE, "closed")
    if closed:
        audit.note(by, "activities.close_session", session)
    return closed


def cancel_session(by: Actor, session: ActivitySession, *, why: str = "") -> ActivitySession:
    """Call it off and tell everybody who has joined; `why` is a few words that they will read."""
    must_lead(by, session)
    if not model.move(by.session, session, model.LIVE, "cancelled"):
        raise Refusal("activities.is_over", session=session)
    for enrolment in by.session.scalars(model.people_in(session)):
        _tell_cancelled(by, enrolment, why)
    audit.note(by, "activities.cancel_session", session, told=session.taken)
    return session


def _tell_cancelled(by: Actor, enrolment: Enrolment, why: str) -> None:
    session = enrolment.session
    facts = {"activity": session.activity.title, "starts": session.starts.isoformat()}
    facts |= {"place": session.activity.place, "why": why[:15]}
    outbox.put(
        by.session,
        to=enrolment.person,
        kind="activities.cancelled",
        once=f"activities.cancelled:{enrolment.id}",
        facts=facts,
        useful_until=session.ends,
    )


# ---- joining and leaving -----------------------------------------------------------------------------------


def sign_up(by: Actor, session: ActivitySession) -> Enrolment:
    """Take a seat. Who has one already keeps it: signing up twice is signing up once. The first time is the consent
    to `volunteer`: the question before it says so. Refuses with activities.is_over, .not_listed, .full (with others
    instead), people.consent_needed."""
    people.respect_withdrawal(by, "volunteer")
    if session.state not in model.LIVE or session.starts <= clock.now():
        raise Refusal("activities.is_over", session=session)
    if not session.activity.listed:
        raise Refusal("activities.not_listed", session=session)
    enrolment = _enrol(by, session, by.me, "signed_up")
    people.agree_by_doing(by, "volunteer")
    return enrolment


def walk_in(by: Actor, session: ActivitySession) -> Enrolment:
    """Sign up on the spot, by being there. A restricted activity takes no walk-ins: the leader admits."""
    people.respect_withdrawal(by, "volunteer")
    if not session.activity.listed:
        raise Refusal("activities.not_listed", session=session)
    return _enrol(by, session, by.me, "walk_in")


def admit(by: Actor, session: ActivitySession, person: Person) -> Enrolment:
    """The leader lets somebody in, with one more seat when all are taken."""
    must_lead(by, session)
    must_not_have_withdrawn(by, person)
    return _enrol(by, session, person, "admitted")


def must_not_have_withdrawn(by: Actor, person: Person) -> None:
    """Nobody enters somebody against that person's no."""
    if people.has_withdrawn(replace(by, person=person), "volunteer"):
        raise Refusal("activities.has_withdrawn")


def _enrol(by: Actor, session: ActivitySession, person: Person, how: str) -> Enrolment:
    if model.has_joined(by.session, session, person):
        return _row(by, session, person)
    if not model.take_seat(by.session, session):
        if session.state not in model.LIVE:
            raise Refusal("activities.is_over", session=session)
        if how != "admitted" or not model.add_seat(by.session, session):
            others = by.session.scalars(model.to_join(person).limit(2))
            raise Refusal("activities.full", session=session, instead=list(others))
    if not _join(by, session, person, how):
        model.give_seat(by.session, session)
    enrolment = _row(by, session, person)
    audit.note(by, f"activities.{how}", enrolment, session=session.id)
    return enrolment


def _join(by: Actor, session: ActivitySession, person: Person, how: str) -> bool:
    """Write the enrolment, new or revived; False when the same person was quicker on another phone."""
    now = clock.now()
    row = {"session_id": session.id, "person_id": person.id, "state": "joined", "how": how}
    if insert_once(by.session, Enrolment, **row, changed_at=now):
        return True
    return _turn(by, session, person, was="left", to="joined", how=how)


def _turn(
    by: Actor, session: ActivitySession, person: Person, *, was: str, to: str, **values: object
) -> bool:
    statement = (
        update(Enrolment)
        .where(Enrolment.session_id == session.id, Enrolment.person_id == person.id, Enrolment.state == was)
        .values(state=to, changed_at=clock.now(), **values)
        .returning(Enrolment.id)
        .execution_options(synchronize_session=False)
    )
    return by.session.execute(statement).first() is not None


def _row(by: Actor, session: ActivitySession, person: Person) -> Enrolment:
    row = model.enrolment_of(by.session, session, person)
    if row is None:
        raise RuntimeError("an enrolment was just written and is not there")
    return row


def leave(by: Actor, session: ActivitySession) -> Enrolment:
    """Give the seat back before it begins. Leaving twice is leaving once."""
    enrolment = model.enrolment_of(by.session, session, by.me)
    if enrolment is None:
        raise Refusal("activities.not_joined", session=session)
    if session.starts <= clock.now():
        raise Refusal("activities.has_begun", session=session)
    if _give_up(by, session, by.me):
        audit.note(by, "activities.leave", enrolment, session=session.id)
    return _row(by, session, by.me)


def _give_up(by: Actor, session: ActivitySession, person: Person) -> bool:
    """The session's row first, then the enrolment: the order in which joining takes them."""
    model.hold(by.session, session)
    return _turn(by, session, person, was="joined", to="left") and model.give_seat(by.session, session)


# ---- a person's rows as a whole -----------------------------------------------------------------


def forget(by: Actor, person: Person) -> None:
    """Erase: seats ahead go back, the enrolments are deleted, and nobody is led by who is gone."""
    for enrolment in _all_of(by, person):
        _give_up(by, enrolment.session, person)
    by.session.execute(delete(Enrolment).where(Enrolment.person_id == person.id))
    by.session.execute(update(Activity).where(Activity.leader_id == person.id).values(leader_id=None))
    audit.note(by, "activities.forget", person)


def _all_of(by: Actor, person: Person) -> list[Enrolment]:
    return list(by.session.scalars(select(Enrolment).where(Enrolment.person_id == person.id)))
