"""The hall's day: who sits at its windows, when numbers may be given, and the slip that proves a visit.

Numbers run through the whole house and begin at 1 each day: "12号" means one visit, at whatever window, also after it
was sent on to another service.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, selectinload

from app import clock
from app.understanding.calendar import china_day
from models.base import Base, Instant, insert_once
from models.plans import ClosedTime, Service, SpecialDay, hours_on, open_services, speaks_for
from models.staff import StaffMember
from models.tickets import Stretch, Ticket
from models.windows import HallWindow

LAST_NUMBER_BEFORE = timedelta(minutes=15)  # before the hall closes: who takes a number must still be served
SLIP_LIVES = timedelta(days=14)  # how long a visit may be rated by the code of its slip
CODE_TRIES = 50


class HallDay(Base):
    """One day of the hall. Whoever gives a number or calls somebody holds this row: one after the other. `closed_at`:
    no more numbers from then on; `ended_at`: whoever still waited was told."""

    __tablename__ = "hall_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


def windows() -> Select[HallWindow]:
    return select(HallWindow).where(HallWindow.is_open).order_by(HallWindow.position, HallWindow.id)


def window_of(session: Session, staff: StaffMember) -> HallWindow | None:
    return session.scalar(windows().where(HallWindow.staff_id == staff.id))


def hold_day(session: Session) -> HallDay:
    """Today's row, locked."""
    insert_once(session, HallDay, day=clock.today(), last_number=0)
    mine = select(HallDay).where(HallDay.day == clock.today()).with_for_update(key_share=True)
    return session.scalars(mine.execution_options(populate_existing=True)).one()


def today(session: Session) -> HallDay | None:
    return session.get(HallDay, clock.today())


# ---- what numbers are given for, and when --------------------------------------------------------------------------


def hall_services() -> Select[Service]:
    """What is done at the windows of the hall."""
    return open_services("hall").where(Service.home_visit.is_(False))


def services_with_hours() -> Select[Service]:
    """The same with their week, for what asks about all of them."""
    return hall_services().options(selectinload(Service.hours))


def is_at_hall(service: Service) -> bool:
    """Whether it is done at a window today, as `hall_services` finds them."""
    lapsed = service.licensed_until is not None and service.licensed_until < clock.today()
    return service.is_open and service.kind == "hall" and not service.home_visit and not lapsed


@dataclass(frozen=True, slots=True)
class Pool:
    """The services that share windows with one: who waits for them is called at the same windows, `lanes` at a time."""

    services: list[Service]
    lanes: int


def pools_of(session: Session, services: Sequence[Service]) -> list[Pool]:
    """One for each of these, in their order; the windows are few, and read once for all."""
    with_hours = windows().options(selectinload(HallWindow.services).selectinload(Service.hours))
    every, pools = session.scalars(with_hours).all(), list[Pool]()
    for service in services:
        where = [one for one in every if any(done.id == service.id for done in one.services)]
        shared = {one.id: one for window in where for one in window.services}
        lanes = sum(one.calls for one in where) or service.capacity
        pools.append(Pool(list(({service.id: service} | shared).values()), lanes))
    return pools


def pool_of(session: Session, service: Service) -> Pool:
    return pools_of(session, [service])[0]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What makes today differ from the week, read once for all services."""

    special: Sequence[SpecialDay]
    closed: Sequence[ClosedTime]

    def hours_of(self, service: Service) -> list[Stretch]:
        """The stretches of today on which the service works, without hours that were closed."""
        day = clock.today()
        special = sorted(
            (one for one in self.special if speaks_for(one, service)),
            key=lambda one: one.service_id is not None,
        )
        hours = hours_on(service, day, china_day(day), special[-1] if special else None)
        found = [(clock.at(day, opens), clock.at(day, closes)) for opens, closes in hours]
        for gone in self.closed:
            if speaks_for(gone, service):
                found = [part for one in found for part in _without(one, gone.starts, gone.ends)]
        return found

    def hours_of_all(self, services: Sequence[Service]) -> list[Stretch]:
        """Where one clerk does all of these: whenever one of them is open."""
        return [stretch for one in services for stretch in self.hours_of(one)]


def plan_of_today(session: Session) -> DayPlan:
    day = clock.today()
    begins, ends = clock.at(day, time()), clock.at(day + timedelta(days=1), time())
    closed = select(ClosedTime).where(ClosedTime.ends > begins, ClosedTime.starts < ends)
    special = select(SpecialDay).where(SpecialDay.day == day)
    return DayPlan(session.scalars(special).all(), session.scalars(closed).all())


def _without(stretch: Stretch, starts: datetime, ends: datetime) -> list[Stretch]:
    opens, closes = stretch
    parts = ((opens, min(closes, starts)), (max(opens, ends), closes))
    return (
        [(first, last) for first, last in parts if first < last]
        if starts < closes and ends > opens
        else [stretch]
    )


def closes_at(session: Session) -> datetime | None:
    """When the last of the hall's services ends today; None on a day without any."""
    plan, services = plan_of_today(session), session.scalars(services_with_hours())
    return max((hours[-1][1] for one in services if (hours := plan.hours_of(one))), default=None)


# ---- the slip ------------------------------------------------------------------------------------------------------


def new_code(session: Session) -> str:
    """Six digits for one visit, not those of another visit that can still be rated."""
    for _ in range(CODE_TRIES):
        code = f"{secrets.randbelow(1_000_000):06d}"
        if session.scalar(select(Ticket.id).where(Ticket.code == code)) is None:
            return code
    raise RuntimeError("no free code")


def slip_of(session: Session, code: str) -> Ticket | None:
    """The finished visit whose slip has this code, within two weeks; its window and service are what a fair average
    needs. A visit of a discreet service is never asked about."""
    first = clock.today() - SLIP_LIVES
    done = Ticket.code == code, Ticket.state == "done", Ticket.day >= first
    plain = select(Ticket).join(Ticket.service).where(*done, Service.discreet_name.is_(None))
    return session.scalar(plain)


# ---- what must always hold -----------------------------------------------------------------------------------------


def one_clerk_each(session: Session) -> Sequence[str]:
    """Nobody sits at a window that is closed, and a pause has its words."""
    odd = select(HallWindow.name).where(
        or_(
            HallWindow.is_open.is_(False) & HallWindow.staff_id.is_not(None),
            HallWindow.paused_at.is_not(None) & HallWindow.pause.is_(None),
        )
    )
    return [f"window {name} is closed or paused the wrong way" for name in session.scalars(odd)]
