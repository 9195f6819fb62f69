"""Cries for help, for the few with the role: what kind and when in the list, the words only when one is opened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort, redirect, render_template, url_for
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, load_only
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import Card, Console, Line, as_staff, attempt, current_site, looking, staff
from app.channels.console_forms import ConsoleForm, sentence
from handlers.care import actions
from models.confidential import SPECIAL, ConfidentialMatter
from models.identity import Actor, find_identity
from models.staff import staff_names

ROLES = ("care", *SPECIAL.values())
SHOWN, SHOWN_TODAY = 200, 5
LATE = timedelta(minutes=15)
KINDS = {
    "suicide": "轻生",
    "violence": "暴力、受伤",
    "fire_gas": "着火、煤气",
    "missing_person": "走失",
    "relapse": "复吸",
    "minor": "孩子有危险",
    "emergency": "急病、事故",
    "from_desk": "从对话移来",
}

FROM_DESK = "from_desk"
ATTACHED = re.compile(
    r"〔([^|〕]+)\|(data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]*)〕"
)  # see desk/confidential.py

console = Console("care_console", __name__)


class HandleForm(ConsoleForm):
    outcome = sentence("做了什么", actions.LONGEST_OUTCOME, hint="比如:已打电话,家人陪着;已转派出所")


@dataclass(frozen=True, slots=True)
class Matter:
    """One row as plain values: nothing of it outlives the page."""

    id: int
    kind: str
    received_at: datetime
    handled_by: int | None
    handled_at: datetime | None
    text: str = ""
    outcome: str | None = None
    person_id: int | None = None

    @property
    def words(self) -> str:
        return self.text if self.kind != FROM_DESK else ATTACHED.sub(r"(\1,见下面)", self.text)

    @property
    def attached(self) -> list[tuple[str, str]]:
        """(name, the file itself as a data address): it lies in the confidential text and nowhere else. Only the
        desk attaches: what a resident types to look like a file stays their words."""
        return ATTACHED.findall(self.text) if self.kind == FROM_DESK else []


@console.get("/care")
@staff(*ROLES)
def matters() -> str:
    with looking() as by:
        rows, names = _listed(by), staff_names(by.session)
        return render_template("care/console_list.html", rows=rows, kinds=KINDS, names=names)


@console.get("/care/<int:number>")
@staff(*ROLES, fresh=True)
def matter(number: int) -> str:
    confidential = current_site().confidential
    if not as_staff(lambda by: actions.note_read(by, confidential, number)):
        abort(404)
    with looking() as by:
        facts = {"row": _opened(by, number), "form": HandleForm(formdata=None), "kinds": KINDS}
        return render_template("care/console_matter.html", names=staff_names(by.session), **facts)


@console.post("/care/<int:number>/handled")
@staff(*ROLES)
def handled(number: int) -> Response:
    """Asks for no fresh proof: what somebody wrote after a long call would be lost, and nothing is shown."""
    form, confidential = HandleForm(), current_site().confidential
    outcome = form.outcome.data or ""
    if attempt(lambda by: actions.handle(by, confidential, number, outcome), done="记下了。"):
        return redirect(url_for("care_console.matters"))
    return redirect(url_for("care_console.matter", number=number))


def _listed(by: Actor) -> list[Matter]:
    """Without the words: they are not even read from the disk."""
    columns = (ConfidentialMatter.kind, ConfidentialMatter.received_at, ConfidentialMatter.handled_by)
    found = select(ConfidentialMatter).where(actions.theirs(by))
    found = found.options(load_only(*columns, ConfidentialMatter.handled_at))
    open_first = ConfidentialMatter.handled_at.is_not(None), ConfidentialMatter.received_at.desc()
    with current_site().confidential.reading() as session:
        rows = session.scalars(found.order_by(*open_first).limit(SHOWN))
        return [Matter(one.id, one.kind, one.received_at, one.handled_by, one.handled_at) for one in rows]


def _opened(by: Actor, number: int) -> Matter:
    with current_site().confidential.reading() as session:
        one = session.get(ConfidentialMatter, number)
        if one is None:
            abort(404)
        identity = find_identity(by.session, one.app, one.openid)
        return Matter(
            *(one.id, one.kind, one.received_at, one.handled_by, one.handled_at, one.text, one.outcome),
            person_id=identity.person_id if identity else None,
        )


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*ROLES)
def unhandled(by: Actor) -> Card:
    with current_site().confidential.reading() as session:
        count, rows = _waiting(session, actions.theirs(by))
        lines = [
            Line(
                KINDS.get(kind, kind),
                url_for("care_console.matter", number=number),
                at,
                urgent=clock.now() - at > LATE,
            )
            for number, kind, at in rows
        ]
    return Card(
        "紧急求助", count, url_for("care_console.matters"), lines, "没有没处理的求助。", urgent=count > 0
    )


def _waiting(session: Session, mine: ColumnElement[bool]) -> tuple[int, Sequence[tuple[int, str, datetime]]]:
    waits = ConfidentialMatter.handled_at.is_(None) & mine
    count = session.scalar(select(func.count()).select_from(ConfidentialMatter).where(waits)) or 0
    columns = select(ConfidentialMatter.id, ConfidentialMatter.kind, ConfidentialMatter.received_at)
    oldest = columns.where(waits).order_by(ConfidentialMatter.received_at).limit(SHOWN_TODAY)
    return count, [(row.id, row.kind, row.received_at) for row in session.execute(oldest)]
