"""Notices as pages that anybody may read: the list, one of them with its ticks, and what a search finds."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, render_template, request, url_for
from sqlalchemy.orm import Session

from app.channels.pages import Found, Pages, asked_page, card, current_site, for_everybody
from app.words import day_words
from models.notice_search import covers, search
from models.notices import CATEGORIES, Notice, current_notices
from models.reach import correction_of_notice

AT_ONCE, MOST_FOUND = 20, 5
SURE = 0.6

pages = Pages("notices_pages", __name__)


@pages.get("/notices")
@card("最新通知")
@for_everybody
def show_notices() -> str:
    chosen = request.args.get("category")
    category, page = chosen if chosen in CATEGORIES else None, asked_page()
    with current_site().database.reading() as session:
        rows = list(
            session.scalars(current_notices(category).offset((page - 1) * AT_ONCE).limit(AT_ONCE + 1))
        )
        used = set(session.scalars(current_notices().with_only_columns(Notice.category).order_by(None)))
        known = [name for name in CATEGORIES if name in used]
        shown = {"rows": rows[:AT_ONCE], "more": len(rows) > AT_ONCE, "page": page}
        return render_template("notices/page_list.html", categories=known, category=category, **shown)


@pages.get("/notices/<int:number>")
@for_everybody
def show_notice(number: int) -> str:
    """One notice; a link that was shared lives longer than the notice, which then says that it has expired."""
    with current_site().database.reading() as session:
        notice = session.get(Notice, number)
        correction = correction_of_notice(session, notice) if notice else None
        if notice is None or (notice.state != "published" and correction is None):
            abort(404)
        return render_template("notices/page_one.html", notice=notice, correction=correction)


@pages.finds
def find_notices(session: Session, words: str) -> Sequence[Found]:
    """As the chat does: only those that the words are really about."""
    fitting = [notice for notice in search(session, words, MOST_FOUND) if covers(notice, words) >= SURE]
    return [
        Found(
            notice.title,
            f"通知 · {notice.category}"
            + (f" · {day_words(notice.published_at)}" if notice.published_at else ""),
            url_for("notices_pages.show_notice", number=notice.id),
        )
        for notice in fitting
    ]
