"""Thanks to read: what was said beside what may be read, as the staff put it; nobody else sees it before."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from app import audit
from app.channels.console import as_staff, attempt, find, staff
from app.channels.lists import asked_page
from handlers.teams import actions
from handlers.teams.console import READERS, console
from handlers.teams.sentences import LONGEST, what_shows
from models.identity import Actor
from models.teams_thanks import Thanks, to_review

PER_PAGE = 20
FROM = {"leader": "队长", "staff": "社区", "served": "得到帮忙的居民"}


@console.get("/teams/thanks")
@staff(*READERS)
def thanks() -> str:
    """Words of residents stand on it: that they were opened is written down."""
    number = asked_page()

    def look(by: Actor) -> str:
        queue = to_review().options(joinedload(Thanks.person), joinedload(Thanks.giver))
        rows = by.session.scalars(queue.offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
        audit.note(by, "teams.view_thanks", None, shown=min(len(rows), PER_PAGE))
        facts: dict[str, Any] = {
            "rows": [(row, _fault(row)) for row in rows[:PER_PAGE]],
            "more": len(rows) > PER_PAGE,
            "page": number,
            "sources": FROM,
            "longest": LONGEST,
            "mine": by.staff.id if by.staff is not None else 0,
        }
        return render_template("teams/console_thanks.html", **facts)

    return as_staff(look)


def _fault(row: Thanks) -> str:
    """What others must not read of it, so that it is changed before it is let through."""
    names = [one.name for one in (row.giver, row.person) if one is not None]
    return what_shows(row.text or "", *names)


@console.post("/teams/thanks/<int:number>")
@staff("approver")
def review_thanks(number: int) -> Response:
    said = request.form.get("words", "")

    def unit(by: Actor) -> None:
        row = find(by, Thanks, number)
        if request.form.get("answer") == "yes":
            actions.approve(by, row, said)
        else:
            actions.refuse_thanks(by, row)

    done = "通过了,转给他了。" if request.form.get("answer") == "yes" else "没有转,谁也看不到。"
    attempt(unit, done=done)
    return redirect(url_for("teams_console.thanks"))
