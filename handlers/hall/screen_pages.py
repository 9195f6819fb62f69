"""What hangs in the hall: the screen that calls numbers, and the tablet that gives them.

A device is admitted like every tablet on the wall (/h5/wall, a code that opens once). There is no name on it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import segno
from flask import abort, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock
from app.channels.pages import current_site, for_everybody, refusal_words
from app.database import run_in_savepoint
from app.links import link_to
from handlers.hall import actions, kiosk_rules
from handlers.hall.pages import pages
from handlers.hall.slip_code import picture_for
from models import hall as model
from models import tablets
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.tablets import WallTablet
from models.tickets import Ticket, line_of

COOKIE = "wall"
NEW_FOR = timedelta(seconds=20)
NEXT_SHOWN, ASIDE_SHOWN = 8, 4
SAME_TAP = timedelta(seconds=3)
SLIP_SHOWN = timedelta(minutes=3)


# ---- the screen ------------------------------------------------------------------------------------------------------


@pages.get("/wall/line")
@for_everybody
def screen() -> Response:
    link = link_to(url_for(".mine"))
    door = segno.make(link, error="m", micro=False).svg_data_uri(border=2, scale=4)
    return _on_device("line", lambda by: render_template("hall/page_screen.html", door=door, **_shown(by)))


@pages.get("/wall/line/part")
@for_everybody
def screen_part() -> Response:
    return _on_device("line", lambda by: render_template("hall/page_screen_part.html", **_shown(by)))


def _shown(by: Actor) -> dict[str, Any]:
    """Numbers and windows; the window that called last is marked for a while."""
    line = line_of(by.session, list(by.session.scalars(model.hall_services())))
    at = {one.window_id: one for one in line.called}
    windows = [(one, at.get(one.id)) for one in by.session.scalars(model.windows())]
    fresh = {one.id for one in line.called if one.rung_at is not None and one.rung_at > clock.now() - NEW_FOR}
    return {
        "windows": [(one, row) for one, row in windows if row is not None or one.staff_id is not None],
        "fresh": fresh,
        "following": [one.ticket for one in line.waiting[:NEXT_SHOWN]],
        "waiting": len(line.waiting),
        "aside": line.aside[:ASIDE_SHOWN],
        "day": model.today(by.session),
        "now": clock.now(),
    }


# ---- the tablet that gives numbers -----------------------------------------------------------------------------------


@pages.get("/wall/numbers")
@for_everybody
def kiosk() -> Response:
    return _on_device("numbers", _kiosk_page)


def _kiosk_page(by: Actor) -> str:
    return render_template("hall/page_kiosk.html", rows=actions.standings(by), now=clock.now())


@pages.post("/wall/numbers")
@for_everybody
def kiosk_take() -> Response:
    """A tap too many gives the same number: nobody else can have stood there three seconds later."""
    wanted = request.form.get("service", 0, type=int)

    def work(by: Actor) -> Ticket:
        service = by.session.scalar(model.hall_services().where(Service.id == wanted))
        if service is None:
            raise Refusal("hall.closed_today")
        lately = Ticket.channel == actions.KIOSK, Ticket.came_at > clock.now() - SAME_TAP
        same = select(Ticket).where(*lately, Ticket.service_id == service.id, Ticket.state == "waiting")
        model.hold_day(by.session)
        found = by.session.scalar(same.order_by(Ticket.id.desc()).limit(1))
        if found is None:
            kiosk_rules.check_pace(by)
        return found or actions.take_number(by, service, actions.KIOSK)

    return _given(work)


@pages.get("/wall/numbers/booked")
@for_everybody
def kiosk_booked() -> Response:
    return _on_device("numbers", lambda by: render_template("hall/page_kiosk_booked.html", wrong=""))


@pages.post("/wall/numbers/booked")
@for_everybody
def kiosk_here() -> Response:
    """Who has booked types the number of the appointment. What it says is a number of today, and no name."""
    typed = request.form.get("number", "").strip()

    def look(by: Actor) -> Response:
        tablet = _locked(by)
        try:
            row = run_in_savepoint(by.session, lambda: kiosk_rules.here(by, tablet, typed))
        except Refusal as why:
            kiosk_rules.count_miss(by, tablet, why)
            return make_response(
                render_template("hall/page_kiosk_booked.html", wrong=refusal_words(why)), 409
            )
        return redirect(url_for(".kiosk_slip", code=row.code), 303)

    return _on_device("numbers", look)


@pages.get("/wall/numbers/<code>")
@for_everybody
def kiosk_slip(code: str) -> Response:
    """The number that was just given, for three minutes; then the next one stands before the tablet."""

    def look(by: Actor) -> str:
        row = by.session.scalar(select(Ticket).where(Ticket.code == code[:6], Ticket.day == clock.today()))
        if row is None or row.came_at < clock.now() - SLIP_SHOWN:
            return _kiosk_page(by)
        place = actions.place_of(by, row)
        return render_template("hall/page_kiosk_slip.html", row=row, place=place, code=picture_for(row))

    return _on_device("numbers", look)


def _locked(by: Actor) -> WallTablet:
    """The tablet of this request; nobody types at it meanwhile."""
    tablet = _device(by.session)
    if tablet is None:
        abort(404)
    tablets.lock(by.session, tablet)
    return tablet


def _given(work: Callable[[Actor], Ticket]) -> Response:
    def take(by: Actor) -> Response:
        try:
            row = run_in_savepoint(by.session, lambda: work(by))
        except Refusal as why:
            return make_response(render_template("hall/page_kiosk_sorry.html", wrong=refusal_words(why)), 409)
        return redirect(url_for(".kiosk_slip", code=row.code), 303)

    return _on_device("numbers", take)


def _on_device(shows: str, look: Callable[[Actor], Response | str]) -> Response:
    """Only for a device that was admitted for this; any other one is sent where a code is typed."""

    def unit(session: Session) -> Response:
        tablet = _device(session)
        if tablet is None or tablet.shows != shows:
            away = redirect(url_for("volunteers_pages.wall"), 303)
            if request.headers.get("HX-Request"):
                away = make_response("", 200)
                away.headers["HX-Redirect"] = url_for("volunteers_pages.wall")
            return away
        tablet.has_asked()
        return make_response(look(Actor(session, channel="page")))

    return current_site().database.writing(unit)


def _device(session: Session) -> WallTablet | None:
    mark = request.cookies.get(COOKIE, "")
    return tablets.by_device(session, mark) if mark else None
