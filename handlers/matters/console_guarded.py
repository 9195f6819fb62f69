"""Reports without a name at the console, for the few whose role it is and who are not named in them: number, state and
last day in the list; the words when one is opened, with a fresh proof, after a line in the trail."""

from __future__ import annotations

from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.channels.console import Card, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, sentence
from handlers.matters import guarded
from handlers.matters.console import console
from models.guarded_matters import GuardedMatter, guarded_open
from models.identity import Actor
from models.staff import staff_names

ROLES = guarded.RECEIVERS
SHOWN, SHOWN_TODAY = 200, 5
WORD = "保密反映"
STATES = {"received": ("还没看", "wait"), "working": ("正在核实", "calm"), "done": ("有结果了", "good")}


@console.before_request
def which_word() -> None:
    """Two words of the menu lead into this feature."""
    g.menu_word = WORD if request.path.startswith("/console/guarded") else "说事"


class AnswerForm(ConsoleForm):
    words = sentence(
        "写给反映人的话", guarded.LONGEST_WORDS, rows=4, hint="他凭编号和口令码来看;不要问他是谁"
    )


@console.get("/guarded")
@staff(*ROLES)
def guarded_list() -> str:
    with looking() as by:
        open_first = (GuardedMatter.state == "done"), GuardedMatter.due, GuardedMatter.id
        rows = list(by.session.scalars(select(GuardedMatter).order_by(*open_first).limit(SHOWN)))
        return render_template("matters/console_guarded.html", rows=guarded.theirs(by, rows), states=STATES)


@console.get("/guarded/<int:number>")
@staff(*ROLES, fresh=True)
def guarded_one(number: int) -> str:
    return _show(number, AnswerForm(formdata=None))


def _show(number: int, form: AnswerForm) -> str:
    if not as_staff(lambda by: guarded.note_read(by, find(by, GuardedMatter, number))):
        abort(404)
    with looking() as by:
        row = find(by, GuardedMatter, number)
        facts: dict[str, Any] = {
            "row": row,
            "report": guarded.opened(by, row),
            "form": form,
            "states": STATES,
        }
        return render_template("matters/console_guarded_one.html", names=staff_names(by.session), **facts)


@console.post("/guarded/<int:number>/<any(answer, done):what>")
@staff(*ROLES)
def guarded_answer(number: int, what: str) -> Response | str:
    """Asks for no fresh proof: what somebody wrote would be lost, and nothing is shown to whoever may not."""
    form = AnswerForm()

    def unit(by: Actor) -> None:
        guarded.answer(by, find(by, GuardedMatter, number), form.words.data, done=what == "done")

    if form.validate_on_submit():
        attempt(unit, done="办结了。" if what == "done" else "答复了。")
    return redirect(url_for("matters_console.guarded_one", number=number))


@console.today(*ROLES)
def guarded_waits(by: Actor) -> Card:
    rows = guarded.theirs(by, list(by.session.scalars(guarded_open().limit(SHOWN))))
    lines = [
        Line(
            f"编号 {row.number}",
            url_for("matters_console.guarded_one", number=row.id),
            None,
            "超期了" if row.is_late else "",
            row.is_late,
        )
        for row in rows[:SHOWN_TODAY]
    ]
    address = url_for("matters_console.guarded_list")
    return Card(
        WORD, len(rows), address, lines, "没有等着看的反映。", urgent=any(line.urgent for line in lines)
    )
