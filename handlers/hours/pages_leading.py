"""The leader's yes on the phone: what nobody needs to look at in one tap, what is doubtful one by one."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app import audit
from app.channels.pages import (
    act,
    as_resident,
    errors,
    for_residents,
    line,
    looking_on,
    there_or_404,
)
from app.flags import flag_words
from app.understanding.phone import mask_name
from handlers.activities import actions as activities
from handlers.hours import actions, told
from handlers.hours.pages import pages
from handlers.hours.sentences import LONGEST, minutes_in
from handlers.hours.standing import STAFF_ONLY, doubts, most_for
from models.activities import ActivitySession
from models.hours import ServiceHours
from models.hours_lists import led_and_waiting, rows_in
from models.identity import Actor
from models.refusal import Refusal

MOST = 40


@pages.get("/leading/hours")
@for_residents
def waiting() -> str:
    """The sessions whose hours wait for this leader."""

    def look(by: Actor) -> str:
        of_mine = led_and_waiting(by.me).order_by(None).subquery()
        counted = (
            select(of_mine.c.session_id, func.count().label("waiting"))
            .group_by(of_mine.c.session_id)
            .limit(MOST)
        )
        counts = {int(one.session_id): int(one.waiting) for one in by.session.execute(counted)}
        held = select(ActivitySession).where(ActivitySession.id.in_(counts)).order_by(ActivitySession.starts)
        rows = [(one, counts[one.id]) for one in by.session.scalars(held)]
        return render_template("hours/page_waiting.html", rows=rows)

    return looking_on(look)


@pages.get("/leading/<int:number>/hours")
@for_residents
def of_session(number: int) -> str:
    """Names stand here: that it was opened leaves a line."""

    def look(by: Actor) -> str:
        held = there_or_404(activities.session_led(by, number))
        audit.note(activities.as_leader(by), "hours.view", held)
        return _page(by, held)

    return as_resident(look)


def _page(by: Actor, held: ActivitySession, why: Refusal | None = None) -> str:
    leader = activities.as_leader(by)
    rows = list(by.session.scalars(rows_in(held)))
    open_rows = [row for row in rows if row.state == "provisional" and row.confirmed_at is None]
    others = [row for row in open_rows if not _for_others(leader, row)]
    facts: dict[str, Any] = {
        "held": held,
        "plain": [row for row in others if not doubts(row)],
        "doubtful": [(row, flag_words(doubts(row)), most_for(row)) for row in others if doubts(row)],
        "left": [row for row in open_rows if _for_others(leader, row)],
        "settled": [(row, told.state_words(row)) for row in rows if row not in open_rows],
        "name": _name,
        "wrong": errors(why),
        "done": request.args.get("done"),
        "count": request.args.get("count", 0, int),
    }
    return render_template("hours/page_session.html", longest=LONGEST, **facts)


def _for_others(leader: Actor, row: ServiceHours) -> bool:
    """Their own, and what needs a wider look, is for the staff."""
    if leader.staff is not None:
        return False
    return leader.me.id in (row.person_id, row.served_id) or bool(STAFF_ONLY & set(row.flags))


def _name(row: ServiceHours) -> str:
    person = row.person
    return mask_name(person.name or "") or f"居民{person.id}号" if person is not None else "已删除的居民"


@pages.post("/leading/<int:number>/hours/all")
@for_residents
def confirm_all(number: int) -> Response:
    def work(by: Actor) -> str:
        count = actions.confirm_session(
            activities.as_leader(by), there_or_404(activities.session_led(by, number))
        )
        return url_for(".of_session", number=number, done="all", count=count)

    return act(work, lambda by, why: _page(by, there_or_404(activities.session_led(by, number)), why))


@pages.post("/leading/<int:number>/hours/<int:row>")
@for_residents
def confirm_one(number: int, row: int) -> Response:
    """With the minutes that the leader stands for; others than were measured need a reason."""

    def work(by: Actor) -> str:
        held, found = there_or_404(activities.session_led(by, number)), by.session.get(ServiceHours, row)
        if found is None or found.session_id != held.id:
            abort(404)
        actions.confirm(activities.as_leader(by), found, minutes_in(line("minutes", 8)), line("why"))
        return url_for(".of_session", number=number, done="one")

    return act(work, lambda by, why: _page(by, there_or_404(activities.session_led(by, number)), why))
