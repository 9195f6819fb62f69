"""How far a piece of long work is: a page that polls (no stream may hold a thread), and the file that came of it."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app import audit, work
from app.channels.console import as_staff, attempt, current_site, looking, staff
from app.channels.console_login import signed_in
from app.channels.kept_files import named_file
from models import work as model
from models.identity import Actor
from models.refusal import Refusal
from models.stored_file import StoredFile
from models.work import Work

SHOWN = 30


def enter(console: Blueprint) -> None:
    console.get("/work")(all_of_mine)
    console.get("/work/<int:number>")(show)
    console.get("/work/<int:number>/part")(part)
    console.post("/work/<int:number>/stop")(stop)
    console.get("/work/<int:number>/file")(take_away)


@staff()
def all_of_mine() -> str:
    with looking() as by:
        rows = by.session.scalars(model.of_staff(signed_in().staff_id).limit(SHOWN)).all()
        return render_template("_base/console_works.html", rows=rows, title_of=_title)


@staff()
def show(number: int) -> str:
    """One piece; the part in its middle is asked for again every two seconds until it is over."""
    with looking() as by:
        return render_template("_base/console_work.html", **_facts(_mine(by, number)))


@staff()
def part(number: int) -> str:
    with looking() as by:
        return render_template("_base/console_work_part.html", **_facts(_mine(by, number)))


@staff()
def stop(number: int) -> Response:
    def unit(by: Actor) -> None:
        row = _mine(by, number)
        if not model.stop(by.session, row.id):
            raise Refusal("staff.work_is_over")
        audit.note(by, "house.stop_work", row)

    attempt(unit, done="停下了。")
    return redirect(url_for("console.show", number=number))


@staff(fresh=True)
def take_away(number: int) -> Response:
    """The file goes to whoever asked for it and to nobody else, who proves again that it is them: it lies here for a
    day, and a computer is left alone sooner. That it was taken is written down."""

    def unit(by: Actor) -> StoredFile:
        row = _mine(by, number)
        if row.file is None:
            abort(404)
        audit.note(by, "house.take_file", row, size=row.file.size, sha256=row.file.sha256[:12])
        return row.file

    return named_file(as_staff(unit))


def _mine(by: Actor, number: int) -> Work:
    row = by.session.get(Work, number)
    if row is None or row.staff_id != signed_in().staff_id:
        abort(404)
    return row


def _facts(row: Work) -> dict[str, object]:
    kind = work.kinds_of(current_site()).get(row.kind)
    shown_by = kind.shown_by if kind and row.state == "done" else None
    return {"work": row, "title": _title(row.kind), "shown_by": shown_by, "result": row.result or {}}


def _title(kind: str) -> str:
    known = work.kinds_of(current_app.extensions["site"]).get(kind)
    return known.title if known else kind
