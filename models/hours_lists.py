"""What waits, and for whom: records to confirm, to hear of, to decide, to post, to put right."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from app import clock
from app.understanding.calendar import working_day_after
from models.activities import LIVE, Activity, ActivitySession, Enrolment
from models.activities_audience import leads
from models.hours import ServiceHours
from models.identity import Person

CLAIM_WITHIN = timedelta(days=14)
ANSWER_DAYS = 5  # working days in which an objection is answered
DOUBTFUL = (
    "auto_out",
    "long",
    "device_clock",
    "by_leader",
    "without_code",
    "place_far",
    "changed",
    "day",
    "overlap",
    "absent",
    "manual",
)


def _is_over() -> ColumnElement[bool]:
    """Nobody confirms while the session is still on."""
    on = select(ActivitySession.id).where(ActivitySession.state.in_(LIVE), ActivitySession.ends > clock.now())
    return or_(ServiceHours.session_id.is_(None), ServiceHours.session_id.not_in(on))


def _unconfirmed() -> ColumnElement[bool]:
    return and_(ServiceHours.state == "provisional", ServiceHours.confirmed_at.is_(None))


def to_confirm() -> Select[ServiceHours]:
    """What waits for the coordinator's yes; the oldest first."""
    return _shown().where(_unconfirmed(), _is_over()).order_by(ServiceHours.started_at, ServiceHours.id)


def to_confirm_in(held: ActivitySession) -> Select[ServiceHours]:
    return (
        _shown()
        .where(_unconfirmed(), ServiceHours.session_id == held.id)
        .order_by(ServiceHours.started_at, ServiceHours.id)
    )


def rows_in(held: ActivitySession) -> Select[ServiceHours]:
    """All records of a session, void ones apart, in the order in which people came."""
    mine = ServiceHours.session_id == held.id, ServiceHours.state != "void"
    return _shown().where(*mine).order_by(ServiceHours.started_at, ServiceHours.id)


def waiting_for_served() -> Select[ServiceHours]:
    """The coordinator said yes, who was served has not answered; the longest first."""
    mine = ServiceHours.state == "provisional", ServiceHours.confirmed_at.is_not(None)
    return _shown().where(*mine).order_by(ServiceHours.served_asked_at, ServiceHours.id)


def unanswered_by_served(now: datetime, days: int) -> Select[ServiceHours]:
    """Those that have waited for longer than the community set: somebody telephones."""
    return waiting_for_served().where(ServiceHours.served_asked_at < now - timedelta(days=days))


def asked_of(person: Person) -> Select[ServiceHours]:
    """What this person is asked about as the one who was served; the oldest first."""
    return (
        waiting_for_served()
        .where(ServiceHours.served_id == person.id, ServiceHours.served_at.is_(None))
        .order_by(None)
        .order_by(ServiceHours.started_at, ServiceHours.id)
    )


def disputed() -> Select[ServiceHours]:
    """Objections, the oldest first: they are answered within five working days."""
    return (
        _shown().where(ServiceHours.state == "disputed").order_by(ServiceHours.objected_at, ServiceHours.id)
    )


def differing() -> Select[ServiceHours]:
    """Posted as one number while the scans say another since."""
    differs = or_(ServiceHours.seen.is_(None), ServiceHours.seen != ServiceHours.counted)
    return _shown().where(ServiceHours.state == "posted", differs).order_by(ServiceHours.id)


def held_back() -> Select[ServiceHours]:
    """Due, and the time bank would not take it."""
    mine = ServiceHours.state == "confirmed", ServiceHours.held_back.is_not(None)
    return _shown().where(*mine).order_by(ServiceHours.dispute_until, ServiceHours.id)


def in_window() -> Select[ServiceHours]:
    """Confirmed, and open to objection; what is posted first stands first."""
    return (
        _shown()
        .where(ServiceHours.state == "confirmed", ServiceHours.held_back.is_(None))
        .order_by(ServiceHours.dispute_until, ServiceHours.id)
    )


def posted() -> Select[ServiceHours]:
    return _shown().where(ServiceHours.state == "posted").order_by(ServiceHours.id.desc())


def due_to_post() -> Select[ServiceHours]:
    """Confirmed, undisputed, and the time to object is over; what was refused before is tried last. Another scheduler's
    rows are passed over."""
    due = ServiceHours.state == "confirmed", ServiceHours.dispute_until <= clock.now()
    tried = ServiceHours.held_back.is_not(None)
    rows = select(ServiceHours).where(*due).order_by(tried, ServiceHours.dispute_until, ServiceHours.id)
    return rows.with_for_update(skip_locked=True)


def _shown() -> Select[ServiceHours]:
    return select(ServiceHours).options(joinedload(ServiceHours.person), joinedload(ServiceHours.session))


def led_and_waiting(person: Person) -> Select[ServiceHours]:
    """What waits for this resident's yes as a leader; their own waits for the staff."""
    held = ActivitySession.id == ServiceHours.session_id, Activity.id == ActivitySession.activity_id
    theirs = exists().where(*held, leads(person))
    own = or_(ServiceHours.person_id == person.id, ServiceHours.served_id == person.id)
    return to_confirm().where(theirs, own.is_not(True))


def answer_day(row: ServiceHours) -> date | None:
    """The day by which an objection is answered: the fifth working day after it."""
    if row.objected_at is None:
        return None
    return working_day_after(clock.local(row.objected_at).date(), ANSWER_DAYS)


def unrecorded(person: Person) -> Select[ActivitySession]:
    """Sessions of the last two weeks that they had joined and of which nothing is written down; the latest first."""
    known = exists().where(
        ServiceHours.session_id == ActivitySession.id,
        ServiceHours.person_id == person.id,
        ServiceHours.state != "void",
    )  # before a NOT IN PostgreSQL reads what everybody did in two weeks
    return (
        select(ActivitySession)
        .join(Enrolment, Enrolment.session_id == ActivitySession.id)
        .where(
            Enrolment.person_id == person.id,
            Enrolment.state == "joined",
            ActivitySession.state != "cancelled",
            ActivitySession.ends <= clock.now(),
            ActivitySession.ends >= clock.now() - CLAIM_WITHIN,
            ~known,
        )
        .order_by(ActivitySession.starts.desc(), ActivitySession.id)
    )
