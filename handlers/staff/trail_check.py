"""Whether the trail is whole, on the auditor's word; and where its chain stood at the end of each day, for paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app import audit, work
from app.channels.console import as_staff, looking, staff
from app.work import Task
from handlers.staff.console import console
from models.audit import AuditHead, AuditLine
from models.audit_chain import broken_chain, last_link

VERIFY = "staff.verify_trail"
DAYS_SHOWN = 60


@console.get("/trail/chain")
@staff("auditor")
def chain() -> str:
    """What an auditor copies onto paper: a chain that was made anew would not end in the same characters."""
    with looking() as by:
        heads = by.session.scalars(select(AuditHead).order_by(AuditHead.seq.desc()).limit(DAYS_SHOWN)).all()
        seq, link = last_link(by.session)
        waiting = by.session.scalar(select(func.count()).where(AuditLine.chain.is_(None))) or 0
        facts = {"heads": heads, "seq": seq, "link": link, "waiting": waiting}
        return render_template("staff/console_chain.html", **facts)


@console.post("/trail/verify")
@staff("auditor")
def verify() -> Response:
    row = as_staff(lambda by: work.ask_for(by, VERIFY))
    return redirect(url_for("console.show", number=row.id))


def verify_as_work(task: Task) -> Mapping[str, Any]:
    task.step(0, 1, "逐条核对")
    with task.site.database.reading() as session:
        seq, _ = last_link(session)
        broken = broken_chain(session)
    task.writing(lambda by: audit.note(by, "staff.verify_trail", None, lines=seq, broken=len(broken)))
    return {"lines": seq, "broken": broken}
