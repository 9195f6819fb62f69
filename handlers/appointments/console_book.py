"""Booking for somebody at the counter or on the telephone: the time first, then who it is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import Console, as_staff, attempt, find, staff
from app.channels.console_forms import NOBODY_OF_THESE, NewcomerForm, words
from handlers.appointments import actions, seats
from handlers.people import actions as people
from models.appointments import Contact
from models.identity import Actor, Person
from models.people import Purpose
from models.slots import Slot

BOOKED = "约好了。有微信的本人会收到消息,没有微信的请打印回执给他。"


class BookForm(NewcomerForm):
    address = words("上门的地址", 100, needed=False)
    note = words("备注", 60, needed=False, hint="办事的人看得到,比如:走路不方便")


def enter(console: Console) -> None:
    """Put the page into the console of appointments."""
    console.add_url_rule("/appointments/book/<int:number>", view_func=book, methods=["GET", "POST"])
    console.add_url_rule("/appointments/book/<int:number>/leave", view_func=leave, methods=["POST"])


@staff("desk", "approver")
def book(number: int) -> Response | str:
    """One form that grows: the phone, then whose it is, then the place is taken. The time is kept meanwhile, from each
    step on anew; one that is gone is told before anything is typed."""
    form = BookForm()
    found: dict[str, str] = {}
    if form.validate_on_submit():
        found = as_staff(lambda by: found_by_phone(by, form.phone.data))
        known = form.offer({**found, "0": NOBODY_OF_THESE}) and form.says_who(found)
        if known and (booked := attempt(lambda by: _book(by, number, form, found), form, BOOKED)):
            return redirect(url_for("appointments_console.one", number=booked.it))

    held = None
    if not form.form_errors:  # whoever holds it may be the very person who stands here: the form is not shut
        held = attempt(lambda by: seats.hold_at_desk(by, find(by, Slot, number)), form)

    def unit(by: Actor) -> str:
        facts: dict[str, Any] = {"slot": find(by, Slot, number), "found": found, "form": form}
        facts["until"] = held.it.until if held else None
        return render_template("appointments/console_book.html", asked=form.is_submitted(), **facts)

    return as_staff(unit)


@staff("desk", "approver")
def leave(number: int) -> Response:
    """Not booked after all: the seat is everybody's again."""

    def unit(by: Actor) -> str:
        seats.let_go_at_desk(by)
        return clock.local(find(by, Slot, number).starts).date().isoformat()

    return redirect(url_for("appointments_console.board", day=as_staff(unit)))


def found_by_phone(by: Actor, phone: str) -> dict[str, str]:
    persons = people.find_by_phone(by, phone, purpose="booking")
    return {str(one.id): _label(one, persons) for one in persons}


def _label(one: Person, all_of_them: Sequence[Person]) -> str:
    """The name, and where they live when several share the phone."""
    place = f"({one.place.full_name})" if one.place and len(all_of_them) > 1 else ""
    return f"{one.name}{place}"


def _book(by: Actor, number: int, form: BookForm, found: dict[str, str]) -> int:
    slot = find(by, Slot, number)
    person = person_of(by, form, found)
    contact = Contact(name=form.name.data or None, phone=form.phone.data, address=form.address.data or None)
    return actions.book(by, slot, contact=contact, note=form.note.data or None, for_=person).id


def person_of(by: Actor, form: Any, found: dict[str, str]) -> Person:
    """The one who was chosen among those with this phone, or a new one who agreed at the counter."""
    if form.person.data in found:
        return find(by, Person, int(form.person.data))
    purposes: tuple[Purpose, ...] = ("service",) if form.agreed.data else ()
    return people.register(by, name=form.name.data or "", phone=form.phone.data, purposes=purposes)
