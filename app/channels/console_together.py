"""Two members of staff before the same form (trust F28): who saves second is told who was first and what they did.

A form says when it was opened. What its work does to the row of the page leaves a line in the trail; when somebody else
has left the same kind of line about the same row since, what the form showed is no longer true. What was typed stays in
the form, and saving once more, now knowingly, goes through. Features that count revisions say more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from flask import request
from sqlalchemy import select

from app import clock
from app.channels.trail_words import action_words
from models.audit import AuditLine
from models.identity import Actor
from models.refusal import Refusal
from models.staff import StaffMember

T = TypeVar("T")


def unless_overtaken(by: Actor, work: Callable[[Actor], T]) -> T:
    """Do `work`, and let it be undone when the row of an editor's page was changed since the page was opened.

    Looked at afterwards: by then the row is locked, so that of two at the same moment one finds the other's line."""
    opened = _opened()
    last = by.session.scalar(select(AuditLine.id).order_by(AuditLine.id.desc()).limit(1)) if opened else None
    made = work(by)
    if opened is None:
        return made
    by.session.flush()
    done = select(AuditLine.action).where(AuditLine.id > (last or 0), AuditLine.actor == _me(by))
    same = (
        AuditLine.object_id == _number(),
        AuditLine.action.in_(done.where(AuditLine.object_id == _number())),
    )
    others = AuditLine.actor.startswith("staff:"), AuditLine.actor != _me(by), AuditLine.at > opened
    found = select(AuditLine).where(*same, *others).order_by(AuditLine.id.desc())
    theirs = by.session.scalars(found.limit(1)).first()
    if theirs is not None:
        member = by.session.get_one(StaffMember, int(theirs.actor.partition(":")[2]))
        when = f"{clock.local(theirs.at):%H:%M}"
        raise Refusal("staff.overtaken", who=member.name, what=action_words(theirs.action), when=when)
    return made


def _opened() -> datetime | None:
    """When the editor of one row was opened; None where the page is no such editor."""
    rule = request.url_rule
    is_editor = rule is not None and {"GET", "POST"} <= (rule.methods or set()) and bool(_number())
    try:
        return datetime.fromisoformat(request.form["opened"]) if is_editor else None
    except (KeyError, ValueError):
        return None


def _number() -> str:
    return next((str(value) for value in (request.view_args or {}).values() if isinstance(value, int)), "")


def _me(by: Actor) -> str:
    return f"staff:{by.staff.id if by.staff else 0}"
