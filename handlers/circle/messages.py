"""What goes out about jobs: to the resident what was settled, to the provider what is asked; of a discreet service a
lock screen shows neither what it is nor where."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from models import outbox
from models.appointments import REMINDER_AT
from models.circle import Provider
from models.circle_jobs import HomeJob


def to_resident(session: Session, job: HomeJob, kind: str, **facts: Any) -> None:
    if job.person is not None:
        _put(session, job, kind, job.person, facts)


def to_provider(
    session: Session, provider: Provider, job: HomeJob, kind: str, *, due: datetime | None = None
) -> None:
    """Who has linked their WeChat; others are called by the staff. Where it is they read when it is theirs."""
    if provider.person is not None:
        _put(session, job, kind, provider.person, {}, due)


def remind(session: Session, job: HomeJob) -> None:
    """A word on the evening before, long before the quiet hours, once somebody has said yes. Who orders later than that
    has it fresh in mind."""
    if job.person is None or job.state != "accepted" or job.starts is None:
        return
    session.flush()
    due = clock.at(clock.local(job.starts).date() - timedelta(days=1), REMINDER_AT)
    if due > clock.now():
        outbox.put(
            session,
            to=job.person,
            kind="circle.reminder",
            once=_reminder_key(job),
            facts=message_facts(job),
            due=due,
            useful_until=job.starts,
        )


def take_back_reminder(session: Session, job: HomeJob) -> None:
    """What is on its way already is let go."""
    if job.id is not None:
        outbox.cancel(session, _reminder_key(job))


def _reminder_key(job: HomeJob) -> str:
    return f"circle.reminder:{job.id}:{job.revision}"


def _put(
    session: Session, job: HomeJob, kind: str, person: Any, facts: dict[str, Any], due: datetime | None = None
) -> None:
    session.flush()
    outbox.put(
        session,
        to=person,
        kind=kind,
        once=f"{kind}:{job.id}:{job.revision}:{person.id}",
        facts=message_facts(job) | facts,
        due=due,
        useful_until=job.ends,
    )


def message_facts(job: HomeJob) -> dict[str, Any]:
    provider = job.provider
    return {
        "number": job.number,
        "job": job.id,
        "service": job.public_name,
        "provider": provider.name if provider and not job.is_discreet else "师傅",
        "phone": provider.phone if provider else "",
        "starts": (job.starts or clock.now()).isoformat(),
        "has_time": job.starts is not None,
        "until": (job.due or clock.now()).isoformat(),
        "where": job.landmark.name if job.landmark and not job.is_discreet else "",
        "log": (job.log or "") if not job.is_discreet else "",
        "minutes": job.minutes,
        "yuan": job.yuan,
        "at": clock.now().isoformat(),
    }
