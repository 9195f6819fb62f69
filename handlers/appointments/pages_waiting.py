"""Waiting as pages: for what, one's places in the line, a seat that is kept; telling late; and what was noted."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.pages import (
    act,
    card,
    errors,
    for_residents,
    line,
    looking_on,
    mine_or_404,
    shown,
    there_or_404,
)
from app.understanding.phone import name_in, phone_in
from handlers.appointments import cancelling, striking, waiting
from handlers.appointments.contact import missing
from handlers.appointments.own_line import wished_words
from handlers.appointments.pages import pages
from handlers.appointments.queueing import meant
from handlers.appointments.undo import remember
from handlers.appointments.wished import ANY, free_by_half, wished_of, wishes_of
from handlers.people import actions as people
from models.appointments import Appointment, Contact, known_contact
from models.identity import Actor, Helped
from models.plans import Service, open_services
from models.reasons import reasons
from models.refusal import Refusal
from models.strikes import Strike, appeals_of, paused_until, strikes_of
from models.waiting import SlotWait, ahead_of, waits_of
from models.waiting_offers import is_live

FIELDS = ("name", "phone", "address")
MOST_NOTED = 10


# ---- one's places --------------------------------------------------------------------------------------------------


@pages.get("/waiting")
@card("我的排队", on_home=False)
@for_residents
def my_line() -> str:
    def look(by: Actor) -> str:
        rows = list(by.session.scalars(waits_of(by.me)))
        places = [(row, wished_words(row), ahead_of(by.session, row), is_live(row)) for row in rows]
        return render_template("appointments/page_line.html", places=places, wrong={})

    return looking_on(look)


@pages.post("/waiting/<int:number>/take")
@for_residents
def take_seat(number: int) -> Response:
    def work(by: Actor) -> str:
        made = waiting.take(by, mine_or_404(by, SlotWait, number))
        remember("booked", made)
        return url_for(".show_one", number=made.id, new=1)

    return act(work)


@pages.post("/waiting/<int:number>/pass")
@for_residents
def pass_seat(number: int) -> Response:
    def work(by: Actor) -> str:
        waiting.let_pass(by, mine_or_404(by, SlotWait, number))
        return url_for(".my_line")

    return act(work)


@pages.post("/waiting/<int:number>/leave")
@for_residents
def leave_line(number: int) -> Response:
    def work(by: Actor) -> str:
        waiting.leave(by, mine_or_404(by, SlotWait, number))
        return url_for(".my_line")

    return act(work)


# ---- into the line -------------------------------------------------------------------------------------------------


@pages.get("/services/<int:number>/wait")
@for_residents
def wait_for(number: int) -> Response:
    """What is wished stands in the address ("2026-11-25", "2026-11-25T09:30"); without it, any time."""
    return shown(lambda by: _wish_page(by, number, None))


@pages.post("/services/<int:number>/wait")
@for_residents
def line_up(number: int) -> Response:
    def work(by: Actor) -> str:
        service, told = _offered(by, number), Contact(*(line(field) or None for field in FIELDS))
        visitor = by
        if line("for") == "other":
            visitor, told = _helping(by), Contact(None, told.phone, told.address)
        waiting.wait(visitor, service, meant(by, service, line("wish")), contact=told)
        return url_for(".my_line")

    return act(work, lambda by, why: _wish_page(by, number, why))


def _helping(by: Actor) -> Actor:
    name, phone = name_in(line("name")), line("phone")
    if name is None:
        raise Refusal("appointments.bad_name")
    return by.helping(Helped(name, phone_in(phone) if phone else None, ""))


def _wish_page(by: Actor, number: int, why: Refusal | None) -> str:
    service = _offered(by, number)
    people.respect_withdrawal(by, "service")
    is_other = (request.form.get("for") or request.args.get("for")) == "other"
    if why is None and not is_other:
        waiting.may_wait(by, service)
    wish = request.form.get("wish") or request.args.get("wish") or ""
    known = Contact() if is_other else known_contact(by.session, by.me, None)
    facts: dict[str, Any] = {"service": service, "known": known, "wanted": missing(known, service)}
    facts |= {"wishes": _wishes(by, service, wish), "wish": wish or ANY, "is_other": is_other}
    facts |= {"wrong": errors(why, *FIELDS), "told": request.form, "is_new": people.is_new(by)}
    return render_template("appointments/page_wait.html", **facts)


def _wishes(by: Actor, service: Service, wish: str) -> list[tuple[str, str]]:
    """(code, words): the one that was asked for first, then the others."""
    codes = [*([wish] if wish else []), *wishes_of(free_by_half(by.session, service))]
    found = {}
    for code in codes:
        wished = wished_of(by.session, service, code)
        if wished is None:
            abort(404)
        whole = SlotWait(slot=wished.slot, first=wished.first, last=wished.last, half=wished.half)
        found[code] = "哪天有空都行" if code == ANY else wished_words(whole)
    return list(found.items())


def _offered(by: Actor, number: int) -> Service:
    return there_or_404(by.session.scalar(open_services().where(Service.id == number)))


# ---- too late to cancel --------------------------------------------------------------------------------------------


@pages.get("/appointments/<int:number>/not-coming")
@for_residents
def confirm_not_coming(number: int) -> str:
    def look(by: Actor) -> str:
        row = mine_or_404(by, Appointment, number)
        options = [(one.code, one.words) for one in reasons(by.session)]
        return render_template("appointments/page_not_coming.html", row=row, options=options)

    return looking_on(look)


@pages.post("/appointments/<int:number>/not-coming")
@for_residents
def not_coming(number: int) -> Response:
    def work(by: Actor) -> str:
        row = cancelling.tell_late(by, mine_or_404(by, Appointment, number), line("reason") or None)
        return url_for(".show_one", number=row.id)

    return act(work)


# ---- what was noted ------------------------------------------------------------------------------------------------


@pages.get("/missed")
@card("没来的记录", on_home=False)
@for_residents
def missed() -> str:
    return looking_on(lambda by: _missed_page(by, None))


@pages.post("/missed/<int:number>/say")
@for_residents
def say(number: int) -> Response:
    def work(by: Actor) -> str:
        striking.appeal(by, mine_or_404(by, Strike, number), line("said"))
        return url_for(".missed")

    return act(work, _missed_page)


def _missed_page(by: Actor, why: Refusal | None) -> str:
    rows = list(by.session.scalars(strikes_of(by.me).limit(MOST_NOTED)))
    said = {one.strike_id: one for one in by.session.scalars(appeals_of(by.me))}
    ends = [paused_until(by.session, by.me, one.visitor, one.kind) for one in rows]
    paused = max((end for end in ends if end is not None), default=None)
    return render_template(
        "appointments/page_missed.html", rows=rows, said=said, paused=paused, wrong=errors(why, "words")
    )
