"""Booking as pages: what can be booked and what to bring, then a day in words, a time, and the full sentence.

Looking asks nobody who they are; only the last page does. One's own appointments are in pages_mine.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import abort, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.channels.pages import (
    Found,
    Pages,
    act,
    as_resident,
    card,
    current_site,
    errors,
    for_everybody,
    for_residents,
    line,
    looking,
)
from app.understanding.phone import name_in, phone_in
from handlers.appointments import actions, seats
from handlers.appointments.contact import missing
from handlers.appointments.page_days import asked_day, day_of, days_shown, times_of
from handlers.appointments.undo import remember
from handlers.people import actions as people
from models.appointments import Appointment, Contact, appointments_of, known_contact, visitor_key
from models.booking_holds import Own
from models.booking_rules import check_cap, check_overlap, check_slot
from models.identity import Actor, Helped
from models.plans import Service, named_in, open_services
from models.refusal import Refusal
from models.slots import Slot

FIELDS = ("name", "phone", "address")
SOMEBODY_NEW = "other"
MOST_KNOWN = 3

pages = Pages("appointments_pages", __name__)


# ---- what there is -------------------------------------------------------------------------------------------------


@pages.get("/services")
@card("预约服务")
@for_everybody
def show_services() -> str:
    with current_site().database.reading() as session:
        rows = list(session.scalars(open_services()))
        return render_template("appointments/page_services.html", rows=rows)


@pages.get("/services/<int:number>")
@for_everybody
def show_service(number: int) -> str:
    """What to bring, when, where: to be read, ticked off and printed before anybody walks there."""
    with current_site().database.reading() as session:
        return render_template("appointments/page_service.html", service=_offered(session, number))


@pages.get("/services/<int:number>/days")
@for_everybody
def show_days(number: int) -> str:
    def look(by: Actor) -> str:
        service = _offered(by.session, number)
        facts = days_shown(by.session, service, _own(by))
        return render_template("appointments/page_days.html", service=service, moved=None, **facts)

    return looking(look)


@pages.get("/services/<int:number>/times")
@for_everybody
def show_times(number: int) -> str:
    def look(by: Actor) -> str:
        service, day = _offered(by.session, number), asked_day()
        halves = times_of(by.session, service, day, _own(by))
        return render_template(
            "appointments/page_times.html", service=service, day=day, halves=halves, moved=None
        )

    return looking(look)


def _own(by: Actor) -> Own:
    """Whose hold does not grey out a time: theirs who look, where we know them."""
    return Own(by.person.id if by.person else None)


@pages.finds
def find_services(session: Session, words: str) -> Sequence[Found]:
    found = named_in(words, session.scalars(open_services()).all())
    return [
        Found(one.name, one.summary, url_for("appointments_pages.show_service", number=one.id))
        for one in found
    ]


def _offered(session: Session, number: int) -> Service:
    row = session.scalar(open_services().where(Service.id == number))
    if row is None:
        abort(404)
    return row


# ---- the sentence, and booking -------------------------------------------------------------------------------------


@pages.get("/book/<int:slot>")
@for_residents
def confirm(slot: int) -> Response | str:
    """The whole sentence before the button, with what is still to be told. A time that has gone meanwhile, or at which
    the resident is elsewhere, is said now and not after the form has been filled; one that can be had is held for
    them while they fill it in."""

    def unit(by: Actor) -> str:
        wanted = _slot(by, slot)
        return _confirm_page(by, wanted, _why_not(by, wanted) or _hold(by, wanted))

    return as_resident(unit)


@pages.post("/book/<int:slot>")
@for_residents
def book(slot: int) -> Response:
    def work(by: Actor) -> str:
        told = Contact(*(line(field) or None for field in FIELDS))
        visitor = _visitor(by)
        if visitor.helped is not None:
            told = replace(told, name=None, phone=told.phone or visitor.helped.phone)
        made = actions.book(visitor, _slot(by, slot), contact=told)
        remember("booked", made)
        return url_for(".show_one", number=made.id, new=1)

    return act(work, lambda by, why: _confirm_page(by, _slot(by, slot), why))


def _hold(by: Actor, wanted: Slot) -> Refusal | None:
    try:
        seats.hold(by, wanted)
    except Refusal as why:
        return why
    return None


def _slot(by: Actor, number: int) -> Slot:
    held = by.session.get(Slot, number)
    if held is None:
        abort(404)
    return held


def _why_not(by: Actor, held: Slot) -> Refusal | None:
    """The rule that would say no to this time, found before anything is typed."""
    visitor = visitor_key(_known_helped(by))
    try:
        people.respect_withdrawal(by, "service")
        if _for_whom() != SOMEBODY_NEW:  # whose visits stand against it is not known before the name is
            check_overlap(by.session, held, by.me, visitor)  # before "gone": it may be theirs
        check_slot(by.session, held, _own(by))
        if _for_whom() != SOMEBODY_NEW:
            check_cap(by.session, held.service, by.me, visitor)
    except Refusal as why:
        return why
    return None


def _confirm_page(by: Actor, held: Slot, why: Refusal | None) -> str:
    helped, is_other = _known_helped(by), _for_whom() == SOMEBODY_NEW
    known = Contact() if is_other else known_contact(by.session, by.me, helped)
    wrong = errors(why, *FIELDS)
    return render_template(
        "appointments/page_confirm.html",
        slot=held,
        day=day_of(held),
        service=held.service,
        helped=helped,
        known=known,
        wanted=missing(known, held.service),
        for_whom=_for_whom(),
        is_other=is_other,
        before=_helped_before(by),
        is_new=people.is_new(by),
        wrong=wrong,
        why=why if "" in wrong else None,
        told=request.form,
    )


# ---- for whom ------------------------------------------------------------------------------------------------------


def _for_whom() -> str:
    """ "" for oneself, "other" for somebody whose name is told now, else the number of an own appointment that was made
    for the same person."""
    return request.form.get("for") or request.args.get("for") or ""


def _known_helped(by: Actor) -> Helped | None:
    """Whoever an own appointment was made for; None for oneself and for somebody new."""
    number = _for_whom()
    if number in ("", SOMEBODY_NEW):
        return None
    before = next((row for row in _helped_before(by) if f"{row.id}" == number), None)
    return before.helped if before else abort(404)  # never book for oneself instead


def _helped_before(by: Actor) -> list[Appointment]:
    """The last appointments that were made for somebody else, one for each of these people."""
    found: dict[str, Appointment] = {}
    for row in by.session.scalars(appointments_of(by.me).where(Appointment.helped_name.is_not(None))):
        found.setdefault(row.helped_name or "", row)
    return list(found.values())[:MOST_KNOWN]


def _visitor(by: Actor) -> Actor:
    """The resident, or the resident acting for a child, a parent, a neighbour."""
    if _for_whom() != SOMEBODY_NEW:
        helped = _known_helped(by)
        return by.helping(helped) if helped else by
    name, phone = name_in(line("name")), line("phone")
    if name is None:
        raise Refusal("appointments.bad_name")
    if phone and phone_in(phone) is None:
        raise Refusal("appointments.bad_phone")
    return by.helping(Helped(name, phone_in(phone) if phone else None, line("tie", 20)))
