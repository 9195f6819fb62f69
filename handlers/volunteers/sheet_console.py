"""Sign-in sheets at the console: printed, photographed, and typed in by rows with the photo beside them.

Each row is a unit of its own: what is right is taken in, what is not stays on the page with its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app import audit, clock, pictures, work
from app.channels.console import Card, Line, as_staff, attempt, current_site, find, looking, staff
from app.channels.console_words import hour_words
from app.channels.kept_files import shown_file
from app.database import run_in_savepoint
from app.understanding.numbers import number_in
from handlers.volunteers import sheets
from handlers.volunteers.console import LEADERS, console
from handlers.volunteers.sheet_times import ABOVE
from handlers.volunteers.sheets import LONGEST_TIME, LONGEST_WHO, Row
from models.activities import ActivitySession
from models.identity import Actor
from models.refusal import Refusal
from models.sheets import SheetLine, SheetPhoto, SignInSheet, lines_of, photos_of, sheets_to_print
from models.volunteers import stays_in

SHOWN = 5
SAID = {
    "taken": "记下了",
    "ended": "扫过码,补上了离的时间",
    "scanned": "扫过码,按扫码算",
    "cleared": "撤下来了",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A line on the page: who, what is typed or was taken in, what their stay says now, what is wrong with it."""

    line: SheetLine
    name: str
    tail: str
    who: str
    came: str
    left: str
    stay: str
    wrong: str = ""
    said: str = ""


# ---- printing --------------------------------------------------------------------------------------------------------


@console.post("/sessions/<int:number>/sheet")
@staff(*LEADERS)
def issue_sheet(number: int) -> Response:
    """A new sheet with who has joined by now; the paper is made as long work."""
    asked = attempt(lambda by: _print(by, sheets.issue(by, find(by, ActivitySession, number))))
    back = url_for("volunteers_console.session", number=number)
    return redirect(url_for("console.show", number=asked.it) if asked else back)


@console.post("/sign-in-sheets/<int:number>/print")
@staff(*LEADERS)
def print_sheet(number: int) -> Response:
    """The same sheet on paper: the first time for a leader who asked for it, or again."""
    asked = as_staff(lambda by: _print(by, find(by, SignInSheet, number)))
    return redirect(url_for("console.show", number=asked))


def _print(by: Actor, sheet: SignInSheet) -> int:
    sheets.mark_printed(by, sheet)
    row = work.ask_for(by, "posters.paper", what="sign_in", number=str(sheet.id), paper="a4")
    by.session.flush()
    return row.id


@console.today(*LEADERS)
def sheets_wanted(by: Actor) -> Card:
    found = by.session.scalars(sheets_to_print()).all()
    lines = [
        Line(
            f"{one.session.activity.title}的签到表",
            url_for("volunteers_console.session", number=one.session_id),
            one.session.starts,
        )
        for one in found[:SHOWN]
    ]
    address = url_for("activities_console.activities")
    return Card("要打印的签到表", len(found), address, lines, nothing="没有人等签到表。")


# ---- typing it in ----------------------------------------------------------------------------------------------------


@console.route("/sign-in-sheets/<int:number>", methods=["GET", "POST"])
@staff(*LEADERS)
def sheet(number: int) -> Response | str:
    told: dict[int, tuple[str, str]] = {}
    if request.method == "POST":
        rows = filled_rows(request.form)
        for row in rows:
            told[row.line] = as_staff(lambda by, row=row: took(by, number, row))  # type: ignore[misc]
        left_over = [row for row in rows if told[row.line][1]]
        as_staff(lambda by: sheets.keep_draft(by, find(by, SignInSheet, number), left_over))
    return as_staff(lambda by: _page(by, number, told))


def took(by: Actor, number: int, row: Row) -> tuple[str, str]:
    """(what is said of the row, what is wrong with it)."""
    sheet, newcomers = find(by, SignInSheet, number), "newcomers" in request.form
    try:
        done = run_in_savepoint(by.session, lambda: sheets.take(by, sheet, row, newcomers=newcomers))
    except Refusal as why:
        audit.note(by, "staff.told_no", None, page=request.endpoint, code=why.code)
        return "", current_site().house.refusal_words(why)
    return SAID.get(done, ""), ""


def filled_rows(form: Mapping[str, str]) -> list[Row]:
    """The rows of a form, "the same as above" written out."""
    rows: list[Row] = []
    above = {"came": "", "left": ""}
    for line in range(1, 1000):
        if f"came-{line}" not in form:
            break
        typed = {name: form.get(f"{name}-{line}", "").strip() for name in above}
        typed = {
            name: above[name] if words in ABOVE else words[:LONGEST_TIME] for name, words in typed.items()
        }
        above = {name: typed[name] or above[name] for name in above}
        number = number_in(form.get(f"seen-{line}")) or 0
        rows.append(Row(line, who=form.get(f"who-{line}", "").strip()[:LONGEST_WHO], seen=number, **typed))
    return rows


@console.post("/sign-in-sheets/<int:number>/draft")
@staff(*LEADERS)
def sheet_draft(number: int) -> str:
    """What is typed, every few seconds: whoever comes back, or goes on for somebody else, finds it."""
    rows = filled_rows(request.form)

    def unit(by: Actor) -> None:
        sheet = find(by, SignInSheet, number)
        known = {line.line: line for line in by.session.scalars(lines_of(sheet))}
        sheets.keep_draft(by, sheet, [row for row in rows if _is_new(known.get(row.line), row)])

    as_staff(unit)
    return f"草稿存好了 {clock.local(clock.now()):%H:%M:%S}"


def _is_new(line: SheetLine | None, row: Row) -> bool:
    return line is not None and (row.who, row.came, row.left) != _taken_in(line)


def _taken_in(line: SheetLine) -> tuple[str, str, str]:
    who = "" if line.printed or line.person is None else line.person.name or ""
    came, left = (hour_words(one) if one else "" for one in (line.came_at, line.left_at))
    return who, came, left


def shown_lines(by: Actor, sheet: SignInSheet, told: Mapping[int, tuple[str, str]]) -> list[Shown]:
    stays: dict[int | None, list[str]] = {}
    for row in by.session.scalars(stays_in(sheet.session)):
        left = hour_words(row.left_at) if row.left_at else ""
        stays.setdefault(row.person_id, []).append(f"{hour_words(row.came_at)}–{left}")
    draft = sheet.draft or {}
    shown = []
    for line in by.session.scalars(lines_of(sheet)):
        who, came, left = draft.get(str(line.line)) or _taken_in(line)
        name = line.person.name if line.person else line.companion.name if line.companion else ""
        tail = (line.person.phone or "")[-4:] if line.person else ""
        stay = "、".join(stays.get(line.person_id, [])) if line.person_id else ""
        said, wrong = told.get(line.line, ("", ""))
        shown.append(Shown(line, name or "", tail, who, came, left, stay, wrong, said))
    return shown


def _page(by: Actor, number: int, told: Mapping[int, tuple[str, str]]) -> str:
    """Opening it leaves a line: names and times stand on it."""
    sheet = find(by, SignInSheet, number)
    audit.note(by, "volunteers.view_sheet", sheet, session=sheet.session_id)
    photos = by.session.scalars(photos_of(sheet)).all()
    facts: dict[str, Any] = {"sheet": sheet, "held": sheet.session, "photos": photos}
    facts["lines"] = shown_lines(by, sheet, told)
    facts["done"] = sum(1 for said, _ in told.values() if said)
    facts["wrong"] = sum(1 for _, wrong in told.values() if wrong)
    return render_template("volunteers/console_sheet.html", sent=bool(told), **facts)


# ---- its photos ------------------------------------------------------------------------------------------------------


@console.post("/sign-in-sheets/<int:number>/photos")
@staff(*LEADERS)
def keep_photo(number: int) -> Response:
    """The picture is cleaned before the unit of work: that takes its time, and there must be a sheet for it."""
    with looking() as by:
        find(by, SignInSheet, number)

    def unit(by: Actor) -> None:
        sheets.keep_photo(by, find(by, SignInSheet, number), *clean)

    try:
        clean = cleaned_photo(request.files.get("photo"))
    except Refusal as why:
        refused = why  # said by `attempt`, which opens a unit of its own
        attempt(lambda by: _raise(refused))
    else:
        attempt(unit, done="照片存好了。")
    return redirect(url_for("volunteers_console.sheet", number=number))


def _raise(why: Refusal) -> None:
    raise why


def cleaned_photo(sent: FileStorage | None) -> tuple[bytes, str]:
    """Pixels and media type; raises Refusal volunteers.bad_photo."""
    content = sent.read() if sent is not None else b""
    try:
        return pictures.clean(content)
    except pictures.BadPicture:
        raise Refusal("volunteers.bad_photo") from None


@console.get("/sign-in-sheets/<int:number>/photos/<int:photo>")
@staff(*LEADERS)
def sheet_photo(number: int, photo: int) -> Response:
    with looking() as by:
        return shown_file(photo_of(by, number, photo).file)


@console.post("/sign-in-sheets/<int:number>/photos/<int:photo>/drop")
@staff(*LEADERS)
def drop_photo(number: int, photo: int) -> Response:
    def unit(by: Actor) -> None:
        sheets.drop_photo(by, find(by, SignInSheet, number), photo_of(by, number, photo))

    attempt(unit, done="照片删掉了。")
    return redirect(url_for("volunteers_console.sheet", number=number))


def photo_of(by: Actor, number: int, photo: int) -> SheetPhoto:
    found = find(by, SheetPhoto, photo)
    if found.sheet_id != number:
        abort(404)
    return found
