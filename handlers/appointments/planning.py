"""What the staff change about services: their week, the days that differ, and the times that follow from both.

Times are laid out as rows up to the horizon: nightly, and whenever a plan changes. A time that somebody holds is never
taken away by a change of plan; only closing a day or some hours calls visits off, and then everybody is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, select

from app import audit, clock
from app.understanding.calendar import china_day
from handlers.appointments.actions import call_off
from handlers.appointments.offering import times_came
from models.appointments import Appointment, appointments_on
from models.identity import Actor
from models.plans import (
    ClosedTime,
    Hours,
    Service,
    SpecialDay,
    Visit,
    as_json,
    closed_times,
    hours_on,
    special_days,
    visits_on,
    week_rows,
)
from models.refusal import Refusal
from models.slots import Slot, half_day, meet

Weekly = Mapping[int, Sequence[Hours]]


def open_service(by: Actor, weekly: Weekly, **facts: Any) -> Service:
    """A new service with its week {weekday: [(opens, closes), …]}; `facts` are columns of Service."""
    _check_staff(by)
    service = Service(**facts, hours=week_rows(weekly))
    by.session.add(service)
    audit.note(by, "appointments.open_service", service)
    lay_out(by, service)
    return service


def change_service(by: Actor, service: Service, **facts: Any) -> Service:
    """Change columns of Service (capacity, minutes, is_open, bring, …). Promised visits stay as they are."""
    _check_staff(by)
    for name, value in facts.items():
        setattr(service, name, value)
    audit.note(by, "appointments.change_service", service, changed=sorted(facts))
    lay_out(by, service)
    return service


def set_week(by: Actor, service: Service, weekly: Weekly) -> Service:
    """A new weekly plan from today on. ValueError when it is none (an empty stretch, two that overlap)."""
    _check_staff(by)
    rows = week_rows(weekly)
    service.hours.clear()
    by.session.flush()
    service.hours.extend(rows)
    audit.note(by, "appointments.set_week", service)
    lay_out(by, service)
    return service


def close_day(by: Actor, service: Service | None, day: date, reason: str) -> list[Appointment]:
    """Close one service, or the whole house (None), for a day. The visits that this hits are called off, each with a
    message that offers the nearest free times; they are returned."""
    _set_day(by, service, day, "closed", (), reason)
    return _call_off_all(by, would_hit(by, service, day), reason)


def close_time(by: Actor, service: Service | None, day: date, hours: Hours, reason: str) -> list[Appointment]:
    """Close one service, or the whole house, for some hours of a day: like `close_day`, but the rest of the day
    goes on. Refuses with appointments.no_such_hours, .day_over."""
    _check_day(by, day)
    starts, ends = _stretch(day, hours)
    closed = ClosedTime(service_id=service.id if service else None, starts=starts, ends=ends, reason=reason)
    by.session.add(closed)
    audit.note(by, "appointments.close_time", service, day=day.isoformat(), closed=closed.id)
    _lay_out_again(by, service)
    return _call_off_all(by, would_hit(by, service, day, hours), reason)


def would_hit(by: Actor, service: Service | None, day: date, hours: Hours | None = None) -> list[Appointment]:
    """The visits still to come that closing this day, or these hours of it, would call off."""
    starts, ends = _stretch(day, hours or (time(), time.max))
    return [
        appointment
        for one in _those_meant(by, service)
        for appointment in by.session.scalars(appointments_on(day, one)).all()
        if appointment.state == "confirmed"
        and appointment.slot.ends > clock.now()
        and appointment.slot.starts < ends
        and appointment.slot.ends > starts
    ]


def reopen(by: Actor, closed: ClosedTime) -> None:
    """Work again in hours that were closed. What was called off does not come back by itself."""
    _check_staff(by)
    service = by.session.get(Service, closed.service_id) if closed.service_id else None
    audit.note(by, "appointments.reopen", service, closed=closed.id)
    by.session.delete(closed)
    by.session.flush()
    _lay_out_again(by, service)


def open_day(
    by: Actor, service: Service | None, day: date, hours: Sequence[Hours] = (), reason: str = ""
) -> None:
    """Work on a day that the calendar or an earlier word has closed, with these hours or those of the week."""
    _set_day(by, service, day, "hours" if hours else "open", hours, reason)


def as_usual(by: Actor, service: Service | None, day: date) -> None:
    """Take back what was said about a day."""
    _check_day(by, day)
    by.session.execute(delete(SpecialDay).where(_same_day(service, day)))
    audit.note(by, "appointments.as_usual", service, day=day.isoformat())
    _lay_out_again(by, service)


def slot_for(by: Actor, service: Service, starts: datetime) -> Slot | None:
    """The row of a time, also of one behind the horizon that the plan of its day holds; None when it holds none."""
    row = foreseen_slot(by, service, starts)
    if row is not None and row not in by.session:
        by.session.add(row)
        by.session.flush()
    return row


def foreseen_slot(by: Actor, service: Service, starts: datetime) -> Slot | None:
    """The same, and where there is no row yet only what it would be: nothing is written."""
    same = Slot.service_id == service.id, Slot.starts == starts
    row = by.session.scalar(select(Slot).where(*same))
    if row is None:
        day = clock.local(starts).date()
        visits = [visit for visit in planned(by, service, day, day) if visit.starts == starts]
        rows = [_row(service, visit) for visit in visits if not _laid_over(by, service, visit)]
        row = rows[0] if rows else None
    return row


def lay_out(by: Actor, service: Service) -> int:
    """Make the rows of `service` what its plan says, from now to the horizon; how many are new.

    A booked time that the plan no longer holds keeps its seats but is not offered, and nothing is laid over it.
    """
    by.session.flush()
    by.session.execute(select(Service.id).where(Service.id == service.id).with_for_update(key_share=True))
    existing = _existing(by, service)
    last = max([horizon(service), *(clock.local(one.starts).date() for one in existing)])
    visits = planned(by, service, clock.today(), last)
    plan = {visit.starts: visit for visit in visits if visit.starts > clock.now()}
    kept = [slot for slot in existing if slot.taken and not _as_planned(slot, plan)]
    wanted = [visit for visit in plan.values() if not any(meet(visit, slot) for slot in kept)]
    rows = {slot.starts: slot for slot in existing}
    behind = clock.at(horizon(service) + timedelta(days=1), time())
    wanted = [visit for visit in wanted if visit.starts < behind or visit.starts in rows]
    _close_others(existing, {visit.starts for visit in wanted})
    new = [_row(service, visit) for visit in wanted if visit.starts not in rows]
    for visit in wanted:
        if visit.starts in rows:
            _bring_up(rows[visit.starts], service, visit)
    by.session.add_all(new)
    by.session.flush()
    times_came(by, service)
    return len(new)


# ---- steps ----------------------------------------------------------------------------------------------------------


def _check_staff(by: Actor) -> None:
    if by.staff is None and by.channel != "job":
        raise Refusal("appointments.staff_only")


def _check_day(by: Actor, day: date) -> None:
    _check_staff(by)
    if day < clock.today():
        raise Refusal("appointments.day_over", day=day)


def _stretch(day: date, hours: Hours) -> tuple[datetime, datetime]:
    opens, closes = hours
    if opens >= closes:
        raise Refusal("appointments.no_such_hours")
    return clock.at(day, opens), clock.at(day, closes)


def _call_off_all(by: Actor, hit: list[Appointment], reason: str) -> list[Appointment]:
    """The persons in one order: two closings at once do not wait for each other."""
    for appointment in sorted(hit, key=lambda one: one.person_id):
        call_off(by, appointment, reason)
    return hit


def _same_day(service: Service | None, day: date) -> Any:
    mine = SpecialDay.service_id.is_(None) if service is None else SpecialDay.service_id == service.id
    return mine & (SpecialDay.day == day)


def _set_day(
    by: Actor, service: Service | None, day: date, kind: str, hours: Sequence[Hours], reason: str
) -> None:
    _check_day(by, day)
    by.session.execute(delete(SpecialDay).where(_same_day(service, day)))
    by.session.add(
        SpecialDay(
            service_id=service.id if service else None,
            day=day,
            kind=kind,
            hours=as_json(hours),
            reason=reason,
        )
    )
    audit.note(by, f"appointments.day_{kind}", service, day=day.isoformat())
    _lay_out_again(by, service)


def _those_meant(by: Actor, service: Service | None) -> list[Service]:
    """One service, or all that keep the days of the house."""
    if service is not None:
        return [service]
    return [one for one in by.session.scalars(select(Service)) if one.keeps_office_days]


def _lay_out_again(by: Actor, service: Service | None) -> None:
    for one in _those_meant(by, service):
        lay_out(by, one)


def horizon(service: Service) -> date:
    """The last day that residents may book."""
    return clock.today() + timedelta(days=service.horizon_days)


def planned(by: Actor, service: Service, first: date | None = None, last: date | None = None) -> list[Visit]:
    """Every visit of the plan from day to day, by itself today up to the horizon; none when the licence is over."""
    if not service.is_open:
        return []
    first, last = first or clock.today(), last or horizon(service)
    if service.licensed_until is not None:
        last = min(last, service.licensed_until)
    special = {one.day: one for one in by.session.scalars(special_days(service, first, last))}
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    end = clock.at(last + timedelta(days=1), time())
    closed = by.session.scalars(closed_times(service, clock.now(), end)).all()
    return [
        visit
        for day in days
        for visit in visits_on(service, day, hours_on(service, day, china_day(day), special.get(day)))
        if not any(meet(visit, one) for one in closed)
    ]


def _laid_over(by: Actor, service: Service, visit: Visit) -> bool:
    """Whether a promised time lies across this one, from before the plan changed."""
    near = Slot.starts < visit.ends, Slot.ends > visit.starts, Slot.taken > 0
    return by.session.scalar(select(Slot.id).where(Slot.service_id == service.id, *near).limit(1)) is not None


def _existing(by: Actor, service: Service) -> Sequence[Slot]:
    """The rows still to come, locked: nobody takes a seat while the plan changes under it."""
    rows = select(Slot).where(Slot.service_id == service.id, Slot.starts > clock.now()).order_by(Slot.id)
    locked = rows.with_for_update(of=Slot).execution_options(populate_existing=True)
    return by.session.scalars(locked).all()


def _as_planned(slot: Slot, planned: dict[Any, Visit]) -> bool:
    visit = planned.get(slot.starts)
    return visit is not None and visit.ends == slot.ends


def _close_others(existing: Sequence[Slot], wanted: set[Any]) -> None:
    for slot in existing:
        if slot.starts not in wanted:
            slot.is_open = False


def _bring_up(slot: Slot, service: Service, visit: Visit) -> None:
    slot.is_open, slot.ends = True, visit.ends
    slot.capacity = max(slot.taken, service.capacity)


def _row(service: Service, visit: Visit) -> Slot:
    return Slot(
        service=service,
        starts=visit.starts,
        ends=visit.ends,
        half=half_day(visit.starts),
        capacity=service.capacity,
        taken=0,
        is_open=True,
    )
