"""上门 as pages: what, which half day, where; one's own jobs; and "好了吗" by one touch."""

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
)
from handlers.circle import actions, following, visiting
from handlers.circle.home import known_home
from handlers.circle.pages import pages
from handlers.people import actions as people
from models.appointments import Contact
from models.circle import home_services
from models.circle_fit import HalfDay, free_halves
from models.circle_jobs import FollowUp, HomeJob, jobs_of
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal

MOST = 20
FIELDS = ("name", "phone", "address")


@pages.get("/circle/home")
@card("上门服务", on_home=False)
@for_residents
def home() -> str:
    """What can be done at home, and what was ordered."""

    def look(by: Actor) -> str:
        services = by.session.scalars(home_services()).all()
        jobs = by.session.scalars(jobs_of(by.me).limit(MOST)).all()
        return render_template("circle/page_home.html", services=services, jobs=jobs)

    return looking_on(look)


@pages.get("/circle/home/<int:number>")
@for_residents
def which_half(number: int) -> str:
    return looking_on(lambda by: _order_page(by, number, None))


def _order_page(by: Actor, number: int, why: Refusal | None) -> str:
    service = _offered(by, number)
    known = known_home(by)
    wrong = errors(why, *FIELDS)
    return render_template(
        "circle/page_order.html",
        service=service,
        halves=[(one.code, one.day, one.part) for one in free_halves(by.session, service)],
        known=known,
        is_new=people.is_new(by),
        wrong=wrong,
        told=request.form,
    )


def _offered(by: Actor, number: int) -> Service:
    row = by.session.scalar(home_services().where(Service.id == number))
    return row if row is not None else abort(404)


@pages.post("/circle/home/<int:number>")
@for_residents
def order(number: int) -> Response:
    def work(by: Actor) -> str:
        known = known_home(by)
        contact = Contact(
            line("name") or known.name, line("phone") or known.phone, line("address", 60) or known.address
        )
        try:
            half = HalfDay.read(request.form.get("half", ""))
        except ValueError:
            raise Refusal("circle.not_that_half") from None
        job = actions.order(by, _offered(by, number), half, contact, words=line("note", 60) or None)
        return url_for(".one_job", number=job.id, new=1)

    return act(work, lambda by, why: _order_page(by, number, why))


@pages.get("/circle/jobs/<int:number>")
@for_residents
def one_job(number: int) -> str:
    def look(by: Actor) -> str:
        job = mine_or_404(by, HomeJob, number)
        return render_template("circle/page_job.html", job=job, new=request.args.get("new") == "1")

    return looking_on(look)


def _do(number: int, step: Any) -> Response:
    def work(by: Actor) -> str:
        step(by, mine_or_404(by, HomeJob, number))
        return url_for(".one_job", number=number)

    return act(work)


@pages.post("/circle/jobs/<int:number>/take-back")
@for_residents
def take_back(number: int) -> Response:
    return _do(number, actions.take_back)


@pages.post("/circle/jobs/<int:number>/confirm")
@for_residents
def confirm(number: int) -> Response:
    return _do(number, visiting.confirm)


@pages.post("/circle/jobs/<int:number>/again")
@for_residents
def again(number: int) -> Response:
    return _do(number, visiting.reopen)


# ---- 好了吗 --------------------------------------------------------------------------------------------------------


@pages.get("/circle/well/<int:number>")
@for_residents
def is_it_well(number: int) -> str:
    def look(by: Actor) -> str:
        row = mine_or_404(by, FollowUp, number)
        return render_template("circle/page_well.html", row=row)

    return looking_on(look)


@pages.post("/circle/well/<int:number>")
@for_residents
def answer(number: int) -> Response:
    def work(by: Actor) -> str:
        row = mine_or_404(by, FollowUp, number)
        if request.form.get("well") == "yes":
            following.well(by, row)
            return url_for(".is_it_well", number=number)
        return url_for(".one_job", number=following.not_well(by, row).id)

    return act(work)
