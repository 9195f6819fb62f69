"""Broadcasts, for the staff: what is being prepared, waits for the last word, is on its way, and is over."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from app.channels.console import Card, Console, Line, find, looking, staff
from app.channels.console_login import signed_in
from app.channels.lists import asked_page
from handlers.broadcasts.audience import in_words
from handlers.broadcasts.console_frame import READERS, STATES, page_of
from models.approval import (
    broadcasts_in,
    later_missing,
    later_readings,
    prepared_by,
    proposed,
    read_too_late,
    standing_return,
    to_read_later,
)
from models.broadcasts import Broadcast, BroadcastRecipient
from models.identity import Actor

PER_PAGE, SHOWN_TODAY = 30, 5
LISTS = {
    "open": ("正在准备", ("draft",)),
    "waiting": ("等终审", ("proposed",)),
    "planned": ("等着发", ("approved",)),
    "running": ("正在发", ("sending", "paused")),
    "over": ("发完的", ("done", "stopped", "expired")),
}

console = Console("broadcasts_console", __name__)


@console.get("/broadcasts")
@staff(*READERS)
def broadcasts() -> str:
    page = asked_page()
    with looking() as by:
        counts = _counts(by)
        which = request.args.get("which", "")
        if which not in LISTS:
            which = next((key for key in ("waiting", "running", "planned", "open") if counts[key]), "over")
        found = broadcasts_in(*LISTS[which][1]).options(selectinload(Broadcast.version))
        rows = by.session.scalars(found.offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
        facts: dict[str, Any] = {"which": which, "page": page, "more": len(rows) > PER_PAGE}
        facts["lists"] = {key: (name, counts[key]) for key, (name, _) in LISTS.items()}
        facts["rows"] = [_row(by, row) for row in rows[:PER_PAGE]]
        return render_template("broadcasts/console_list.html", **facts, states=STATES)


def _counts(by: Actor) -> dict[str, int]:
    counted = by.session.execute(select(Broadcast.state, func.count()).group_by(Broadcast.state))
    of_state = {state: int(count) for state, count in counted}
    return {key: sum(of_state.get(state, 0) for state in states) for key, (_, states) in LISTS.items()}


def _row(by: Actor, row: Broadcast) -> dict[str, Any]:
    mine = BroadcastRecipient.broadcast_id == row.id
    people = by.session.scalar(select(func.count()).select_from(BroadcastRecipient).where(mine))
    whom = " · ".join(in_words(by.session, row.audience))
    return {"broadcast": row, "whom": whom, "people": people, "later": later_missing(by.session, row)}


@console.get("/broadcasts/<int:number>")
@staff(*READERS)
def broadcast(number: int) -> Response:
    """To the page of what is to be done, or seen, next."""
    with looking() as by:
        return redirect(page_of(find(by, Broadcast, number)))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk")
def mine(by: Actor) -> Card:
    """What I have begun: what came back first, so that nobody waits for the other."""
    rows = by.session.scalars(prepared_by(signed_in().staff_id)).all()
    back = {row.id for row in rows if standing_return(by.session, row)}
    lines = [
        Line(
            row.version.content["title"],
            url_for("broadcasts_console.broadcast", number=row.id),
            row.proposed_at or row.created_at,
            "退回了" if row.id in back else STATES[row.state][0],
            row.id in back,
        )
        for row in sorted(rows, key=lambda row: row.id not in back)
    ]
    address = url_for("broadcasts_console.broadcasts", which="open")
    nothing = "您没有正在准备的群发。"
    return Card("我准备的群发", len(rows), address, lines[:SHOWN_TODAY], nothing=nothing, urgent=bool(back))


@console.today("approver")
def to_approve(by: Actor) -> Card:
    rows = by.session.scalars(proposed()).all()
    lines = [
        Line(
            row.version.content["title"],
            _address(row),
            row.proposed_at,
            "加急" if row.urgent else "",
            row.urgent,
        )
        for row in rows[:SHOWN_TODAY]
    ]
    urgent = any(row.urgent for row in rows)
    address = url_for("broadcasts_console.broadcasts", which="waiting")
    return Card("等终审的群发", len(rows), address, lines, urgent=urgent)


@console.today("first_review", "second_review", "approver")
def to_read(by: Actor) -> Card:
    """What went out in a hurry: two others read it within a day; when nobody has, everybody here sees red."""
    rows = [row for row in by.session.scalars(to_read_later()) if not _has_read(by, row)]
    late = {row.id for row in by.session.scalars(read_too_late())}
    lines = [
        Line(
            row.version.content["title"],
            url_for("broadcasts_console.decide", number=row.id),
            row.approved_at,
            "过了24小时" if row.id in late else "24小时内",
            row.id in late,
        )
        for row in rows[:SHOWN_TODAY]
    ]
    return Card(
        "等补审的加急群发",
        len(rows),
        url_for("broadcasts_console.broadcasts", which="over"),
        lines,
        nothing="没有要补审的。",
        urgent=bool(late & {row.id for row in rows}),
    )


def _has_read(by: Actor, row: Broadcast) -> bool:
    return any(one.staff_id == signed_in().staff_id for one in later_readings(by.session, row))


def _address(row: Broadcast) -> str:
    return url_for("broadcasts_console.decide", number=row.id)
