"""Proofs at the console: what waits to be checked, hangs, is to be printed and sealed; each step with what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from app import clock, work
from app.channels.console import Card, Console, Line, attempt, looking, staff
from app.channels.lists import asked_page
from handlers.certificates.sentences import FOR_STAFF
from models.base import count_rows
from models.certificate_lists import (
    in_state,
    numbered,
    open_objections,
    to_check,
    to_hang_up,
    to_void,
)
from models.certificates import (
    Certificate,
    hours_text,
    terms,
)
from models.identity import Actor

SHOWN, SHOWN_TODAY = 40, 5
DESK, LOOKERS = ("desk",), ("desk", "approver")
LISTS = {
    "check": "等查",
    "hang": "等贴公告栏",
    "posting": "公示中",
    "print": "可以打印",
    "seal": "等盖章",
    "issued": "已出具",
    "over": "没有开的",
    "objections": "异议",
}
console = Console("certificates_console", __name__)


# ---- lists -----------------------------------------------------------------------------------------------------------


def _list(which: str) -> Select[Any]:
    lists: dict[str, Select[Any]] = {
        "check": to_check(),
        "hang": to_hang_up(),
        "posting": in_state("posting"),
        "print": in_state("ready"),
        "seal": in_state("printed"),
        "issued": in_state("issued").order_by(None).order_by(Certificate.issued_at.desc()),
        "over": in_state("refused", "withdrawn", "void").order_by(None).order_by(Certificate.id.desc()),
        "objections": open_objections(),
    }
    return lists[which]


@console.get("/certificates")
@staff(*LOOKERS)
def home() -> str:
    asked, page, number = request.args.get("which", ""), asked_page(), request.args.get("number", "").strip()
    with looking() as by:
        counts = {key: count_rows(by.session, _list(key)) for key in LISTS if key not in ("issued", "over")}
        first = next((key for key, count in counts.items() if count), "check")
        which = asked if asked in LISTS else first
        wanted = numbered(number.upper()) if number else _list(which)
        rows = by.session.scalars(wanted.offset((page - 1) * SHOWN).limit(SHOWN + 1)).all()
        facts: dict[str, Any] = {"which": "" if number else which, "lists": LISTS, "counts": counts}
        facts |= {"rows": rows[:SHOWN], "page": page, "more": len(rows) > SHOWN, "number": number}
        facts |= {"unit": terms(by.session).unit, "hours": hours_text, "states": FOR_STAFF}
        facts["today"], facts["years"] = clock.today(), _years(by)
        return render_template("certificates/console_list.html", **facts)


def _years(by: Actor) -> list[int]:
    found = select(Certificate.year).where(Certificate.year.is_not(None)).distinct()
    return sorted((year for year in by.session.scalars(found) if year), reverse=True)


@console.post("/certificates/board")
@staff(*DESK)
def board() -> Response:
    """The sheet with everybody who hangs or is to hang."""
    return worked(lambda by: work.ask_for(by, "certificates.board"))


@console.post("/certificates/register")
@staff(*DESK, fresh=True)
def register() -> Response:
    year = request.form.get("year", type=int) or clock.today().year
    return worked(lambda by: work.ask_for(by, "certificates.register", year=year))


def worked(ask: Callable[[Actor], Any], back: str = "") -> Response:
    """Ask for a paper and go to the page that shows how far it is."""
    if made := attempt(ask):
        return redirect(url_for("console.show", number=made.it.id))
    return redirect(back or url_for("certificates_console.home"))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*DESK)
def to_do(by: Actor) -> Card:
    """What waits for a clerk's hand: objections first, then checking, hanging up, printing, sealing."""
    objections = by.session.scalars(open_objections().limit(SHOWN_TODAY)).all()
    lines = [
        Line(
            f"{said.certificate.called}:{'本人' if said.own else '有人'}说不对",
            url_for("certificates_console.one", number=said.certificate_id),
            said.at,
            "今天要答复" if said.due <= clock.today() else "",
            said.due <= clock.today(),
        )
        for said in objections
    ]
    waiting = [("check", "等查"), ("hang", "等贴公告栏"), ("print", "可以打印"), ("seal", "等盖章")]
    counted = [(key, words, count_rows(by.session, _list(key))) for key, words in waiting]
    lines += [
        Line(f"{words} {count}份", url_for("certificates_console.home", which=key))
        for key, words, count in counted
        if count
    ]
    count = count_rows(by.session, open_objections()) + sum(one[2] for one in counted)
    urgent = any(line.urgent for line in lines)
    address = url_for("certificates_console.home")
    return Card("志愿证明", count, address, lines, nothing="没有要办的证明。", urgent=urgent)


@console.today("approver", "desk")
def to_agree(by: Actor) -> Card:
    """What a colleague wants void."""
    me = by.staff.id if by.staff else 0
    rows = [row for row in by.session.scalars(to_void()) if row.void_asked_by_id != me]
    lines = [
        Line(f"{row.number} 要作废", url_for("certificates_console.one", number=row.id), row.changed_at)
        for row in rows[:SHOWN_TODAY]
    ]
    address = url_for("certificates_console.home")
    return Card("等您同意作废的证明", len(rows), address, lines, nothing="没有等着作废的。")
