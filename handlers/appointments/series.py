"""Booking the same time again and again for somebody, or for a team: what can be had is booked, what cannot stays on
file with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from app import audit, clock
from app.database import run_in_savepoint
from handlers.appointments import actions, messages
from handlers.appointments.holding import must_be_staff
from handlers.appointments.planning import slot_for
from models.appointments import Appointment, Contact, visitor_key
from models.booking_rules import check_overlap, check_slot, lock_person
from models.booking_series import MOST_TIMES, BookingDate, BookingSeries, instants, still_to_come
from models.identity import Actor, Helped, Person
from models.plans import Service
from models.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Wish:
    """Every so many weeks from a day on, at this time. `team` is who comes, when not the person alone."""

    service: Service
    first: date
    opens: time
    times: int
    every_weeks: int = 1
    team: str | None = None


def book(by: Actor, wish: Wish, person: Person, contact: Contact) -> BookingSeries:
    """The caps of one resident do not count, everything else does. Refuses with appointments.no_series for a number of
    times that is none, .none_of_series when no date at all can be had, and like `actions.book` for the contact."""
    staff = None if by.channel == "job" else must_be_staff(by)
    if not 1 < wish.times <= MOST_TIMES:
        raise Refusal("appointments.no_series", most=MOST_TIMES)
    by = by.helping(Helped(wish.team, None, "团队")) if wish.team else replace(by, helped=None)
    lock_person(by.session, person)
    actions.agree(by, person)
    told = actions.contact_of(by, person, wish.service, contact)
    series = BookingSeries(
        person=person,
        service=wish.service,
        first_day=wish.first,
        opens=wish.opens,
        every_weeks=wish.every_weeks,
        times=wish.times,
        made_by=staff.id if staff else None,
    )
    series.team = wish.team
    by.session.add(series)
    for starts in instants(wish.first, wish.opens, wish.every_weeks, wish.times):
        series.dates.append(_date(by, wish.service, person, told, starts))
        by.session.flush()
    if not series.booked:
        raise Refusal("appointments.none_of_series", service=wish.service)
    facts = {"booked": len(series.booked), "refused": len(series.refused)}
    audit.note(by, "appointments.book_series", series, **facts)
    messages.tell_series(by.session, series, "appointments.series_booked")
    return series


class _PlayedThrough(Exception):
    """Carries what a booking would have been out of the savepoint that undoes it."""

    def __init__(self, series: BookingSeries) -> None:
        super().__init__()
        self.dates = [(one.starts, one.why) for one in series.dates]


def look(by: Actor, work: Callable[[], BookingSeries]) -> list[tuple[datetime, str | None]]:
    """What `work` would book, and why not the rest: played through to the end and undone, so that no second set of
    rules can tell another story than the booking itself. Refuses like `book`."""

    def play() -> None:
        raise _PlayedThrough(work())

    try:
        run_in_savepoint(by.session, play)
    except _PlayedThrough as played:
        return played.dates
    raise AssertionError("unreachable")


def stop(by: Actor, series: BookingSeries, first: date, reason: str) -> int:
    """Give all dates from a day on back; how many they were. What is before it stays."""
    must_be_staff(by)
    lock_person(by.session, series.person)
    coming = by.session.scalars(still_to_come(series, first).execution_options(populate_existing=True)).all()
    for appointment in coming:
        actions.release(by, appointment, "appointments.cancel", reason)
    series.stopped_from = min(first, series.stopped_from or first)
    audit.note(by, "appointments.stop_series", series, count=len(coming))
    if coming:
        by.session.flush()
        messages.tell_series(by.session, series, "appointments.series_stopped", first=first.isoformat())
    return len(coming)


def _date(by: Actor, service: Service, person: Person, told: Contact, starts: datetime) -> BookingDate:
    """One date, booked whole or not at all."""
    try:
        visit = run_in_savepoint(by.session, lambda: _visit(by, service, person, told, starts))
    except Refusal as why:
        return BookingDate(starts=starts, why=why.code.partition(".")[2])
    return BookingDate(starts=starts, appointment=visit)


def _visit(by: Actor, service: Service, person: Person, told: Contact, starts: datetime) -> Appointment:
    slot = slot_for(by, service, starts) if starts > clock.now() else None
    if slot is None:
        raise Refusal("appointments.not_planned", starts=starts)
    check_slot(by.session, slot, actions.own_of(by, person))
    check_overlap(by.session, slot, person, visitor_key(by.helped))
    return actions.place(by, person, slot, told, None)
