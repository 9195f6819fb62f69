"""The hall on the resident's phone: what can be done now and how many wait, a number, where mine stands."""

from __future__ import annotations

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.pages import (
    Pages,
    act,
    card,
    for_everybody,
    for_residents,
    looking,
    looking_on,
    mine_or_404,
    refusal_words,
    there_or_404,
)
from handlers.hall import actions
from handlers.people import actions as people
from models import hall as model
from models.appointments import Appointment
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.tickets import Ticket, live_of, my_visits_today

pages = Pages("hall_pages", __name__)


@pages.get("/hall")
@card("取号")
@for_everybody
def hall() -> str:
    """Before anybody walks there: how many wait for what."""

    def look(by: Actor) -> str:
        return render_template("hall/page_hall.html", rows=actions.standings(by))

    return looking(look)


@pages.get("/hall/services/<int:number>")
@for_residents
def confirm(number: int) -> str:
    return looking_on(lambda by: _confirm_page(by, number))


def _confirm_page(by: Actor, number: int, why: Refusal | None = None) -> str:
    service = there_or_404(by.session.scalar(model.hall_services().where(Service.id == number)))
    try:
        people.respect_withdrawal(by, "service")
    except Refusal as withdrawn:
        why = withdrawn
    facts = {
        "one": actions.standing(by, service),
        "new": people.is_new(by),
        "why": why,
        "say_why": refusal_words,
    }
    return render_template("hall/page_take.html", **facts)


@pages.post("/hall/services/<int:number>")
@for_residents
def take(number: int) -> Response:
    def work(by: Actor) -> str:
        service = there_or_404(by.session.scalar(model.hall_services().where(Service.id == number)))
        actions.take_number(by, service)
        return url_for(".mine")

    return act(work, lambda by, why: _confirm_page(by, number, why))


@pages.get("/hall/mine")
@card("我的号", on_home=False)
@for_residents
def mine() -> str:
    """Also behind the code at the door: who has booked says here that they have come."""

    def look(by: Actor) -> str:
        rows = [(one, actions.place_of(by, one)) for one in by.session.scalars(live_of(by.me))]
        visits = my_visits_today(by.session, by.me)
        done = request.args.get("done", "")[:10]
        return render_template("hall/page_mine.html", rows=rows, visits=visits, done=done)

    return looking_on(look)


@pages.post("/hall/visits/<int:number>/here")
@for_residents
def here(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.arrive(by, mine_or_404(by, Appointment, number))
        return url_for(".mine")

    return act(work)


@pages.post("/hall/numbers/<int:number>/back")
@for_residents
def back(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.come_back(by, mine_or_404(by, Ticket, number))
        return url_for(".mine")

    return act(work)


@pages.post("/hall/numbers/<int:number>/leave")
@for_residents
def leave(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.give_back(by, mine_or_404(by, Ticket, number))
        return url_for(".mine", done="left")

    return act(work)
