"""At the door: on the way, done with a log of one minute, confirmed by the resident, opened again with its number."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import clock
from handlers.circle import messages
from handlers.circle.asking import (
    DESK_WITHIN,
    must_be,
    note,
    offer,
    own,
    own_or_staff,
    theirs_or_staff,
    to_desk,
)
from models.appointments import Appointment
from models.base import insert_once
from models.circle_fit import Fit, HalfDay, fit
from models.circle_jobs import ASK_AFTER, LONGEST_LOG, FollowUp, HomeJob, job_of_visit
from models.circle_lists import provider_at
from models.circle_places import landmark_in
from models.identity import Actor
from models.refusal import Refusal
from models.resources import hold_resources, leave

REOPEN_DAYS = 3
NOON = 12
MOST_MINUTES, MOST_YUAN = 600, 100_000


def set_out(by: Actor, job: HomeJob) -> HomeJob:
    theirs_or_staff(by, job)
    must_be(job, "accepted")
    job.state = "under_way"
    note(by, job, "circle.set_out")
    messages.to_resident(by.session, job, "circle.under_way")
    return job


def finish(
    by: Actor, job: HomeJob, log: str, *, minutes: int | None = None, yuan: int | None = None
) -> HomeJob:
    """The log of one minute: what was done, how long it took, what it cost. The resident is asked whether it is so."""
    theirs_or_staff(by, job)
    must_be(job, "accepted", "under_way")
    if not log.strip():
        raise Refusal("circle.needs_log")
    job.log = log.strip()[:LONGEST_LOG]
    job.minutes = None if minutes is None else max(0, min(minutes, MOST_MINUTES))
    job.yuan = None if yuan is None else max(0, min(yuan, MOST_YUAN))
    leave(by.session, job.source)
    job.state, job.due, job.done_at = "done", None, clock.now()
    note(by, job, "circle.finish", minutes=job.minutes)
    messages.to_resident(by.session, job, "circle.done")
    _follow_later(by, job)
    return job


def confirm(by: Actor, job: HomeJob) -> HomeJob:
    """The resident says that it is as the log says."""
    own(by, job)
    must_be(job, "done")
    job.state, job.confirmed_at = "closed", clock.now()
    note(by, job, "circle.confirm")
    return job


def reopen(by: Actor, job: HomeJob) -> HomeJob:
    """It is not well: the same number goes to the same provider as soon as they can, else to the desk."""
    own_or_staff(by, job)
    must_be(job, "done", "closed")
    if not job.can_be_reopened:
        raise Refusal("circle.too_late_to_reopen", job=job)
    _waits_no_more(by, job)
    job.reopened += 1
    job.passed, job.urgent, job.confirmed_at = [], True, None
    return _offer_again(by, job, _same_again(by, job))


def go_on(by: Actor, appointment: Appointment) -> HomeJob:
    """A booked visit that was not well after all goes on as a job under the number that its resident knows."""
    if by.person is None or appointment.person_id != by.person.id:
        raise Refusal("circle.not_yours")
    known = job_of_visit(by.session, appointment.id)
    if known is not None:
        return known if known.is_open else reopen(by, known)
    job = HomeJob(person=by.me, service=appointment.service, state="desk", urgent=True, channel=by.channel)
    job.told_by, job.provider = appointment.id, provider_at(by.session, appointment)
    job.name, job.phone = appointment.visitor_name, appointment.phone or by.me.phone
    job.address, job.reopened, job.due = appointment.address, 1, clock.now() + DESK_WITHIN
    job.landmark = landmark_in(by.session, appointment.address or "")
    by.session.add(job)
    by.session.flush()
    found = _same_again(by, job) if appointment.service.home_visit else None
    return _offer_again(by, job, found)


def _offer_again(by: Actor, job: HomeJob, found: Fit | None) -> HomeJob:
    job.window_starts = job.window_ends = None
    if found is None:
        return to_desk(by, job)
    here = clock.local(found.starts)
    half = HalfDay(here.date(), "am" if here.hour < NOON else "pm")
    job.window_starts, job.window_ends = half.starts, half.ends
    return offer(by, job, found, "circle.reopen")


def _same_again(by: Actor, job: HomeJob) -> Fit | None:
    """The provider who was there, on the first of the coming days on which they can."""
    provider, service = job.provider, job.service
    if provider is None or service is None or not provider.is_open:
        return None
    hold_resources(by.session, [provider.resource])
    for ahead in range(REOPEN_DAYS + 1):
        for part in ("am", "pm"):
            half = HalfDay(clock.today() + timedelta(days=ahead), part)
            found = fit(by.session, provider, service, half.starts, half.ends, job.landmark)
            if found is not None:
                return found
    return None


def _follow_later(by: Actor, job: HomeJob) -> None:
    if job.person_id is None:
        return
    day = clock.today()
    row = {"person_id": job.person_id, "title": job.public_name, "day": day, "state": "waiting"}
    insert_once(by.session, FollowUp, source=job.round, ask_at=clock.now() + ASK_AFTER, asked_at=None, **row)


def _waits_no_more(by: Actor, job: HomeJob) -> None:
    row = by.session.scalar(select(FollowUp).where(FollowUp.source == job.round))
    if row is not None and row.state in ("waiting", "asked"):
        row.state = "again"
