"""My information as a page: everything that we keep, under the headings of the features that keep it."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.channels.pages import as_resident, for_residents
from handlers.people import actions
from models.identity import Actor

pages = Blueprint("people_pages", __name__)


@pages.get("/me")
@for_residents
def show_me() -> str:
    def look(by: Actor) -> str:
        return render_template("people/page_me.html", kept=actions.export(by, by.me))

    return as_resident(look)
