"""Notices as pages that anybody may read: the list, and one of them."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from app.channels.pages import card, current_site, for_everybody
from models.notices import CATEGORIES, Notice, current_notices

MOST = 30

pages = Blueprint("notices_pages", __name__)


@pages.get("/notices")
@card("最新通知")
@for_everybody
def show_notices() -> str:
    chosen = request.args.get("category")
    category = chosen if chosen in CATEGORIES else None
    with current_site().database.reading() as session:
        rows = list(session.scalars(current_notices(category).limit(MOST)))
        used = {notice.category for notice in session.scalars(current_notices())}
        known = [name for name in CATEGORIES if name in used]
        return render_template("notices/page_list.html", rows=rows, categories=known, category=category)


@pages.get("/notices/<int:number>")
@for_everybody
def show_notice(number: int) -> str:
    """One notice; a link that was shared lives longer than the notice, which then says that it has expired."""
    with current_site().database.reading() as session:
        notice = session.get(Notice, number)
        if notice is None or notice.state != "published":
            abort(404)
        return render_template("notices/page_one.html", notice=notice)
