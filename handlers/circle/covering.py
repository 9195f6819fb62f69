"""Somebody is away: what they had promised goes to others at the same time, or is called off with a word to each
resident; then their days are taken, so that nobody is sent to them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock
from handlers.appointments import actions as appointments
from handlers.circle import messages
from handlers.circle.asking import lock, pass_on
from handlers.circle.providing import shut_after, staff_only, theirs_or_staff
from models.appointments import Appointment
from models.circle import Provider, all_providers
from models.circle_jobs import promised
from models.circle_lists import visits_of
from models.identity import Actor
from models.refusal import Refusal
from models.resources import (
    Occupation,
    Resource,
    hold_resources,
    is_taken,
    leave,
    resources_of,
)

LONGEST_ABSENCE = 60  # days
LOOKED_AHEAD = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Covered:
    """How many jobs went to others, how many wait at the desk, how many booked visits were called off."""

    moved: int
    desk: int
    called_off: int


def away_source(provider: Provider, day: date) -> str:
    return f"closed:provider:{provider.id}:{day.isoformat()}"


def cover(by: Actor, provider: Provider, first: date, last: date, reason: str = "") -> Covered:
    """Refuses with circle.staff_only, circle.no_such_days."""
    staff_only(by)
    starts, ends = _days(first, last)
    hold_resources(by.session, resources_in_question(by.session, provider))
    done = _hand_over(by, provider, starts, ends, reason)
    _take_days(by, provider, first, last)
    facts = {"first": first.isoformat(), "last": last.isoformat()}
    audit.note(by, "circle.cover", provider, **facts, **asdict(done))
    return done


def take_from_lapsed(by: Actor) -> int:
    """What is promised for days on which a licence is over goes to others; how much there was."""
    taken = 0
    for provider in by.session.scalars(all_providers()).all():
        until = provider.licensed_until
        if until is not None:
            starts = clock.at(max(until + timedelta(days=1), clock.today()), time())
            hold_resources(by.session, resources_in_question(by.session, provider))
            done = _hand_over(by, provider, starts, starts + LOOKED_AHEAD, "")
            taken += done.moved + done.desk + done.called_off
            shut_after(by, provider)
    return taken


def day_off(by: Actor, provider: Provider, first: date, last: date) -> None:
    """A provider's own days, as long as nothing is promised on them (circle.promised_then): the staff cover that."""
    theirs_or_staff(by, provider)
    starts, ends = _days(first, last)
    hold_resources(by.session, [provider.resource])
    work = _held(by.session, provider, starts, ends)
    if work:
        raise Refusal("circle.promised_then", count=len(work))
    _take_days(by, provider, first, last)
    audit.note(by, "circle.day_off", provider, first=first.isoformat(), last=last.isoformat())


def back_again(by: Actor, provider: Provider, day: date) -> None:
    theirs_or_staff(by, provider)
    leave(by.session, away_source(provider, day))
    audit.note(by, "circle.back_again", provider, day=day.isoformat())


def days_away(session: Session, provider: Provider) -> list[date]:
    """Today's and later ones."""
    mine = Occupation.source.startswith(f"closed:provider:{provider.id}:"), Occupation.ends > clock.now()
    rows = session.scalars(select(Occupation).where(*mine).order_by(Occupation.starts))
    return [clock.local(one.starts).date() for one in rows]


# ---- steps ---------------------------------------------------------------------------------------------------------


def resources_in_question(session: Session, provider: Provider) -> list[Resource]:
    """Everybody who may take over: locked together, in one order."""
    found = {provider.resource.id: provider.resource}
    for service in provider.services:
        found |= {one.id: one for one in session.scalars(resources_of(service.id))}
    return list(found.values())


def _hand_over(by: Actor, provider: Provider, starts: datetime, ends: datetime, reason: str) -> Covered:
    """Jobs to whoever can come on the same half day, visits to whoever does the service at the same time."""
    moved = desk = called_off = 0
    for job in by.session.scalars(promised(provider, starts, ends)).all():
        lock(by, job)
        pass_on(by, job)
        moved, desk = moved + (job.state == "offered"), desk + (job.state == "desk")
        if job.state == "offered":
            messages.to_resident(by.session, job, "circle.moved")
    for visit in visits_of(by.session, provider, starts, ends):
        if _swap(by, provider, visit):
            moved += 1
        else:
            appointments.call_off(by, visit, reason)
            called_off += 1
    return Covered(moved, desk, called_off)


def _days(first: date, last: date) -> tuple[datetime, datetime]:
    if first < clock.today() or last < first or (last - first).days >= LONGEST_ABSENCE:
        raise Refusal("circle.no_such_days", most=LONGEST_ABSENCE)
    return clock.at(first, time()), clock.at(last + timedelta(days=1), time())


def _held(session: Session, provider: Provider, starts: datetime, ends: datetime) -> list[Occupation]:
    near = Occupation.starts < ends, Occupation.ends > starts
    rows = session.scalars(select(Occupation).where(Occupation.resource_id == provider.resource_id, *near))
    return [one for one in rows if not one.source.startswith("closed:")]


def _take_days(by: Actor, provider: Provider, first: date, last: date) -> None:
    """Day after day, without the way between two homes; a day that is shut already stays as it is."""
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        starts, ends = clock.at(day, time()), clock.at(day + timedelta(days=1), time())
        leave(by.session, away_source(provider, day))
        shut = (
            Occupation.resource_id == provider.resource_id,
            Occupation.starts < ends,
            Occupation.ends > starts,
        )
        if by.session.scalar(select(Occupation.id).where(*shut).limit(1)) is None:
            source = away_source(provider, day)
            by.session.add(Occupation(resource=provider.resource, starts=starts, ends=ends, source=source))
            by.session.flush()


def _swap(by: Actor, provider: Provider, visit: Appointment) -> bool:
    """Somebody else who does this service takes the visit at its time."""
    held = by.session.scalar(
        select(Occupation).where(
            Occupation.source == visit.source, Occupation.resource_id == provider.resource_id
        )
    )
    if held is None:
        return False
    for other in by.session.scalars(resources_of(visit.service.id)):
        if other.kind != "person" or other.id == provider.resource_id:
            continue
        if _may_take(by.session, other, visit) and not is_taken(by.session, other, held.starts, held.ends):
            held.resource = other
            by.session.flush()
            return True
    return False


def _may_take(session: Session, other: Resource, visit: Appointment) -> bool:
    who = session.scalar(select(Provider).where(Provider.resource_id == other.id))
    day = clock.local(visit.slot.starts).date()
    return who is None or (who.is_open and who.may_work_on(day))


def would_hit(session: Session, provider: Provider, first: date | None, last: date | None) -> int:
    """How many jobs and visits covering these days would move."""
    if first is None or last is None or last < first:
        return 0
    starts, ends = clock.at(first, time()), clock.at(last + timedelta(days=1), time())
    jobs = session.scalars(promised(provider, starts, ends)).all()
    return len(jobs) + len(visits_of(session, provider, starts, ends))
