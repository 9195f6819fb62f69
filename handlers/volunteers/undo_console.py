"""Every scan of a session at the console: taken back with a reason, given back again."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField

from app import audit
from app.channels.console import as_staff, attempt, find, staff
from app.channels.console_forms import ConsoleForm, words
from app.understanding.numbers import number_in
from handlers.volunteers import undoing
from handlers.volunteers.console import LEADERS, console
from handlers.volunteers.undo_pages import chosen_reasons, decision_of, seen
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.refusal import Refusal
from models.scan_undo import LONGEST_REASON
from models.volunteers import Scan


class UndoForm(ConsoleForm):
    scan = HiddenField()
    typed = words("别的原因", LONGEST_REASON, needed=False)


@console.get("/sessions/<int:number>/scans")
@staff(*LEADERS)
def scans(number: int) -> str:
    return as_staff(lambda by: _page(by, number))


@console.post("/sessions/<int:number>/undo")
@staff(*LEADERS)
def undo(number: int) -> Response:
    form, back = UndoForm(), request.form.get("back") == "1"

    def unit(by: Actor) -> None:
        held, scan = find(by, ActivitySession, number), by.session.get(Scan, number_in(form.scan.data) or 0)
        if scan is None or scan.session_id != held.id:
            raise Refusal("volunteers.no_such_scan")
        if not form.validate():
            raise Refusal("volunteers.no_reason", most=LONGEST_REASON)
        decision = decision_of(scan, request.form.get("chosen", ""), form.typed.data or "", back)
        undoing.undo(by, held, find(by, Person, scan.person_id), decision)

    attempt(unit, done="恢复了,会告诉本人。" if back else "撤销了,会告诉本人。")
    return redirect(url_for("volunteers_console.scans", number=number))


def _page(by: Actor, number: int) -> str:
    """Opening the list leaves a line: when each of them came stands on it."""
    held = find(by, ActivitySession, number)
    audit.note(by, "volunteers.view_scans", held)
    facts = {"held": held, "rows": seen(by, held, covered=False), "reasons": chosen_reasons()}
    return render_template("volunteers/console_scans.html", form=UndoForm(formdata=None), **facts)
