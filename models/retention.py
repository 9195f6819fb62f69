"""How long the house keeps what it needs for a while only, and whether it kept to it (trust I16).

A sweep is measured at its own last run: what it should have taken away then, and a day more, is gone. (One that does
not run at all is seen on the page of jobs.)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from models.idempotency import KEPT, Idempotency
from models.inbox import InboxRow
from models.outbox import OutboxRow
from models.pages import PageSession
from models.schedule import Schedule
from models.stored_file import StoredFile

PUSHES = timedelta(days=7)  # a replayed push may come for so long (trust B06)
LETTERS = timedelta(days=7)
SLACK = timedelta(days=1)


def _over(moment: datetime) -> list[tuple[str, str, ColumnElement[bool]]]:
    """(the sweep, what it takes away, which rows) when it runs at this moment."""
    letters = (OutboxRow.settled_at < moment - LETTERS) & OutboxRow.emptied.is_(False)
    return [
        ("house.forget_old_pushes", "pushes", InboxRow.received_at < moment - PUSHES),
        ("house.forget_old_letters", "letters", letters),
        ("house.forget_old_calls", "calls", Idempotency.taken_at <= moment - KEPT),
        ("house.forget_old_browsers", "browsers", PageSession.until <= moment),
        ("house.forget_old_files", "files", StoredFile.until < moment),
    ]


def kept_too_long(session: Session) -> Sequence[str]:
    """I16: nothing is older than its class may grow."""
    ran: dict[str, datetime] = {
        job: at for job, at in session.execute(select(Schedule.job, Schedule.last_run_at)) if at is not None
    }
    said = []
    for sweep, at in ran.items():
        for what, rows in ((what, rows) for name, what, rows in _over(at - SLACK) if name == sweep):
            count = session.scalar(_counted(rows)) or 0
            said += [f"{count} {what} are kept longer than they may be"] if count else []
    return said


def _counted(rows: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).where(rows)
