"""One's own appointments as pages: the list, one of them, another time, giving the place back, a line for the
calendar."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.channels.pages import (
    act,
    as_resident,
    card,
    current_site,
    errors,
    for_residents,
    line,
    looking_on,
    mine_or_404,
    shown,
)
from handlers.appointments import actions, cancelling, seats
from handlers.appointments.ics import calendar_of
from handlers.appointments.messages import room_of
from handlers.appointments.page_days import asked_day, day_of, days_shown, times_of
from handlers.appointments.pages import pages
from handlers.appointments.undo import may_undo, remember
from handlers.people import actions as people
from models.appointments import Appointment, appointments_of, upcoming
from models.booking_rules import check_change, check_move
from models.identity import Actor
from models.reasons import reasons
from models.refusal import Refusal
from models.slots import Slot
from models.strikes import strikes_of
from models.waiting import waits_of
from models.waiting_offers import is_live

MOST, MOST_PAST = 30, 5


@pages.get("/appointments")
@card("我的预约")
@for_residents
def show_mine() -> str:
    """The page behind every reminder: when, where, what to bring, and how to change it."""

    def look(by: Actor) -> str:
        ahead = list(by.session.scalars(upcoming(by.me).limit(MOST)))
        others = appointments_of(by.me).where(Appointment.id.not_in([row.id for row in ahead]))
        past = list(by.session.scalars(others.limit(MOST_PAST)))
        waits = by.session.scalars(waits_of(by.me)).all()
        facts: dict[str, Any] = {"waits": waits, "kept": any(is_live(one) for one in waits)}
        facts |= {"noted": by.session.scalars(strikes_of(by.me).limit(1)).all()}
        return render_template("appointments/page_mine.html", rows=ahead, past=past, **facts)

    return looking_on(look)


@pages.get("/appointments/<int:number>")
@for_residents
def show_one(number: int) -> str:
    def look(by: Actor) -> str:
        return _one(by, _own(by, number))

    return looking_on(look)


def _own(by: Actor, number: int) -> Appointment:
    return mine_or_404(by, Appointment, number)


def _one(by: Actor, row: Appointment, wrong: dict[str, str] | None = None) -> str:
    facts: dict[str, Any] = {"row": row, "service": row.service, "wrong": wrong or {}}
    facts["room"] = room_of(by.session, row)
    facts |= {"is_new": request.args.get("new") == "1", "is_moved": request.args.get("moved") == "1"}
    facts |= {"is_past": row.slot.ends <= clock.now(), "may_give_back": may_undo("booked", row)}
    return render_template("appointments/page_one.html", may_restore=may_undo("cancelled", row), **facts)


@pages.get("/appointments/<int:number>/calendar.ics")
@for_residents
def calendar(number: int) -> Response:
    def look(by: Actor) -> Response:
        text = calendar_of(_own(by, number), current_site().settings.community.name)
        answer = Response(text, mimetype="text/calendar")
        answer.headers["Content-Disposition"] = f'attachment; filename="appointment-{number}.ics"'
        return answer

    return looking_on(look)


# ---- another time --------------------------------------------------------------------------------------------------


@pages.get("/appointments/<int:number>/days")
@for_residents
def other_days(number: int) -> Response:
    def look(by: Actor) -> str:
        moved = _own(by, number)
        people.respect_withdrawal(by, "service")
        check_change(moved)
        facts = days_shown(by.session, moved.service, moved.own)
        return render_template("appointments/page_days.html", moved=moved, service=moved.service, **facts)

    return shown(look)


@pages.get("/appointments/<int:number>/times")
@for_residents
def other_times(number: int) -> Response:
    def look(by: Actor) -> str:
        moved, day = _own(by, number), asked_day()
        check_change(moved)
        halves = times_of(by.session, moved.service, day, moved.own)
        return render_template(
            "appointments/page_times.html", service=moved.service, day=day, halves=halves, moved=moved
        )

    return shown(look)


@pages.get("/appointments/<int:number>/move/<int:slot>")
@for_residents
def confirm_move(number: int, slot: int) -> str:
    """The new time is held while they read the sentence; the old one is theirs all the while."""

    def unit(by: Actor) -> str:
        moved, wanted = _own(by, number), _slot(by, slot)
        try:
            check_change(moved)
            check_move(by.session, moved, wanted)
            seats.hold(by, wanted, moved.own)
        except Refusal as why:
            return _move_page(moved, wanted, why)
        return _move_page(moved, wanted, None)

    return as_resident(unit)


@pages.post("/appointments/<int:number>/move/<int:slot>")
@for_residents
def move(number: int, slot: int) -> AnyResponse:
    def work(by: Actor) -> str:
        moved = actions.rebook(by, _own(by, number), _slot(by, slot))
        return url_for(".show_one", number=moved.id, moved=1)

    return act(work, lambda by, why: _move_page(_own(by, number), _slot(by, slot), why))


def _slot(by: Actor, number: int) -> Slot:
    held = by.session.get(Slot, number)
    if held is None:
        abort(404)
    return held


def _move_page(moved: Appointment, held: Slot, why: Refusal | None) -> str:
    return render_template(
        "appointments/page_move.html", row=moved, slot=held, day=day_of(held), why=why, wrong=errors(why)
    )


# ---- giving the place back -----------------------------------------------------------------------------------------


@pages.get("/appointments/<int:number>/cancel")
@for_residents
def confirm_cancel(number: int) -> Response:
    def look(by: Actor) -> str:
        row = _own(by, number)
        if not may_undo("booked", row):
            check_change(row)
        return render_template(
            "appointments/page_cancel.html",
            row=row,
            options=[(one.code, one.words) for one in reasons(by.session)],
        )

    return shown(look)


@pages.post("/appointments/<int:number>/cancel")
@for_residents
def cancel(number: int) -> AnyResponse:
    """What was booked in the last minutes is given back without a limit, as 撤销 does in the chat."""

    def work(by: Actor) -> str:
        row, reason = _own(by, number), line("reason")
        if may_undo("booked", row):
            actions.give_back(by, row)
        else:
            cancelling.cancel(by, row, reason)
        remember("cancelled", row)
        return url_for(".show_one", number=row.id)

    return act(work, lambda by, why: _one(by, _own(by, number), errors(why)))


@pages.post("/appointments/<int:number>/restore")
@for_residents
def restore(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        row = _own(by, number)
        if not may_undo("cancelled", row):
            raise Refusal("appointments.undo_is_over")
        actions.reinstate(by, row)
        return url_for(".show_one", number=row.id, new=1)

    return act(work, lambda by, why: _one(by, _own(by, number), errors(why)))
