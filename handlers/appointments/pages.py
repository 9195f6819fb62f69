"""What can be booked, and one's own visits, as pages. Booking itself is done in chat, step by step."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.channels.pages import as_resident, card, current_site, for_everybody, for_residents
from models.appointments import upcoming
from models.identity import Actor
from models.plans import open_services

MOST = 30

pages = Blueprint("appointments_pages", __name__)


@pages.get("/services")
@card("预约服务")
@for_everybody
def show_services() -> str:
    with current_site().database.reading() as session:
        rows = list(session.scalars(open_services()))
        return render_template("appointments/page_services.html", rows=rows)


@pages.get("/appointments")
@for_residents
def show_mine() -> str:
    """The page behind every reminder: when, where, what to bring, and how to change it."""

    def look(by: Actor) -> str:
        rows = list(by.session.scalars(upcoming(by.me).limit(MOST)))
        return render_template("appointments/page_mine.html", rows=rows)

    return as_resident(look)
