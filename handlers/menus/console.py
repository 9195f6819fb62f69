"""The menu's editor: three columns of five lines as a form, the phone beside it, every version and the way back."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.console import Console, attempt, current_site, find, looking, staff
from app.understanding.numbers import number_in
from app.understanding.pasted import as_lines
from handlers.menus import actions
from handlers.menus.checks import faults_of
from models.identity import Actor
from models.menus import (
    COLUMN_SHOWN,
    LINE_SHOWN,
    MOST_COLUMNS,
    MOST_LINES,
    Columns,
    MenuVersion,
    as_shown,
    current_version,
    is_cut,
    menu_versions,
    publications,
    shown_length,
)
from models.refusal import Refusal
from models.work import Work

HISTORY = 20
NOT_FOR_MENUS = ("/h5/oauth",)

console = Console("menus_console", __name__)


# ---- the form --------------------------------------------------------------------------------------------------------


@console.get("/menu")
@staff("desk", "approver")
def menu() -> str:
    """The newest version to go on with; ?from= takes an earlier one."""
    with looking() as by:
        chosen = by.session.get(MenuVersion, request.args.get("from", 0, type=int))
        newest = by.session.scalars(menu_versions().limit(1)).first()
        version = chosen or newest
        columns = version.columns if version else actions.beginning()
        return _page(by, columns, newest.id if newest else 0)


@console.post("/menu")
@staff("desk")
def save() -> Response | str:
    columns, base = _sent(), request.form.get("base", 0, type=int)
    why = as_lines(request.form.get("why", ""))
    moved = request.form.get("move")
    if moved is None and attempt(
        lambda by: actions.save(by, _filled(columns), base=base, why=why),
        done="存好了。发布以后居民才看得到。",
    ):
        return redirect(url_for("menus_console.menu"))
    with looking() as by:
        newest = by.session.scalars(menu_versions().limit(1)).first()
        base = base if moved is not None or newest is None else newest.id
        return _page(by, _moved(columns, moved or ""), base, why)


@console.post("/menu/look")
@staff("desk", "approver")
def look() -> str:
    """The phone and what is wrong, while somebody types."""
    with looking() as by:
        return render_template("menus/console_look.html", **_shown(by, _filled(_sent())))


def _page(by: Actor, columns: Columns, base: int, why: str = "") -> str:
    filled = _filled(columns)
    facts = _shown(by, filled) | {"rows": _padded(columns), "base": base, "why": why}
    facts |= {"history": by.session.scalars(menu_versions().limit(HISTORY)).all()}
    facts |= {
        "current": current_version(by.session),
        "told": by.session.scalars(publications().limit(HISTORY)).all(),
    }
    facts |= {"words": sorted(current_site().house.chat_words()), "pages": sorted(_pages())}
    return render_template("menus/console_menu.html", **facts)


def _shown(by: Actor, columns: Columns) -> dict[str, Any]:
    """What the phone shows of it, and what keeps it from being published."""
    house = current_site().house
    facts: dict[str, Any] = {"columns": columns, "faults": faults_of(house, by.session, columns, _pages())}
    return facts | {
        "as_shown": as_shown,
        "is_cut": is_cut,
        "length": shown_length,
        "column_shown": COLUMN_SHOWN,
        "line_shown": LINE_SHOWN,
    }


def _pages() -> set[str]:
    """Residents' pages that open without more being said."""
    rules = current_app.url_map.iter_rules()
    plain = (rule for rule in rules if rule.rule.startswith("/h5/") and not rule.arguments)
    return {rule.rule for rule in plain if "GET" in (rule.methods or ()) and rule.rule not in NOT_FOR_MENUS}


def _sent() -> Columns:
    """The form as it was sent, empty lines too: a line that moves keeps its place."""
    return [
        {"name": _typed(f"c{column}"), "lines": [_line(column, line) for line in range(MOST_LINES)]}
        for column in range(MOST_COLUMNS)
    ]


def _line(column: int, line: int) -> dict[str, str]:
    place = f"c{column}l{line}"
    return {"name": _typed(place), "kind": _typed(f"{place}k") or "word", "target": _typed(f"{place}t")}


def _typed(name: str) -> str:
    return " ".join(as_lines(request.form.get(name, "")[:2000]).split("\n"))


def _filled(columns: Columns) -> Columns:
    """Without empty lines and columns; a line that only has a name says its name."""
    lines = [[x for x in column["lines"] if x["name"] or x["target"]] for column in columns]
    kept = [{"name": column["name"], "lines": held} for column, held in zip(columns, lines, strict=True)]
    for line in (line for column in kept for line in column["lines"]):
        if line["kind"] == "word" and not line["target"]:
            line["target"] = line["name"]
    return [column for column in kept if column["name"] or column["lines"]]


def _padded(columns: Columns) -> Columns:
    """With the empty lines that may still be filled in."""
    empty: dict[str, str] = {"name": "", "kind": "word", "target": ""}
    rows = [{"name": c["name"], "lines": list(c["lines"])} for c in columns]
    rows += [{"name": "", "lines": []} for _ in range(MOST_COLUMNS - len(rows))]
    return [
        {"name": c["name"], "lines": [*c["lines"], *[dict(empty)] * (MOST_LINES - len(c["lines"]))]}
        for c in rows
    ]


def _moved(columns: Columns, move: str) -> Columns:
    """ "1-2-up": line 2 of column 1 changes places with the one above; "1-left": a column with its neighbour."""
    where, _, way = move.rpartition("-")
    numbers = [one for part in where.split("-") if (one := number_in(part)) is not None]
    step = {"up": -1, "down": 1, "left": -1, "right": 1}.get(way, 0)
    if len(numbers) == 2 and numbers[0] < len(columns):
        _swap(columns[numbers[0]]["lines"], numbers[1], numbers[1] + step)
    elif len(numbers) == 1:
        _swap(columns, numbers[0], numbers[0] + step)
    return columns


def _swap(rows: list[Any], one: int, other: int) -> None:
    if 0 <= one < len(rows) and 0 <= other < len(rows):
        rows[one], rows[other] = rows[other], rows[one]


# ---- versions --------------------------------------------------------------------------------------------------------


@console.get("/menu/versions/<int:number>")
@staff("desk", "approver")
def version(number: int) -> str:
    with looking() as by:
        row = find(by, MenuVersion, number)
        told = actions.was_published(by.session, row)
        facts = _shown(by, row.columns) | {"row": row, "told": told, "current": current_version(by.session)}
        return render_template("menus/console_version.html", **facts)


@console.post("/menu/versions/<int:number>/publish")
@staff("approver")
def publish(number: int) -> Response:
    """A new version goes out, or an old one comes back."""

    def unit(by: Actor) -> Work:
        row = find(by, MenuVersion, number)
        if faults_of(current_site().house, by.session, row.columns, _pages()):
            raise Refusal("menus.has_faults")
        return actions.ask_to_publish(by, row)

    if asked := attempt(unit):
        return redirect(url_for("console.show", number=asked.it.id))
    return redirect(url_for("menus_console.version", number=number))
