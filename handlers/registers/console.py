"""Tables that are taken out, for the staff: what is wanted, who agrees, where the file is. Bringing sheets in is in
console_import.py."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField

from app import clock
from app.channels.console import Card, Console, Line, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, day, words
from app.channels.console_login import signed_in
from handlers.registers import console_import, exports
from handlers.registers.kinds import KINDS
from handlers.registers.tables import Wanted
from models import registers as model
from models.identity import Actor
from models.registers import MOST_ALONE, RegisterExport

SHOWN, SHOWN_TODAY = 30, 5
FORMS = {"xlsx": "Excel 表格(xlsx)", "csv": "纯文本表格(csv)"}
STATES = {"waiting": ("等第二个人同意", "wait"), "agreed": ("可以取", "calm")}
STATES |= {"refused": ("没有同意", "bad"), "taken": ("取走了", "good")}
WHO = ("desk", "leader", "approver", "auditor")

console = Console("registers_console", __name__)
console_import.enter(console)


class ExportForm(ConsoleForm):
    kind = SelectField("要哪一种")
    first = day("从哪天", default=lambda: clock.today().replace(day=1))
    last = day("到哪天")
    form = SelectField("做成", choices=choices(FORMS))
    whole = BooleanField("要完整的姓名和号码(平时是遮住的)")
    reason = words(
        "为什么要完整的", exports.LONGEST_REASON, needed=False, hint="只有要完整的才填。会记进留痕。"
    )


@console.get("/registers")
@staff(*WHO)
def home() -> str:
    return _page(_form())


@console.post("/registers/export")
@staff(*WHO, fresh=True)
def export() -> Response | str:
    """Few rows: the work begins at once. Many people: it waits for somebody else."""
    form = _form()

    def unit(by: Actor) -> int | None:
        wanted = Wanted(form.first.data, form.last.data, form.whole.data)
        asked = exports.ask(by, form.kind.data, wanted, form=form.form.data, reason=form.reason.data or "")
        return exports.take(by, asked) if asked.may_be_taken else None

    if not (form.validate_on_submit() and (made := attempt(unit, form))):
        return _page(form)
    if made.it:
        return redirect(url_for("console.show", number=made.it))
    return redirect(url_for("registers_console.home"))


@console.post("/registers/exports/<int:number>/take")
@staff(*WHO, fresh=True)
def take(number: int) -> Response:
    if made := attempt(lambda by: exports.take(by, find(by, RegisterExport, number))):
        return redirect(url_for("console.show", number=made.it))
    return redirect(url_for("registers_console.home"))


@console.post("/registers/exports/<int:number>/agree")
@staff("desk", "approver")
def agree(number: int) -> Response:
    return _decide(number, yes=True)


@console.post("/registers/exports/<int:number>/refuse")
@staff("desk", "approver")
def refuse(number: int) -> Response:
    return _decide(number, yes=False)


def _decide(number: int, *, yes: bool) -> Response:
    done = "同意了。要的人24小时内可以取。" if yes else "没有同意,要的人看得到。"
    attempt(lambda by: exports.decide(by, find(by, RegisterExport, number), yes=yes), done=done)
    return redirect(url_for("registers_console.home"))


def _form() -> ExportForm:
    form = ExportForm()
    mine = {name: kind.title for name, kind in KINDS.items() if signed_in().has(*kind.roles)}
    form.kind.choices = choices(mine)
    return form


def _page(form: ExportForm) -> str:
    me = signed_in()
    with looking() as by:
        rows = by.session.scalars(model.exports().limit(SHOWN)).all()
        own = [one for one in rows if one.staff_id == me.staff_id or me.has("auditor")]
        waiting = by.session.scalars(model.waiting_exports()).all() if me.has("desk", "approver") else []
        others = [one for one in waiting if one.staff_id != me.staff_id]
        facts: dict[str, Any] = {"form": form, "own": own, "others": others, "kinds": KINDS, "states": STATES}
        return render_template("registers/console_home.html", most=MOST_ALONE, **facts)


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk", "approver")
def to_agree(by: Actor) -> Card:
    """Exports of others that wait for a second person."""
    me = by.staff.id if by.staff else 0
    rows = [one for one in by.session.scalars(model.waiting_exports()) if one.staff_id != me]
    address = url_for("registers_console.home")
    lines = [
        Line(f"{one.staff.name}要{KINDS[one.kind].title},{one.rows}行", address, one.asked_at)
        for one in rows[:SHOWN_TODAY]
    ]
    return Card("等您同意的导出", len(rows), address, lines, nothing="没有等着同意的导出。")
