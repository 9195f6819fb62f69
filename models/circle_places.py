"""Where one may say that one is: estates, gates and squares with their place on the map, and what is a walk away.

A place that a resident sends is used for one answer and kept nowhere; only these public places are rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import JSON, ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from app.understanding.calendar import china_day
from models.base import Base
from models.places import Place
from models.plans import (
    ClosedTime,
    Hours,
    Service,
    by_distance,
    closed_times,
    hours_on,
    metres_between,
    special_days,
    walking_minutes,
)

QUARTER_HOUR = 15
FAR_METRES = 5000
DAYS_LOOKED_AT = 14
RIDDEN_PER_MINUTE = 200  # metres as the crow flies, by electric bicycle through a town
SHORTEST_NAME = 2


class Landmark(Base):
    """A place by its name, in GCJ-02. `place_id` when it is an estate of the tree in which residents live."""

    __tablename__ = "landmark"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30), unique=True)
    also_called: Mapped[list[str]] = mapped_column(JSON, default=list)
    lat: Mapped[float]
    lng: Mapped[float]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="SET NULL"), unique=True)

    place: Mapped[Place | None] = relationship()

    @property
    def spoken_names(self) -> list[str]:
        return [self.name, *self.also_called]


@dataclass(frozen=True, slots=True)
class Point:
    """Somewhere, in GCJ-02."""

    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a service is open: `until` when it closes, or `opens` when it opens next; neither is known of one that
    stays shut for two weeks."""

    until: datetime | None = None
    opens: datetime | None = None

    @property
    def is_now(self) -> bool:
        return self.until is not None

    @property
    def days_ahead(self) -> int:
        """Until the day on which it opens: 0 today, 1 tomorrow."""
        return 0 if self.opens is None else (clock.local(self.opens).date() - clock.today()).days

    @property
    def at(self) -> datetime | None:
        """The hour that matters, on the community's clock: until when, or from when on."""
        instant = self.until or self.opens
        return None if instant is None else clock.local(instant)


@dataclass(frozen=True, slots=True)
class Near:
    """A service, how far it is, and whether it is open. Without a place nobody knows how far."""

    service: Service
    opening: Opening
    metres: int | None = None

    @property
    def minutes(self) -> int | None:
        return None if self.metres is None else walking_minutes(self.metres)

    @property
    def is_within(self) -> bool:
        return self.minutes is not None and self.minutes <= QUARTER_HOUR


def landmarks() -> Select[Landmark]:
    return select(Landmark).order_by(Landmark.name)


def landmark_in(session: Session, text: str) -> Landmark | None:
    """The place that is named in these words; the longest name wins."""
    named = [
        (len(name), -one.id, one)
        for one in session.scalars(landmarks())
        for name in one.spoken_names
        if len(name) >= SHORTEST_NAME and name in text
    ]
    return max(named)[2] if named else None


def landmark_of(session: Session, place: Place | None) -> Landmark | None:
    """Where the estate of this building is."""
    if place is None:
        return None
    ids = [one.id for one in place.line]
    return session.scalar(select(Landmark).where(Landmark.place_id.in_(ids)).limit(1))


# ---- what is near ------------------------------------------------------------------------------------------------


def around(session: Session, services: Iterable[Service], point: Point | None) -> list[Near]:
    """These services, the nearest first where a place is known; those without a place of their own come last."""
    rows = list(services)
    if point is None:
        return [Near(one, opening(session, one)) for one in rows]
    placed = by_distance(rows, point.lat, point.lng)
    near = [Near(one, opening(session, one), round(metres)) for one, metres in placed]
    known = {one.id for one, _ in placed}
    return [*near, *(Near(one, opening(session, one)) for one in rows if one.id not in known)]


def opening(session: Session, service: Service) -> Opening:
    """Open now, or when next: by the same plan by which its times are laid out."""
    now, today = clock.now(), clock.today()
    last = today + timedelta(days=DAYS_LOOKED_AT)
    if service.licensed_until is not None:
        last = min(last, service.licensed_until)
    special = {one.day: one for one in session.scalars(special_days(service, today, last))}
    end = clock.at(last + timedelta(days=1), time())
    shut = session.scalars(closed_times(service, now, end)).all()
    for ahead in range((last - today).days + 1):
        day = today + timedelta(days=ahead)
        hours = hours_on(service, day, china_day(day), special.get(day))
        for starts, ends in _stretches(day, hours, shut):
            if starts <= now < ends:
                return Opening(until=ends)
            if starts > now:
                return Opening(opens=starts)
    return Opening()


def _stretches(
    day: date, hours: Sequence[Hours], shut: Sequence[ClosedTime]
) -> list[tuple[datetime, datetime]]:
    """The hours of a day without what is closed."""
    found = [(clock.at(day, opens), clock.at(day, closes)) for opens, closes in hours]
    for closed in shut:
        found = [piece for one in found for piece in _without(one, closed.starts, closed.ends)]
    return sorted(found)


def _without(
    stretch: tuple[datetime, datetime], starts: datetime, ends: datetime
) -> list[tuple[datetime, datetime]]:
    first, last = stretch
    if ends <= first or starts >= last:
        return [stretch]
    return [piece for piece in ((first, starts), (ends, last)) if piece[0] < piece[1]]


# ---- the way between two homes -------------------------------------------------------------------------------------


def way_between(here: Landmark | None, there: Landmark | None) -> timedelta:
    """How long it takes from door to door; nothing where one of the two is not known, or they are one place."""
    if here is None or there is None or here.id == there.id:
        return timedelta()
    metres = metres_between(here.lat, here.lng, there.lat, there.lng)
    return timedelta(minutes=round(metres / RIDDEN_PER_MINUTE))
