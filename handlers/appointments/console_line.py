"""The counter's line of today: give a number, call the next one, say what became of them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import attempt, find, looking, staff
from handlers.appointments import line as actions
from handlers.appointments.console import all_services, console
from models.appointments import Appointment
from models.identity import Actor
from models.plans import Service
from models.tickets import Ticket, line_of


@console.get("/appointments/line")
@staff("desk", "approver")
def line() -> str:
    only = request.args.get("service", type=int)
    with looking() as by:
        services = by.session.scalars(
            all_services().where(Service.is_open, Service.home_visit.is_(False))
        ).all()
        lines = [(one, line_of(by.session, one)) for one in services if only in (None, one.id)]
        facts = {"services": services, "lines": lines, "only": only, "now": clock.now()}
        return render_template("appointments/console_line.html", **facts)


@console.post("/appointments/line/<int:number>/number")
@staff("desk", "approver")
def take_number(number: int) -> Response:
    given: list[int] = []
    attempt(lambda by: given.append(actions.take_number(by, find(by, Service, number)).id))
    if given:
        return redirect(url_for("appointments_console.ticket", number=given[-1]))
    return _back(number)


@console.post("/appointments/line/<int:number>/next")
@staff("desk", "approver")
def call_next(number: int) -> Response:
    called: list[str] = []

    def unit(by: Actor) -> None:
        called[:] = [_named(actions.call_next(by, find(by, Service, number)))]

    if attempt(unit):
        flash(f"请叫:{called[0]}", "success")
    return _back(number)


@console.post("/appointments/tickets/<int:number>/over")
@staff("desk", "approver")
def ticket_over(number: int) -> Response:
    """Done, nobody came, or back into the line."""
    where: list[int] = []
    outcome = request.form.get("outcome", "")

    def unit(by: Actor) -> None:
        found = find(by, Ticket, number)
        where[:] = [found.service_id]
        if outcome in actions.OUTCOMES:
            actions.end_ticket(by, found, outcome)
        else:
            actions.call_again(by, found)

    attempt(unit)
    return _back(where[0])


@console.post("/appointments/<int:number>/call-again")
@staff("desk", "approver")
def call_again(number: int) -> Response:
    where: list[int] = []

    def unit(by: Actor) -> None:
        found = find(by, Appointment, number)
        where[:] = [found.slot.service_id]
        actions.call_again(by, found)

    attempt(unit)
    return _back(where[0])


@console.get("/appointments/tickets/<int:number>")
@staff("desk", "approver")
def ticket(number: int) -> str:
    """The slip with the number, and how many are before it."""
    with looking() as by:
        row = find(by, Ticket, number)
        waiting = line_of(by.session, row.service).waiting
        place = next((at for at, one in enumerate(waiting) if one.ticket and one.ticket.id == row.id), None)
        about = waiting[place].about if place is not None else None
        return render_template("appointments/console_ticket.html", row=row, before=place, about=about)


def _named(one: Appointment | Ticket) -> str:
    if isinstance(one, Ticket):
        return f"现场{one.number}号"
    return f"{one.visitor_name or ''}(预约{one.number}号)"


def _back(service: int) -> Response:
    only = request.form.get("only", type=int)
    return redirect(url_for("appointments_console.line", service=only) + f"#service-{service}")
