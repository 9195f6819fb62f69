"""What came of a broadcast, for the staff: honest numbers, a sheet to take away, and a way to put a wrong one right."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.channels.console import attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, sentence, words
from handlers.broadcasts import correcting, reach
from handlers.broadcasts.console import console
from handlers.broadcasts.console_frame import READERS, frame_of
from models import knocks
from models.broadcasts import Broadcast
from models.identity import Actor
from models.reach import correction_of
from models.sight import need_staff


class CorrectForm(ConsoleForm):
    note = words("错在哪里", 60, hint="居民看得到,写在最前面,比如:时间写错了,是大后天停水")
    title = words("更正后的标题", correcting.LONGEST_TITLE)
    summary = sentence("更正后的正文", correcting.LONGEST_SUMMARY, rows=8)


@console.get("/broadcasts/<int:number>/report")
@staff(*READERS)
def report(number: int) -> str:
    with looking() as by:
        return _shown(by, find(by, Broadcast, number))


def _shown(by: Actor, row: Broadcast) -> str:
    facts = {
        "report": reach.report_of(by.session, row),
        "correction": correction_of(by.session, row),
        "being_corrected": correcting.begun_for(by.session, row),
        "may_correct": correcting.may_be_corrected(row),
        "doors": _doors(by, row),
    }
    return render_template("broadcasts/console_report.html", **facts, **frame_of(row, "report"))


def _doors(by: Actor, row: Broadcast) -> knocks.Progress:
    """For the desk; others see no list, only numbers."""
    return knocks.together([*knocks.progress_by_grid(by.session, row, need_staff(by)).values()])


@console.post("/broadcasts/<int:number>/report/sheet")
@staff("desk", "approver")
def report_sheet(number: int) -> Response:
    if asked := attempt(lambda by: reach.ask_for_sheet(by, find(by, Broadcast, number))):
        return redirect(url_for("console.show", number=asked.it))
    return redirect(url_for("broadcasts_console.report", number=number))


# ---- putting it right ------------------------------------------------------------------------------------------------


@console.route("/broadcasts/<int:number>/correct", methods=["GET", "POST"])
@staff("desk")
def correct(number: int) -> Response | str:
    form = CorrectForm()
    if form.validate_on_submit():

        def work(by: Actor) -> Broadcast:
            row = find(by, Broadcast, number)
            told = {"note": form.note.data, "title": form.title.data, "summary": form.summary.data}
            return correcting.begin(by, row, **told)

        if made := attempt(work, form):
            return redirect(url_for("broadcasts_console.broadcast", number=made.it.id))
    with looking() as by:
        row = find(by, Broadcast, number)
        if not form.is_submitted():
            form.title.data = correcting.title_for(row)
            form.summary.data = row.version.content["summary"]
        facts = {"form": form, "row": row, "people": correcting.how_many(by.session, row)}
        facts["is_running"] = correcting.is_running(row)
        return render_template("broadcasts/console_correct.html", **facts)
