"""A matter that turns out to be of another kind: a suggestion that is really a repair. It keeps its number and
its words; its last day is never later than the one that was promised. What waits at the desk goes to whom its new
category says."""

from __future__ import annotations

from app import audit
from handlers.matters.dispatch import give_out
from handlers.matters.standing import must_be_desk
from handlers.matters.steps import step
from models.identity import Actor
from models.matter_rules import category_in
from models.matters import KINDS, Matter, hold, last_day
from models.refusal import Refusal


def turn_into(by: Actor, matter: Matter, kind: str) -> Matter:
    """Refuses with matters.not_yours, .not_now, .no_such_kind."""
    must_be_desk(by)
    matter = hold(by.session, matter)
    if not matter.is_open:
        raise Refusal("matters.not_now", matter=matter)
    if kind not in KINDS or kind == matter.kind:
        raise Refusal("matters.no_such_kind", kind=kind)
    was, matter.kind = matter.kind, kind
    matter.category = category_in(by.session, kind, matter.text or "")
    due = last_day(by.session, kind, matter.category)
    matter.due = min(matter.due, due) if matter.due else due
    matter.revision += 1
    step(by, matter, "note", f"从{was}转成{kind}", told=False)
    if matter.state == "received":
        give_out(by, matter)
    audit.note(by, "matters.turn_into", matter, kind=kind, was=was)
    return matter
