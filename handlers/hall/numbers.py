"""Numbers: taken, checked in for a booked visit, given back, and back from aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from app import audit, clock
from handlers.appointments import actions as appointments
from handlers.hall import telling
from handlers.people import actions as people
from models import hall as model
from models.appointments import Appointment
from models.base import count_rows
from models.hall import HallDay
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.strikes import rule_of
from models.tickets import (
    TOLD_BEFORE,
    InLine,
    Stretch,
    Ticket,
    at_work,
    due_of,
    live_of,
    place_behind,
    play_forward,
    ticket_of,
    waiting_now,
)

KIOSK = "kiosk"
MOST_A_DAY = 8  # numbers of one person, those given back too: nobody runs the count up for sport


def take_number(by: Actor, service: Service, channel: str = "") -> Ticket:
    """The next number of today; who takes it in WeChat keeps it there. The staff may give one outside the hours.

    Refuses with hall.no_numbers, .closed_today, .not_today, .not_open_yet, .too_late_today, .full_today, .has_number,
    .too_many_today.
    """
    if not model.is_at_hall(service):
        raise Refusal("hall.no_numbers", service=service)
    if by.person is not None:
        people.agree_to_service(by)
    day = model.hold_day(by.session)
    if day.closed_at is not None:
        raise Refusal("hall.closed_today")
    if by.staff is None:
        _check_time(by, service)
    if by.person is not None:
        _check_none_yet(by, service)
        _check_count(by, day)
    return _give(by, day, service, channel)


def arrive(by: Actor, appointment: Appointment, channel: str = "") -> Ticket:
    """A booked visit is here: it gets a number and is called at its time. Too late for that, it stands
    behind those who came in time. Saying it twice gives the same number.

    Refuses with hall.not_yours, .not_waiting, .other_day, .comes_home, .closed_today.
    """
    if by.person is not None and by.person.id != appointment.person_id:
        raise Refusal("hall.not_yours")
    day = model.hold_day(by.session)
    by.session.refresh(appointment)
    _check_visit(appointment)
    there = ticket_of(by.session, appointment)
    if there is not None:
        return there
    if day.ended_at is not None:
        raise Refusal("hall.closed_today")
    appointments.came_late(replace(by, channel="job"), appointment)  # the hall says so, whoever stands there
    due = due_of(appointment.slot.starts, clock.now(), grace(by))
    facts = {"person_id": appointment.person_id, "appointment": appointment, "due": due}
    return _give(by, day, appointment.service, channel, **facts)


def give_back(by: Actor, ticket: Ticket) -> Ticket:
    """Its holder waits no more. Refuses with hall.not_yours, .not_live."""
    hold(by, ticket)
    if ticket.state not in ("waiting", "called", "aside"):
        raise Refusal("hall.not_live", ticket=ticket)
    leave(by, ticket)
    telling.tell_who_is_near(by, ticket.service)
    return ticket


def stay(by: Actor, ticket: Ticket) -> Ticket:
    """Given back by mistake, minutes ago: their own place again. Refuses with hall.not_yours, .not_left, .has_number,
    .closed_today."""
    day = hold(by, ticket)
    if ticket.state != "left" or ticket.day != day.day:
        raise Refusal("hall.not_left", ticket=ticket)
    if day.ended_at is not None:
        raise Refusal("hall.closed_today")
    _check_none_yet(by, ticket.service)
    ticket.state, ticket.ended_at, ticket.window_id, ticket.called_at = "waiting", None, None, None
    audit.note(by, "hall.stay", ticket)
    return ticket


def leave(by: Actor, ticket: Ticket) -> None:
    ticket.state, ticket.ended_at, ticket.back_at = "left", clock.now(), None
    audit.note(by, "hall.give_back", ticket)


def come_back(by: Actor, ticket: Ticket) -> Ticket:
    """They were called and not there, and are now. Refuses with hall.not_yours, .not_aside."""
    hold(by, ticket)
    if ticket.state != "aside":
        raise Refusal("hall.not_aside", ticket=ticket)
    return back_in_line(by, ticket)


def back_in_line(by: Actor, ticket: Ticket) -> Ticket:
    waiting = waiting_now(by.session, model.pool_of(by.session, ticket.service).services)
    ticket.since, ticket.due = place_behind(waiting, clock.now()), None
    ticket.state, ticket.back_at = "waiting", None
    audit.note(by, "hall.come_back", ticket)
    return ticket


def grace(by: Actor) -> timedelta:
    """How late a booked visit may come and still be first."""
    return timedelta(minutes=rule_of(by.session).grace_minutes)


def hold(by: Actor, ticket: Ticket) -> HallDay:
    """Nobody else moves in the line meanwhile. Refuses with hall.not_yours."""
    if by.staff is None and by.channel != "job" and (by.person is None or by.person.id != ticket.person_id):
        raise Refusal("hall.not_yours")
    day = model.hold_day(by.session)
    by.session.refresh(ticket)
    return day


def waiting_for(by: Actor, service: Service) -> list[InLine]:
    """Who waits in the line that this service stands in: all services of the windows where it is done."""
    pool, plan = model.pool_of(by.session, service), model.plan_of_today(by.session)
    return play_forward(waiting_now(by.session, pool.services), pool.lanes, plan.hours_of_all(pool.services))


def place_of(by: Actor, ticket: Ticket) -> InLine | None:
    """None for one that does not wait."""
    return next((one for one in waiting_for(by, ticket.service) if one.ticket.id == ticket.id), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a service stands now: how many wait, when a new number would be called, or why none is given."""

    service: Service
    waiting: int
    about: datetime
    why_not: Refusal | None


def standings(by: Actor) -> list[Standing]:
    """Of all services of the hall, in as many statements as of one."""
    return _standings(by, by.session.scalars(model.services_with_hours()).all())


def standing(by: Actor, service: Service) -> Standing:
    return _standings(by, [service])[0]


def _standings(by: Actor, services: Sequence[Service]) -> list[Standing]:
    day, plan, pools = (
        model.today(by.session),
        model.plan_of_today(by.session),
        model.pools_of(by.session, services),
    )
    waiting = waiting_now(by.session, [one for pool in pools for one in pool.services])
    found = list[Standing]()
    for service, pool in zip(services, pools, strict=True):
        ids = {one.id for one in pool.services}
        here = [one for one in waiting if one.service_id in ids]
        line = play_forward(here, pool.lanes, plan.hours_of_all(pool.services))
        hours = plan.hours_of(service)
        closed = day is not None and day.closed_at is not None
        why_not = Refusal("hall.closed_today") if closed else _no_time(service, hours, line)
        found.append(Standing(service, len(line), _about(service, line, hours), why_not))
    return found


# ---- steps ---------------------------------------------------------------------------------------------------------


def _about(service: Service, waiting: Sequence[InLine], hours: Sequence[Stretch]) -> datetime:
    """When who took a number now would be called."""
    after = waiting[-1].about + timedelta(minutes=service.minutes) if waiting else clock.now()
    return at_work(after, hours)


def _check_time(by: Actor, service: Service) -> None:
    hours = model.plan_of_today(by.session).hours_of(service)
    why_not = _no_time(service, hours, waiting_for(by, service))
    if why_not is not None:
        raise why_not


def _no_time(service: Service, hours: Sequence[Stretch], waiting: Sequence[InLine]) -> Refusal | None:
    now = clock.now()
    if not hours:
        return Refusal("hall.not_today", service=service)
    last = hours[-1][1]
    if now >= last - model.LAST_NUMBER_BEFORE:
        return Refusal("hall.too_late_today", service=service, last=last)
    if not any(opens <= now < closes for opens, closes in hours):
        return Refusal("hall.not_open_yet", service=service, opens=min(o for o, _ in hours if o > now))
    if waiting and _about(service, waiting, hours) > last:
        return Refusal("hall.full_today", service=service, waiting=len(waiting))
    return None


def _check_none_yet(by: Actor, service: Service) -> None:
    mine = live_of(by.me).where(Ticket.service_id == service.id, Ticket.appointment_id.is_(None))
    held = by.session.scalar(mine.limit(1))
    if held is not None:
        raise Refusal("hall.has_number", ticket=held)


def _check_count(by: Actor, day: HallDay) -> None:
    today = select(Ticket).where(Ticket.person_id == by.me.id, Ticket.day == day.day)
    if by.staff is None and count_rows(by.session, today) >= MOST_A_DAY:
        raise Refusal("hall.too_many_today")


def _check_visit(appointment: Appointment) -> None:
    if appointment.state != "confirmed":
        raise Refusal("hall.not_waiting", appointment=appointment)
    if clock.local(appointment.slot.starts).date() != clock.today():
        raise Refusal("hall.other_day", appointment=appointment)
    if not model.is_at_hall(appointment.service):
        raise Refusal("hall.comes_home", appointment=appointment)


def _give(by: Actor, day: HallDay, service: Service, channel: str, **facts: object) -> Ticket:
    day.last_number += 1
    mine = {"person_id": by.person.id if by.person is not None else None}
    ticket = Ticket(
        service=service,
        day=day.day,
        number=day.last_number,
        code=model.new_code(by.session),
        channel=channel or by.channel,
        **mine | facts,
    )
    by.session.add(ticket)
    by.session.flush()
    audit.note(by, "hall.take_number", ticket, service=service.id, booked=ticket.appointment_id is not None)
    place = place_of(by, ticket)
    if place is not None and place.before <= TOLD_BEFORE:
        ticket.soon_at = clock.now()  # the answer says so already
    return ticket
