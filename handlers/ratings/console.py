"""评价 at the console: how services were, by their names, from five ratings on; and the diary of what was said.

No names of staff, no ranking: services stand in the order of the alphabet, and an average says how it was made.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app import audit, clock
from app.channels.console import Card, Console, Line, as_staff, attempt, looking, staff
from app.channels.console_forms import ConsoleForm, sentence
from app.channels.lists import asked_page
from handlers.ratings import actions
from handlers.ratings.sentences import LONGEST_ANSWER
from models.base import count_rows
from models.identity import Actor
from models.rating_fair import LEAST_SHOWN, PRIOR
from models.rating_figures import Score, figures
from models.ratings import FACES, Rating, diary

SHOWN, SHOWN_TODAY = 50, 5
WEEKS_DRAWN = 12
SPANS = {"90": "近三个月", "365": "近一年"}
WHO = ("desk", "approver")

console = Console("ratings_console", __name__)


class AnswerForm(ConsoleForm):
    words = sentence("怎么办的", LONGEST_ANSWER, rows=2, hint="留了名的居民看得到")


# ---- numbers ---------------------------------------------------------------------------------------------------------


@console.get("/ratings")
@staff(*WHO)
def ratings() -> str:
    span = request.args.get("span", "90")
    span = span if span in SPANS else "90"
    with looking() as by:
        found = figures(by.session, clock.today() - timedelta(days=int(span)))
        facts: dict[str, Any] = {
            "rows": [(row, _trend(row)) for row in found.scores if row.shown],
            "hidden": [row.title for row in found.scores if not row.shown],
            "windows": found.windows,
            "overall": found.overall,
            "faces": FACES,
            "span": span,
            "spans": SPANS,
        }
        facts |= {"least": LEAST_SHOWN, "prior": PRIOR, "waiting": count_rows(by.session, _waiting())}
        return render_template("ratings/console_list.html", **facts)


def _trend(row: Score) -> str:
    """The last weeks as points of a small line, 0 to 100 %, one for each batch."""
    first = clock.today() - timedelta(weeks=WEEKS_DRAWN)
    points = [
        (10 * ((week - first).days // 7), 32 - 0.3 * value) for week, value in row.points if week >= first
    ]
    return " ".join(f"{x:g},{y:.1f}" for x, y in points) if len(points) > 1 else ""


# ---- the diary -------------------------------------------------------------------------------------------------------


def _waiting() -> Select[Rating]:
    return diary().where(Rating.answer.is_(None))


@console.get("/ratings/diary")
@staff(*WHO)
def read_diary() -> str:
    return _diary(AnswerForm(formdata=None))


def _diary(form: AnswerForm, at: str = "") -> str:
    """What residents said, without a sign of who: opening it is written down all the same."""
    g.menu_word = "评价"
    which = request.args.get("which", "waiting")
    page = asked_page()

    def unit(by: Actor) -> str:
        audit.note(by, "ratings.read_diary")
        rows = _waiting() if which == "waiting" else diary()
        found = by.session.scalars(rows.offset((page - 1) * SHOWN).limit(SHOWN + 1)).all()
        facts = {"rows": found[:SHOWN], "more": len(found) > SHOWN, "page": page, "which": which, "at": at}
        return render_template("ratings/console_diary.html", form=form, faces=FACES, **facts)

    return as_staff(unit)


def _entry(by: Actor, key: str) -> Rating:
    row = by.session.get(Rating, key)
    if row is None or row.words is None:
        abort(404)
    return row


@console.post("/ratings/diary/<key>/own")
@staff(*WHO)
def own(key: str) -> Response:
    attempt(lambda by: actions.own(by, _entry(by, key)), done="这条归您管了。")
    return redirect(url_for("ratings_console.read_diary"))


@console.post("/ratings/diary/<key>/answer")
@staff(*WHO)
def answer(key: str) -> Response | str:
    form = AnswerForm()
    if form.validate_on_submit() and attempt(
        lambda by: actions.answer(by, _entry(by, key), form.words.data), form, "记下了。"
    ):
        return redirect(url_for("ratings_console.read_diary"))
    return _diary(form, key)


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*WHO)
def said(by: Actor) -> Card:
    rows = by.session.scalars(_waiting().limit(SHOWN_TODAY)).all()
    address = url_for("ratings_console.read_diary")
    lines = [Line(f"{row.title}:{FACES[row.face]}", address) for row in rows]
    return Card("评价时写的话", count_rows(by.session, _waiting()), address, lines, "居民说的话都看过了。")
