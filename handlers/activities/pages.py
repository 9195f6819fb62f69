"""What is on, as a page that anybody may read."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.channels.pages import card, current_site, for_everybody
from models.activities import coming

MOST = 30

pages = Blueprint("activities_pages", __name__)


@pages.get("/activities")
@card("活动报名")
@for_everybody
def show_activities() -> str:
    with current_site().database.reading() as session:
        rows = list(session.scalars(coming().limit(MOST)))
        return render_template("activities/page_coming.html", rows=rows)
