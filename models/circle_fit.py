"""Who can come when: the weeks of providers, what they hold already, the way between two homes, how many a day.

Everything is counted behind the lock of the providers' time (models/resources.py), so two residents who want one
provider's last hour do not both get it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.circle import Provider, who_comes
from models.circle_jobs import HomeJob
from models.circle_places import Landmark, way_between
from models.plans import Service
from models.resources import CLOSED, Occupation, hold_resources

STEP = timedelta(minutes=15)
AHEAD = 7  # days
HALVES = {"am": (time(8), time(12)), "pm": (time(12), time(20))}


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A morning or an afternoon, written "2026-11-27 am"."""

    day: date
    part: str

    @classmethod
    def read(cls, code: str) -> HalfDay:
        """ValueError when it is none."""
        day, _, part = code.partition(" ")
        if part not in HALVES:
            raise ValueError(code)
        return cls(date.fromisoformat(day), part)

    @property
    def code(self) -> str:
        return f"{self.day.isoformat()} {self.part}"

    @property
    def starts(self) -> datetime:
        return clock.at(self.day, HALVES[self.part][0])

    @property
    def ends(self) -> datetime:
        return clock.at(self.day, HALVES[self.part][1])


@dataclass(frozen=True, slots=True)
class Fit:
    """A provider who can come, and the time at which."""

    provider: Provider
    starts: datetime
    ends: datetime


def free_halves(session: Session, service: Service, there: Landmark | None = None) -> list[HalfDay]:
    """The half days of the coming week on which somebody can come, soonest first."""
    days = [clock.today() + timedelta(days=ahead) for ahead in range(AHEAD + 1)]
    halves = (HalfDay(day, part) for day in days for part in HALVES)
    return [half for half in halves if _somebody(session, service, half, there)]


def _somebody(session: Session, service: Service, half: HalfDay, there: Landmark | None) -> bool:
    if half.ends <= clock.now():
        return False
    providers = session.scalars(who_comes(service, half.day)).unique().all()
    return any(fit(session, one, service, half.starts, half.ends, there) for one in providers)


def choose(
    session: Session,
    service: Service,
    starts: datetime,
    ends: datetime,
    *,
    there: Landmark | None = None,
    but: Collection[int] = (),
) -> Fit | None:
    """Any provider who can come between these instants; who has the least to do comes first."""
    day = clock.local(starts).date()
    providers = [one for one in session.scalars(who_comes(service, day)).unique() if one.id not in but]
    hold_resources(session, [one.resource for one in providers])
    for provider in sorted(providers, key=lambda one: (load_of(session, one), one.id)):
        if (found := fit(session, provider, service, starts, ends, there)) is not None:
            return found
    return None


def load_of(session: Session, provider: Provider) -> int:
    """How much they have to do in the coming week."""
    week = Occupation.starts.between(clock.now(), clock.now() + timedelta(days=AHEAD))
    mine = Occupation.resource_id == provider.resource_id, week, Occupation.source.not_like(f"{CLOSED}%")
    return session.scalar(select(func.count(Occupation.id)).where(*mine)) or 0


def fit(
    session: Session,
    provider: Provider,
    service: Service,
    starts: datetime,
    ends: datetime,
    there: Landmark | None = None,
) -> Fit | None:
    """The first time between these instants at which this provider can be there."""
    day = clock.local(starts).date()
    held = _held(session, provider, day)
    if not provider.may_work_on(day) or _full(provider, held, day):
        return None
    length = timedelta(minutes=service.minutes)
    soonest = max(starts, clock.now() + timedelta(minutes=service.lead_minutes))
    ways = _ways(session, provider, held, there)
    for start in _starts(provider, day, soonest, ends, length):
        if all(_apart(start, start + length, one, way) for one, way in ways):
            return Fit(provider, start, start + length)
    return None


def _held(session: Session, provider: Provider, day: date) -> Sequence[Occupation]:
    """What is in this provider's day, and on its edges."""
    first, last = clock.at(day, time()) - timedelta(hours=4), clock.at(day, time()) + timedelta(hours=28)
    mine = Occupation.resource_id == provider.resource_id, Occupation.starts < last, Occupation.ends > first
    live = or_(Occupation.until.is_(None), Occupation.until > clock.now())
    return session.scalars(select(Occupation).where(*mine, live).order_by(Occupation.starts)).all()


def _full(provider: Provider, held: Sequence[Occupation], day: date) -> bool:
    work = [one for one in held if not one.source.startswith(CLOSED)]
    return sum(clock.local(one.starts).date() == day for one in work) >= provider.most_a_day


def _starts(
    provider: Provider, day: date, soonest: datetime, ends: datetime, length: timedelta
) -> Iterator[datetime]:
    for opens, closes in provider.hours_on(day):
        start, last = clock.at(day, opens), min(clock.at(day, closes), ends)
        while start + length <= last:
            if start >= soonest:
                yield start
            start += STEP


def _ways(
    session: Session, provider: Provider, held: Sequence[Occupation], there: Landmark | None
) -> list[tuple[Occupation, timedelta]]:
    """How much time stays free between each of these and the new home: the buffer, or the way if that is longer."""
    return [(one, max(provider.buffer, way_between(_where(session, one), there))) for one in held]


def _where(session: Session, one: Occupation) -> Landmark | None:
    kind, _, number = one.source.partition(":")
    job = session.get(HomeJob, int(number)) if kind == "home_job" and number.isdigit() else None
    return job.landmark if job else None


def _apart(starts: datetime, ends: datetime, one: Occupation, way: timedelta) -> bool:
    return starts >= one.ends + way or ends + way <= one.starts
