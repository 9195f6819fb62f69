"""A job goes from one to the next: offered to a provider whose time is held while they think, passed on, to the desk.

Who says no, or nothing until the due time, gives the time back. Each unit locks the job, then the providers' time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app import audit, clock
from handlers.circle import messages
from models.circle import provider_of
from models.circle_fit import Fit, choose
from models.circle_jobs import HomeJob
from models.duty import ring
from models.identity import Actor
from models.refusal import Refusal
from models.resources import leave, occupy

DESK_WITHIN, URGENT_WITHIN = timedelta(hours=2), timedelta(minutes=30)
THINKING, SHORTEST_THINKING = timedelta(hours=2), timedelta(minutes=15)
WAKING = (7, 21)  # hours between which a provider is asked


def pass_on(by: Actor, job: HomeJob) -> HomeJob:
    """To the next provider who can come on that half day; to the desk when there is none."""
    if job.provider_id is not None:
        job.passed = [*job.passed, job.provider_id]
    leave(by.session, job.source)
    found = find(by, job) if job.window_ends is None or job.window_ends > clock.now() else None
    if found is None:
        return to_desk(by, job)
    return offer(by, job, found, "circle.pass_on")


def to_desk(by: Actor, job: HomeJob) -> HomeJob:
    """The desk as an office answers for it now, and is told at once."""
    leave(by.session, job.source)
    job.state, job.provider, job.starts, job.ends = "desk", None, None, None
    job.due = clock.now() + (URGENT_WITHIN if job.urgent else DESK_WITHIN)
    note(by, job, "circle.to_desk")
    ring(by.session, "desk")
    if job.emergency is None:
        messages.to_resident(by.session, job, "circle.desk_arranges")
    return job


def find(by: Actor, job: HomeJob) -> Fit | None:
    if job.service is None or job.window_starts is None or job.window_ends is None:
        return None
    return choose(
        by.session, job.service, job.window_starts, job.window_ends, there=job.landmark, but=job.passed
    )


def offer(by: Actor, job: HomeJob, found: Fit, action: str) -> HomeJob:
    """Hold the time, then ask: in the daytime, with two hours to think, but always before it would be too late."""
    job.state, job.provider, job.starts, job.ends = "offered", found.provider, found.starts, found.ends
    ask_at = _waking(clock.now())
    latest = max(found.starts - timedelta(hours=1), clock.now() + SHORTEST_THINKING)
    job.due = min(ask_at + THINKING, latest)
    by.session.flush()
    occupy(by.session, [found.provider.resource], found.starts, found.ends, job.source)
    note(by, job, action, provider=found.provider.id)
    messages.to_provider(by.session, found.provider, job, "circle.offered", due=min(ask_at, job.due))
    if found.provider.person_id is None:
        ring(by.session, "desk")  # somebody must ask by telephone
    return job


def _waking(at: datetime) -> datetime:
    here = clock.local(at)
    if WAKING[0] <= here.hour < WAKING[1]:
        return at
    day = here.date() + timedelta(days=here.hour >= WAKING[1])
    return clock.at(day, here.time().replace(hour=WAKING[0], minute=0, second=0, microsecond=0))


def end(by: Actor, job: HomeJob, state: str) -> None:
    leave(by.session, job.source)
    job.state, job.due = state, None


def lock(by: Actor, job: HomeJob) -> None:
    same = select(HomeJob).where(HomeJob.id == job.id).with_for_update(key_share=True, of=HomeJob)
    by.session.scalars(same.execution_options(populate_existing=True)).one()


def must_be(job: HomeJob, *states: str) -> None:
    if job.state not in states:
        raise Refusal("circle.not_now", job=job)


def own(by: Actor, job: HomeJob) -> None:
    if by.person is None or job.person_id != by.person.id:
        raise Refusal("circle.not_yours")
    lock(by, job)


def own_or_staff(by: Actor, job: HomeJob) -> None:
    if by.staff is None and by.channel != "job":
        own(by, job)
    else:
        lock(by, job)


def theirs_or_staff(by: Actor, job: HomeJob) -> None:
    """The provider with whom it is; the staff act for one who has told them by telephone."""
    lock(by, job)
    if by.staff is not None or by.channel == "job":
        return
    mine = provider_of(by.session, by.me) if by.person is not None else None
    if mine is None or job.provider_id != mine.id:
        raise Refusal("circle.not_yours")


def staff_only(by: Actor) -> None:
    if by.staff is None:
        raise Refusal("circle.staff_only")


def note(by: Actor, job: HomeJob, action: str, **facts: object) -> None:
    """Each change: what was to be said on the evening before belongs to the job as it was."""
    messages.take_back_reminder(by.session, job)
    job.revision = (job.revision or 0) + 1
    job.changed_at = clock.now()
    messages.remind(by.session, job)
    audit.note(by, action, job, **facts)
