"""Notices, for the staff: written with the resident's phone beside the form, read by others, published by another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import Card, Console, Line, attempt, find, looking, staff
from app.channels.console_login import signed_in
from handlers.notices import actions, console_decide, console_known, console_write
from handlers.notices.console_shown import facts_of
from models.identity import Actor
from models.notices import (
    STAGES,
    TWO_PEOPLE,
    Notice,
    all_notices,
    current_notices,
    newest,
    rule_is_on,
    standing_reviews,
    unreviewed,
    versions_of,
    waiting_notices,
)

SHOWN, SHOWN_TODAY, HISTORY = 100, 5, 30
READERS = ("desk", "first_review", "second_review", "approver")

console = Console("notices_console", __name__)
console_write.enter(console)
console_decide.enter(console)
console_known.enter(console)


# ---- lists -----------------------------------------------------------------------------------------------------------


def _lists() -> dict[str, tuple[str, Select[Notice]]]:
    today, over = clock.today(), Notice.valid_until < clock.today()
    published = all_notices().where(Notice.state == "published")
    return {
        "now": ("正在回答", current_notices()),
        "draft": ("草稿和改动", waiting_notices()),
        "later": ("还没到日子", published.where(Notice.valid_from > today)),
        "over": ("过期和撤回", all_notices().where((Notice.state == "withdrawn") | over)),
    }


@console.get("/notices")
@staff(*READERS)
def notices() -> str:
    lists = _lists()
    which = request.args.get("which", "now")
    which = which if which in lists else "now"
    with looking() as by:
        rows = by.session.scalars(lists[which][1].limit(SHOWN)).all()
        facts: dict[str, Any] = {"rows": [_row(by, row) for row in rows], "which": which}
        facts["tabs"] = {key: name for key, (name, _) in lists.items()}
        facts["two_people"] = rule_is_on(by.session, TWO_PEOPLE)
        return render_template("notices/console_list.html", **facts)


def _row(by: Actor, notice: Notice) -> dict[str, Any]:
    """A line of the list: the newest words, and how far its reviews are."""
    version = newest(by.session, notice)
    reviews = standing_reviews(by.session, version)
    waits = notice.state == "draft" or version.number > notice.version
    return {"notice": notice, "version": version, "waits": waits, "reviews": reviews}


# ---- one notice ------------------------------------------------------------------------------------------------------


@console.get("/notices/<int:number>")
@staff(*READERS)
def notice(number: int) -> str:
    with looking() as by:
        row = find(by, Notice, number)
        version = newest(by.session, row)
        history = by.session.scalars(versions_of(row).limit(HISTORY)).all()
        facts = facts_of(by, row, version) | {"row": row, "version": version, "history": history}
        facts["to_tick"] = console_decide.PROOF_NAMES
        return render_template("notices/console_notice.html", **facts)


@console.post("/notices/<int:number>/withdraw")
@staff("approver")
def withdraw(number: int) -> Response:
    attempt(lambda by: actions.withdraw(by, find(by, Notice, number)), done="撤回了。居民问不到了。")
    return redirect(url_for("notices_console.notice", number=number))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("approver")
def to_publish(by: Actor) -> Card:
    return _card("等发布的通知", list(by.session.scalars(waiting_notices())))


@console.today("first_review", "second_review")
def to_review(by: Actor) -> Card:
    mine = [stage for stage in STAGES if signed_in().has(stage)]
    rows = [row for stage in mine for row in unreviewed(by.session, stage, {signed_in().staff_id})]
    return _card("等我审的通知", list(dict.fromkeys(rows)))


def _card(title: str, rows: list[Notice]) -> Card:
    lines = [Line(row.title, _address(row), row.changed_at, row.category) for row in rows[:SHOWN_TODAY]]
    return Card(title, len(rows), url_for("notices_console.notices", which="draft"), lines)


@console.today("desk", "approver")
def soon_over(by: Actor) -> Card:
    """A notice that ends within days is renewed now, or not at all."""
    last = clock.today() + timedelta(days=3)
    ending = current_notices().where(Notice.valid_until <= last).order_by(None).order_by(Notice.valid_until)
    rows = by.session.scalars(ending).all()
    lines = [Line(row.title, _address(row), mark=f"{row.valid_until:%m-%d}止") for row in rows[:SHOWN_TODAY]]
    address = url_for("notices_console.notices")
    return Card("三天内到期的通知", len(rows), address, lines, nothing="这三天没有通知到期。")


def _address(row: Notice) -> str:
    return url_for("notices_console.notice", number=row.id)
