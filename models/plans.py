"""What can be booked, and when: services of the hall and of the 15-minute circle, their week, and the days that differ.

A day's hours come from the most particular plan that speaks of it: the service's own special day, the hall's special
day, the public calendar (closed on holidays, open on the days worked in their stead), the weekly plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from models.base import Base, Instant, said
from models.rows import Listed, Shelf

Hours = tuple[time, time]
DayKind = Literal["workday", "weekend", "holiday", "makeup"]
WORKING_DAYS = range(5)
EARTH_METRES = 6_371_000
WALKED_PER_MINUTE = 60  # metres as the crow flies; streets make about a third more of it


class Service(Base):
    """Something to book. `kind` is "hall" (办事大厅) or "circle" (15分钟生活圈).

    Minutes: `minutes` of one visit, `gap_minutes` between two (the way between two homes), `lead_minutes` before which
    nothing is booked, `cancel_minutes` before which nobody cancels by themselves. `horizon_days` ahead can be booked,
    `per_person` visits may wait at once, `capacity` people come at the same time; `series_most` times in a row may be
    booked by residents themselves, none where it is empty. `lat`, `lng` are GCJ-02.
    `asks_phone` and `home_visit` say what must be known of a visitor; `discreet_name` stands in messages that a lock
    screen shows; `keeps_office_days` follows the public calendar; after `licensed_until` it is not offered.
    """

    __tablename__ = "service"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), index=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    also_called: Mapped[list[str]] = mapped_column(JSON, default=list)
    summary: Mapped[str] = mapped_column(Text)
    bring: Mapped[list[str]] = mapped_column(JSON, default=list)
    place: Mapped[str] = mapped_column(String(60))
    window: Mapped[str | None] = mapped_column(String(20))
    provider: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(20))
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    minutes: Mapped[int] = mapped_column(default=30)
    gap_minutes: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int] = mapped_column(default=1)
    lead_minutes: Mapped[int] = mapped_column(default=60)
    horizon_days: Mapped[int] = mapped_column(default=14)
    cancel_minutes: Mapped[int] = mapped_column(default=60)
    per_person: Mapped[int] = mapped_column(default=2)
    series_most: Mapped[int | None]
    asks_phone: Mapped[bool] = mapped_column(default=False)
    home_visit: Mapped[bool] = mapped_column(default=False)
    discreet_name: Mapped[str | None] = mapped_column(String(20))
    keeps_office_days: Mapped[bool] = mapped_column(default=True)
    licensed_until: Mapped[date | None]
    is_open: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    hours: Mapped[list[WeekHours]] = relationship(
        cascade="all, delete-orphan", order_by="(WeekHours.weekday, WeekHours.opens)"
    )

    @property
    def public_name(self) -> str:
        """The name for messages that others may see over a shoulder."""
        return self.discreet_name or self.name

    @property
    def counter(self) -> str:
        """The window, or the place when it has none."""
        return self.window or self.place

    @property
    def spoken_names(self) -> list[str]:
        return [self.name, *self.also_called]

    def hours_of(self, weekday: int) -> list[Hours]:
        return [(one.opens, one.closes) for one in self.hours if one.weekday == weekday]

    @property
    def works_every_weekday(self) -> bool:
        return all(self.hours_of(weekday) for weekday in WORKING_DAYS)

    @property
    def week(self) -> list[tuple[int, int, list[Hours]]]:
        """The weekly plan for reading: (first weekday, last weekday, hours), neighbours with equal hours together."""
        runs: list[tuple[int, int, list[Hours]]] = []
        for weekday in range(7):
            hours = self.hours_of(weekday)
            if runs and runs[-1][1] == weekday - 1 and runs[-1][2] == hours:
                runs[-1] = (runs[-1][0], weekday, hours)
            elif hours:
                runs.append((weekday, weekday, hours))
        return runs


class WeekHours(Base):
    """One stretch of a weekday (0 is Monday) that is worked; the break is what lies between two of them."""

    __tablename__ = "week_hours"
    __table_args__ = (UniqueConstraint("service_id", "weekday", "opens"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class SpecialDay(Base):
    """A day that differs, for one service or (no service) for the whole house. `kind`: "closed", "open" (worked like
    an ordinary working day whatever the calendar says) or "hours" (just these `hours`: [["09:00", "11:30"], …])."""

    __tablename__ = "special_day"
    __table_args__ = (
        UniqueConstraint("service_id", "day"),
        Index(
            "uq_special_day_house",
            "day",
            unique=True,
            sqlite_where=text("service_id IS NULL"),
            postgresql_where=text("service_id IS NULL"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(8))
    hours: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    reason: Mapped[str] = mapped_column(String(60), default="")

    @property
    def ranges(self) -> list[Hours]:
        return [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in self.hours]


class ClosedTime(Base):
    """Some hours of one day on which a service, or (no service) the whole house, does not work after all: a room is
    flooded, the network is away. What was booked in them has been called off."""

    __tablename__ = "closed_time"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"))
    starts: Mapped[datetime] = mapped_column(Instant, index=True)
    ends: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(60), default="")


@dataclass(frozen=True, slots=True)
class Visit:
    """A time that the plan of a day holds."""

    starts: datetime
    ends: datetime


# ---- which services ----------------------------------------------------------------------------------------------


def open_services(kind: str | None = None) -> Select[Service]:
    """What can be booked today, in the order of the list; a provider whose licence has lapsed is not shown."""
    found = _offered({"today": clock.today()})
    return found if kind is None else found.where(Service.kind == kind)


def services_to_choose() -> Listed[Service]:
    """The same, for a question that many are asked."""
    return OFFERED.of(today=clock.today())


def _offered(facts: Mapping[str, Any] | None) -> Select[Service]:
    licensed = or_(Service.licensed_until.is_(None), Service.licensed_until >= said(facts, "today", Date()))
    return select(Service).where(Service.is_open, licensed).order_by(Service.position, Service.id)


OFFERED = Shelf(lambda: _offered(None))


def weekly_services() -> Select[Service]:
    """What residents may book week after week by themselves."""
    return open_services().where(Service.series_most.is_not(None))


def named_in(words: str, services: Iterable[Service]) -> list[Service]:
    """The services whose name stands in the words, or in whose name the words stand. 居住证明 is not a 居住证."""
    words = words.strip().replace("证明", "/")
    spoken = [s for s in services if any(name in words for name in s.spoken_names)]
    return spoken or [s for s in services if len(words) > 1 and any(words in name for name in s.spoken_names)]


def metres_between(lat: float, lng: float, other_lat: float, other_lng: float) -> float:
    """Along the great circle; both places in the same system (GCJ-02)."""
    north, east = radians(other_lat - lat), radians(other_lng - lng)
    across = sin(north / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east / 2) ** 2
    return 2 * EARTH_METRES * asin(sqrt(min(1.0, across)))


def by_distance(services: Iterable[Service], lat: float, lng: float) -> list[tuple[Service, float]]:
    """Services that have a place, nearest first, with the metres to each."""
    placed = [
        (s, metres_between(lat, lng, s.lat, s.lng))
        for s in services
        if s.lat is not None and s.lng is not None
    ]
    return sorted(placed, key=lambda one: one[1])


def walking_minutes(metres: float) -> int:
    return max(1, round(metres / WALKED_PER_MINUTE))


# ---- the plan of a day ---------------------------------------------------------------------------------------------


def special_days(service: Service, first: date, last: date) -> Select[SpecialDay]:
    """Days that differ for this service, the house's first, so that the service's own have the last word. The house
    speaks only for those who keep its days."""
    for_it: ColumnElement[bool] = SpecialDay.service_id == service.id
    if service.keeps_office_days:
        for_it = or_(for_it, SpecialDay.service_id.is_(None))
    own_last = SpecialDay.service_id.is_not(None)
    return select(SpecialDay).where(for_it, SpecialDay.day.between(first, last)).order_by(own_last)


def closed_times(service: Service, first: datetime, last: datetime) -> Select[ClosedTime]:
    """Hours taken out of the plan between two instants; the house's only for those who keep its days."""
    for_it: ColumnElement[bool] = ClosedTime.service_id == service.id
    if service.keeps_office_days:
        for_it = or_(for_it, ClosedTime.service_id.is_(None))
    return select(ClosedTime).where(for_it, ClosedTime.ends > first, ClosedTime.starts < last)


def speaks_for(row: SpecialDay | ClosedTime, service: Service) -> bool:
    """What `special_days` and `closed_times` look for, of rows that were read once for many services."""
    return row.service_id == service.id or (row.service_id is None and service.keeps_office_days)


def hours_on(service: Service, day: date, kind: DayKind, special: SpecialDay | None = None) -> list[Hours]:
    """The stretches of `day` on which the service works; `kind` is what the public calendar makes of the day."""
    if special is not None and special.kind != "open":
        return special.ranges if special.kind == "hours" else []
    if special is not None:
        return service.hours_of(day.weekday()) or service.hours_of(0)
    if not service.keeps_office_days or kind in ("workday", "weekend"):
        return service.hours_of(day.weekday())
    return _make_up_hours(service, day) if kind == "makeup" else []


def _make_up_hours(service: Service, day: date) -> list[Hours]:
    """On a day worked instead of a holiday the windows of all five days open as on a Monday; who comes on certain
    weekdays only (a lawyer, a barber) is not presumed to come."""
    own = service.hours_of(day.weekday())
    return own or (service.hours_of(0) if service.works_every_weekday else [])


def visits_on(service: Service, day: date, hours: Sequence[Hours]) -> Iterator[Visit]:
    """The visits that fit whole into the day's hours."""
    length = timedelta(minutes=service.minutes)
    step = length + timedelta(minutes=service.gap_minutes)
    for opens, closes in hours:
        starts, end = clock.at(day, opens), clock.at(day, closes)
        while starts + length <= end:
            yield Visit(starts, starts + length)
            starts += step


def week_rows(weekly: Mapping[int, Sequence[Hours]]) -> list[WeekHours]:
    """Rows of a weekly plan {weekday: [(opens, closes), …]}; ValueError when a stretch is empty or two overlap."""
    rows: list[WeekHours] = []
    for weekday, hours in sorted(weekly.items()):
        _check_stretches(weekday, hours)
        rows += [WeekHours(weekday=weekday, opens=opens, closes=closes) for opens, closes in hours]
    return rows


def _check_stretches(weekday: int, hours: Sequence[Hours]) -> None:
    ordered = sorted(hours)
    overlap = any(first[1] > second[0] for first, second in pairwise(ordered))
    if weekday not in range(7) or overlap or any(opens >= closes for opens, closes in ordered):
        raise ValueError(f"no plan: weekday {weekday}, {ordered}")


def as_json(hours: Sequence[Hours]) -> list[list[str]]:
    return [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in hours]
