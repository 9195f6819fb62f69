"""Booking the same time again and again, at the desk for somebody or for a team, or by residents where the service
allows it: what can be had is booked, what cannot stays on file with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from app import audit, clock
from app.database import run_in_savepoint
from handlers.appointments import actions, messages
from handlers.appointments.holding import must_be_staff
from handlers.appointments.planning import foreseen_slot, slot_for
from handlers.appointments.striking import respect_pause
from models.appointments import Appointment, Contact, visitor_key
from models.booking_rules import check_cap, check_overlap, check_slot, lock_person
from models.booking_series import (
    MOST_TIMES,
    BookingDate,
    BookingSeries,
    given_back_with,
    instants,
    still_to_come,
)
from models.identity import Actor, Helped, Person
from models.plans import Service
from models.refusal import Refusal
from models.slots import Slot


@dataclass(frozen=True, slots=True)
class Wish:
    """Every so many weeks from a day on, at this time. `team` is who comes, when not the person alone."""

    service: Service
    first: date
    opens: time
    times: int
    every_weeks: int = 1
    team: str | None = None

    @property
    def instants(self) -> list[datetime]:
        return list(instants(self.first, self.opens, self.every_weeks, self.times))


def book(by: Actor, wish: Wish, person: Person, contact: Contact) -> BookingSeries:
    """The caps of one resident do not count, everything else does. Refuses with appointments.no_series for a number of
    times that is none, .none_of_series when no date at all can be had, and like `actions.book` for the contact."""
    if by.channel != "job":
        must_be_staff(by)
    if not 1 < wish.times <= MOST_TIMES:
        raise Refusal("appointments.no_series", most=MOST_TIMES)
    by = by.helping(Helped(wish.team, None, "团队")) if wish.team else replace(by, helped=None)
    lock_person(by.session, person)
    made = _booked(by, wish, person, contact)
    messages.tell_series(by.session, made, "appointments.series_booked")
    return made


def book_mine(by: Actor, wish: Wish, contact: Contact) -> BookingSeries:
    """Week after week, for oneself or for the one who is helped: with all caps, where the service allows it. Refuses
    also with appointments.no_weekly, .too_many, .too_many_in_all, .paused, people.consent_needed."""
    lock_person(by.session, by.me)
    visitor = visitor_key(by.helped)
    respect_pause(by, wish.service, by.me, visitor)
    check_weekly(wish.service)
    if wish.times < 2:
        raise Refusal("appointments.no_series", most=wish.service.series_most)
    check_cap(by.session, wish.service, by.me, visitor, wish.times)
    return _booked(by, wish, by.me, contact)


def check_weekly(service: Service) -> None:
    """Whether residents may book it week after week by themselves."""
    if service.series_most is None:
        raise Refusal("appointments.no_weekly", service=service)


def _booked(by: Actor, wish: Wish, person: Person, contact: Contact) -> BookingSeries:
    actions.agree(by, person)
    told = actions.contact_of(by, person, wish.service, contact)
    series = BookingSeries(
        person=person,
        service=wish.service,
        first_day=wish.first,
        opens=wish.opens,
        every_weeks=wish.every_weeks,
        times=wish.times,
        made_by=by.staff.id if by.staff else None,
    )
    series.team = wish.team
    by.session.add(series)
    for starts in wish.instants:
        series.dates.append(_date(by, wish.service, person, told, starts))
        by.session.flush()
    if not series.booked:
        raise Refusal("appointments.none_of_series", service=wish.service)
    facts = {"booked": len(series.booked), "refused": len(series.refused)}
    audit.note(by, "appointments.book_series", series, **facts)
    return series


def foresee(by: Actor, wish: Wish) -> list[tuple[datetime, str | None]]:
    """What `book_mine` would book, and why not the rest, asked without touching anything: between two questions of a
    talk nothing is written."""
    return [(starts, _why_not(by, wish.service, starts)) for starts in wish.instants]


def _why_not(by: Actor, service: Service, starts: datetime) -> str | None:
    try:
        _check(by, by.me, foreseen_slot(by, service, starts), starts)
    except Refusal as why:
        return _code(why)
    return None


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
    """Give all dates from a day on back; how many they were. What is before it stays, and so does what a resident may
    no longer cancel. Refuses with appointments.not_yours, .too_late when nothing can be given back."""
    _hold(by, series)
    coming = by.session.scalars(still_to_come(series, first).execution_options(populate_existing=True)).all()
    given = [one for one in coming if by.staff is not None or one.can_be_changed]
    if coming and not given:
        raise Refusal("appointments.too_late", appointment=coming[0])
    for appointment in given:
        actions.release(by, appointment, "appointments.cancel", reason)
    series.stopped_from = min(first, series.stopped_from or first)
    audit.note(by, "appointments.stop_series", series, count=len(given))
    if given and by.staff is not None:
        by.session.flush()
        messages.tell_series(by.session, series, "appointments.series_stopped", first=first.isoformat())
    return len(given)


def stop_mine(by: Actor, series: BookingSeries, reason: str) -> int:
    """All that is still to come."""
    return stop(by, series, clock.today(), reason)


def give_back(by: Actor, series: BookingSeries) -> int:
    """Undo a series of the last minutes: no limit stands against it."""
    _hold(by, series)
    coming = by.session.scalars(still_to_come(series, series.first_day)).all()
    for appointment in coming:
        actions.release(by, appointment, "appointments.undo", None)
    audit.note(by, "appointments.undo_series", series, count=len(coming))
    return len(coming)


def take_up(by: Actor, series: BookingSeries, reason: str) -> tuple[int, int]:
    """Undo a stop of the last minutes: how many visits came back, and how many have gone to somebody else."""
    _hold(by, series)
    given = by.session.scalars(given_back_with(series, reason)).all()
    back = [one for one in given if _comes_back(by, one)]
    series.stopped_from = None
    audit.note(by, "appointments.take_up_series", series, count=len(back))
    return len(back), len(given) - len(back)


def _comes_back(by: Actor, appointment: Appointment) -> bool:
    try:
        run_in_savepoint(by.session, lambda: actions.reinstate(by, appointment))
    except Refusal:
        return False
    return True


def _hold(by: Actor, series: BookingSeries) -> None:
    if by.staff is None and (by.person is None or by.person.id != series.person_id):
        raise Refusal("appointments.not_yours")
    lock_person(by.session, series.person)


def _date(by: Actor, service: Service, person: Person, told: Contact, starts: datetime) -> BookingDate:
    """One date, booked whole or not at all."""
    try:
        visit = run_in_savepoint(by.session, lambda: _visit(by, service, person, told, starts))
    except Refusal as why:
        return BookingDate(starts=starts, why=_code(why))
    return BookingDate(starts=starts, appointment=visit)


def _visit(by: Actor, service: Service, person: Person, told: Contact, starts: datetime) -> Appointment:
    slot = slot_for(by, service, starts) if starts > clock.now() else None
    return actions.place(by, person, _check(by, person, slot, starts), told, None)


def _check(by: Actor, person: Person, slot: Slot | None, starts: datetime) -> Slot:
    """The rules of one date, for who looks ahead as for who books."""
    if slot is None or starts <= clock.now():
        raise Refusal("appointments.not_planned", starts=starts)
    check_slot(by.session, slot, actions.own_of(by, person))
    check_overlap(by.session, slot, person, visitor_key(by.helped))
    return slot


def _code(why: Refusal) -> str:
    return why.code.partition(".")[2]
