"""Petitions at the console: numbers, states and last days in the list, the matter itself only when one is opened, which
asks for a fresh proof and is written down for whoever asked."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Select
from sqlalchemy.orm import Session, load_only

from app import clock
from app.channels.console import Card, Console, Line, looking, staff
from app.channels.lists import asked_page
from handlers.petitions import lane
from handlers.petitions.standing import HANDLERS, role_for
from models.identity import Actor
from models.petitions import Petition
from models.petitions_clock import WARN_DAYS
from models.petitions_lists import due_within, ended_petitions, meeting_on, open_petitions

PER_PAGE, SHOWN_TODAY = 50, 5
STATES = {
    "received": ("收到,没登记", "wait"),
    "registered": ("登记了,没定", "wait"),
    "accepted": ("受理了,在办", "calm"),
    "refused": ("不受理", ""),
    "transferred": ("转出去了", "calm"),
    "handled": ("在写答复", "calm"),
    "answered": ("答复了", "good"),
    "review": ("在复查", "wait"),
    "closed": ("办结", "good"),
    "withdrawn": ("不办了", ""),
}
LISTS = {"open": "在办的", "due": "快到期和超期的", "today": "今天接访", "ended": "结束的"}

console = Console("petitions_console", __name__)


def _list(which: str) -> Select[Petition]:
    if which == "due":
        return due_within(WARN_DAYS)
    if which == "today":
        return meeting_on(clock.today())
    return ended_petitions() if which == "ended" else open_petitions()


def _seen(by: Actor, session: Session, which: str) -> list[Petition]:
    """Without the words: they are not even read from the disk. Whom it is about, it does not exist for."""
    shown = (
        Petition.id,
        Petition.token,
        Petition.receipt,
        Petition.state,
        Petition.due,
        Petition.starts,
        Petition.ends,
        Petition.time_id,
        Petition.received_at,
        Petition.met_at,
        Petition.called_at,
        Petition.first_until,
        Petition.about_staff,
        Petition.excluded_ids,
    )
    rows = session.scalars(_list(which).options(load_only(*shown, raiseload=True)))
    return [row for row in rows if role_for(by, row) is not None]


@console.get("/petitions")
@staff(*HANDLERS)
def petitions() -> str:
    which, number = request.args.get("which", "open"), asked_page()
    which = which if which in LISTS else "open"
    with looking() as by, lane.looking(by) as session:
        counts = {key: len(_seen(by, session, key)) for key in LISTS if key != "ended"}
        found = _seen(by, session, which)
        page = found[(number - 1) * PER_PAGE : number * PER_PAGE]
        facts: dict[str, Any] = {"rows": page, "more": len(found) > number * PER_PAGE, "page": number}
        facts |= {"which": which, "counts": counts, "lists": LISTS, "states": STATES}
        return render_template("petitions/console_list.html", **facts)


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*HANDLERS)
def what_comes(by: Actor) -> Card:
    with lane.looking(by) as session:
        due, today = _seen(by, session, "due"), _seen(by, session, "today")
        new = [row for row in _seen(by, session, "open") if row.state == "received" and row not in due]
        lines = [_line(row) for row in [*due, *today, *new][:SHOWN_TODAY]]
    late = any(row.light == "red" for row in due)
    count = len({row.id for row in [*due, *today, *new]})
    return Card("接访", count, url_for("petitions_console.petitions"), lines, "没有要办的接访。", urgent=late)


def _line(row: Petition) -> Line:
    """The number, how far it is, and until when: no word of it."""
    address = url_for("petitions_console.petition", number=row.id)
    words = f"{row.number} {STATES[row.state][0]}"
    mark = {"red": "超期", "amber": "快到期"}.get(row.light, "")
    at = row.starts if row.meets_later else row.received_at
    return Line(words, address, at, mark, urgent=row.light == "red")
