"""A provider's own pages: what there is to do, days off, papers. Whoever is none gets a page that is not there."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.channels.pages import act, for_residents, line, looking_on, there_or_404
from handlers.circle import actions, covering, visiting
from handlers.circle.pages import pages
from models.circle import Provider, provider_of
from models.circle_jobs import HomeJob, jobs_for
from models.identity import Actor
from models.refusal import Refusal

MOST = 50


@pages.get("/circle/work")
@for_residents
def my_work() -> str:
    def look(by: Actor) -> str:
        me = _me(by)
        rows = by.session.scalars(jobs_for(me).limit(MOST)).all()
        today = [one for one in rows if one.starts and clock.local(one.starts).date() <= clock.today()]
        later = [one for one in rows if one not in today]
        return render_template("circle/page_work.html", provider=me, today=today, later=later)

    return looking_on(look)


@pages.get("/circle/work/<int:number>")
@for_residents
def one_work(number: int) -> str:
    return looking_on(lambda by: render_template("circle/page_one_work.html", job=_theirs(by, number)))


def _me(by: Actor) -> Provider:
    return there_or_404(provider_of(by.session, by.me))


def _theirs(by: Actor, number: int) -> HomeJob:
    job = by.session.get(HomeJob, number)
    if job is None or job.provider_id != _me(by).id:
        abort(404)
    return job


def _do(number: int, step: Any, back: str = "") -> Response:
    def work(by: Actor) -> str:
        step(by, _theirs(by, number))
        return back or url_for(".one_work", number=number)

    return act(work)


@pages.post("/circle/work/<int:number>/accept")
@for_residents
def accept_work(number: int) -> Response:
    return _do(number, actions.accept)


@pages.post("/circle/work/<int:number>/decline")
@for_residents
def decline_work(number: int) -> Response:
    return _do(number, actions.decline, url_for(".my_work"))


@pages.post("/circle/work/<int:number>/set-out")
@for_residents
def set_out(number: int) -> Response:
    return _do(number, visiting.set_out)


@pages.post("/circle/work/<int:number>/finish")
@for_residents
def finish_work(number: int) -> Response:
    """The log of one minute."""
    minutes, yuan = (request.form.get(name, type=int) for name in ("minutes", "yuan"))
    log = line("log")
    return _do(
        number,
        lambda by, job: visiting.finish(by, job, log, minutes=minutes, yuan=yuan),
        url_for(".my_work"),
    )


# ---- days off, papers ------------------------------------------------------------------------------------------------


@pages.get("/circle/work/days")
@for_residents
def my_days() -> str:
    def look(by: Actor) -> str:
        me = _me(by)
        days = covering.days_away(by.session, me)
        return render_template("circle/page_days_off.html", provider=me, days=days, today=clock.today())

    return looking_on(look)


@pages.post("/circle/work/days")
@for_residents
def take_days() -> Response:
    def work(by: Actor) -> str:
        me, first = _me(by), _day("first")
        covering.day_off(by, me, first, _day("last") if request.form.get("last") else first)
        return url_for(".my_days")

    return act(work)


@pages.post("/circle/work/days/back")
@for_residents
def work_again() -> Response:
    def work(by: Actor) -> str:
        covering.back_again(by, _me(by), _day("day"))
        return url_for(".my_days")

    return act(work)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Refusal("circle.no_such_days", most=covering.LONGEST_ABSENCE) from None
