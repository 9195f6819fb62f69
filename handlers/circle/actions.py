"""What happens to jobs: ordered, accepted or not, given to somebody by the desk, taken back; and alarms.

The one of all who can come who has the least to do is asked first (asking.py); what happens at the door is visiting.py.
Each unit locks the resident first, then the job, then the providers' time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app import clock
from app.understanding.phone import name_in, phone_in
from handlers.circle import messages
from handlers.circle.asking import (
    DESK_WITHIN,
    URGENT_WITHIN,
    end,
    find,
    lock,
    must_be,
    note,
    offer,
    own,
    own_or_staff,
    pass_on,
    staff_only,
    theirs_or_staff,
)
from handlers.people import actions as people
from models.appointments import Contact
from models.booking_rules import lock_person
from models.circle import Provider
from models.circle_fit import HalfDay, free_halves
from models.circle_jobs import (
    LONGEST_LOG,
    MOST_OPEN,
    OPEN,
    HomeJob,
    jobs_of,
    overdue_offers,
    same_emergency,
)
from models.circle_places import landmark_in
from models.duty import ring
from models.identity import Actor, Person
from models.plans import Service
from models.refusal import Refusal
from models.resources import leave, occupy

AFTER_VISIT = timedelta(hours=2)
SAME_WITHIN = timedelta(hours=2)


# ---- ordering ------------------------------------------------------------------------------------------------------


def order(
    by: Actor,
    service: Service,
    half: HalfDay,
    contact: Contact,
    *,
    for_: Person | None = None,
    words: str | None = None,
) -> HomeJob:
    """Somebody is to come on this half day: the one of all who can who has the least to do is asked.

    Refuses with people.consent_needed, circle.too_many, .needs_name, .needs_phone, .needs_address, .nobody_then.
    """
    person = for_ or by.me
    lock_person(by.session, person)
    _agree(by, person)
    if by.staff is None and _open_of(by, person) >= MOST_OPEN:
        raise Refusal("circle.too_many", most=MOST_OPEN)
    job = _row(by, person, service, _checked(by, person, contact))
    job.window_starts, job.window_ends, job.words = half.starts, half.ends, words
    found = find(by, job)
    if found is None:
        halves = [one.code for one in free_halves(by.session, service, job.landmark)]
        raise Refusal("circle.nobody_then", instead=halves[:2], half=half.code)
    by.session.add(job)
    offer(by, job, found, "circle.order")
    return job


def take_back(by: Actor, job: HomeJob, *, reason: str = "") -> HomeJob:
    """Nobody needs to come any more. The resident's, or the staff's; who was to come is told."""
    own_or_staff(by, job)
    must_be(job, *OPEN)
    provider = job.provider if job.state in ("accepted", "under_way", "offered") else None
    end(by, job, "cancelled")
    note(by, job, "circle.take_back", why=bool(reason))
    if provider is not None:
        messages.to_provider(by.session, provider, job, "circle.taken_back")
    if by.staff is not None:
        messages.to_resident(by.session, job, "circle.cancelled", reason=reason)
    return job


# ---- yes or no -----------------------------------------------------------------------------------------------------


def accept(by: Actor, job: HomeJob) -> HomeJob:
    """The provider says yes, or told the staff so by telephone."""
    theirs_or_staff(by, job)
    must_be(job, "offered")
    job.state = "accepted"
    job.due = (job.ends or clock.now()) + AFTER_VISIT
    note(by, job, "circle.accept")
    messages.to_resident(by.session, job, "circle.accepted")
    return job


def decline(by: Actor, job: HomeJob) -> HomeJob:
    """Not me: the next one who can is asked. After a yes, the resident hears of the change when it is settled."""
    theirs_or_staff(by, job)
    must_be(job, "offered", "accepted")
    note(by, job, "circle.decline")
    return pass_on(by, job)


# ---- the desk ------------------------------------------------------------------------------------------------------


def assign(by: Actor, job: HomeJob, provider: Provider, starts: datetime) -> HomeJob:
    """The staff have agreed it with somebody by telephone: their time is held, the resident is told."""
    staff_only(by)
    must_be(job, "desk", "offered", "accepted")
    if provider.has_lapsed or not provider.may_work_on(clock.local(starts).date()):
        raise Refusal("circle.licence_lapsed", provider=provider)
    leave(by.session, job.source)
    minutes = job.service.minutes if job.service else 60
    ends = starts + timedelta(minutes=minutes)
    occupy(by.session, [provider.resource], starts, ends, job.source)
    job.state, job.provider, job.starts, job.ends = "accepted", provider, starts, ends
    job.due, job.staff = ends + AFTER_VISIT, by.staff
    note(by, job, "circle.assign", provider=provider.id)
    messages.to_resident(by.session, job, "circle.accepted")
    messages.to_provider(by.session, provider, job, "circle.assigned")
    return job


def take_up(by: Actor, job: HomeJob) -> HomeJob:
    """One of the staff sees to it themselves."""
    staff_only(by)
    must_be(job, "desk")
    job.staff = by.staff
    job.due = clock.now() + DESK_WITHIN
    note(by, job, "circle.take_up")
    return job


def settle(by: Actor, job: HomeJob, log: str) -> HomeJob:
    """The desk has dealt with it without sending anybody: an emergency that is over, a word on the telephone."""
    staff_only(by)
    must_be(job, "desk")
    job.staff, job.log = by.staff, log[:LONGEST_LOG] or None
    end(by, job, "closed")
    job.done_at = clock.now()
    note(by, job, "circle.settle")
    return job


# ---- emergencies ---------------------------------------------------------------------------------------------------


def raise_alarm(by: Actor, kind: str, words: str) -> HomeJob:
    """A silent ticket before everything else: asked of nobody, whoever says it, at any hour, however many wait. Said
    again within two hours it is the same one."""
    known = same_emergency(by.session, by.me, kind, clock.now() - SAME_WITHIN)
    if known is not None:
        return known
    job = HomeJob(person=by.me, emergency=kind, state="desk", urgent=True, channel=by.channel)
    job.due = clock.now() + URGENT_WITHIN
    job.name, job.phone, job.words = by.me.name, by.me.phone, words[:LONGEST_LOG]
    job.address = by.me.place.full_name if by.me.place else None
    by.session.add(job)
    note(by, job, "circle.raise_alarm", kind=kind)
    ring(by.session, "desk")
    return job


def false_alarm(by: Actor, job: HomeJob) -> HomeJob:
    """It is over, or was said by mistake."""
    own(by, job)
    must_be(job, "desk")
    end(by, job, "cancelled")
    note(by, job, "circle.false_alarm")
    return job


# ---- time passed ---------------------------------------------------------------------------------------------------


def expire_offers(by: Actor) -> int:
    """Who said nothing until the due time has said no."""
    rows = by.session.scalars(overdue_offers()).all()
    for job in rows:
        lock(by, job)
        if job.state == "offered" and job.due is not None and job.due <= clock.now():
            note(by, job, "circle.no_answer")
            pass_on(by, job)
    return len(rows)


# ---- steps ---------------------------------------------------------------------------------------------------------


def _agree(by: Actor, person: Person) -> None:
    """Nothing of a resident is kept without their consent; who comes to the desk has told it there."""
    if by.staff is None:
        people.agree_to_service(by)
    elif person.name is None:
        people.agree_by_doing(replace(by, person=person), "service")


def _open_of(by: Actor, person: Person) -> int:
    rows = by.session.scalars(jobs_of(person).where(HomeJob.state.in_(OPEN), HomeJob.emergency.is_(None)))
    return len(rows.all())


def _checked(by: Actor, person: Person, told: Contact) -> Contact:
    """What a visit needs; the name stays with the person, since it is asked for once."""
    name = (by.helped.name if by.helped else None) or told.name or person.name
    if name is None or name_in(name) is None:
        raise Refusal("circle.needs_name")
    phone = phone_in(told.phone or "") or (by.helped.phone if by.helped else person.phone)
    if phone is None:
        raise Refusal("circle.needs_phone")
    address = " ".join((told.address or "").split())
    if len(address) < 2:
        raise Refusal("circle.needs_address")
    if person.name is None and by.helped is None:
        person.name = name_in(name)
    return Contact(name_in(name), phone, address[:60])


def _row(by: Actor, person: Person, service: Service, told: Contact) -> HomeJob:
    job = HomeJob(person=person, service=service, state="offered", channel=by.channel, passed=[])
    job.name, job.phone, job.address = told.name, told.phone, told.address
    job.landmark = landmark_in(by.session, told.address or "")
    return job
