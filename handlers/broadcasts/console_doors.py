"""没有送到的人, for the staff: who is told at the door, grid by grid and door by door, ticked off on a phone.

A grid worker sees their own grid, the desk all. Names are covered; whoever needs the number opens the card, which
leaves a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import Optional

from app.channels.console import Card, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm
from app.understanding.phone import mask_name
from handlers.broadcasts import doors
from handlers.broadcasts.console import console
from models import knocks
from models.broadcasts import Broadcast, BroadcastRecipient
from models.households import Household
from models.identity import Actor
from models.places import Grid, Place
from models.reach import correction_of
from models.sight import need_staff, sees
from models.staff import StaffMember

WHO = ("desk", "grid")
PER_PAGE, MOST_PRINTED, SHOWN_TODAY = 40, 400, 5
TABS = {"open": "还没告诉的", "told": "告诉了的", "moved": "搬走了的"}
STATES = {"face": "当面说了", "phone": "打电话说了", "nobody": "没人", "moved": "搬走了"}
WHY = {
    "paper": "没有微信",
    "failed": "没发成",
    "unknown": "说不准收到没有",
    "expired": "没来得及发",
}
SILENT = "发了,没有回音"
DOOR_PAGES = ("all_doors", "doors_of", "tick_door", "print_doors", "wait_for_a_sign")
DIGITS = re.compile(r"\d+")


class WaitForm(ConsoleForm):
    hours = IntegerField("几个小时没有回音就上门", [Optional()], render_kw={"min": 1, "max": 72})


@dataclass
class Door:
    """Whoever on the list lives behind one door."""

    place: Place | None
    household: Household | None
    rows: list[tuple[BroadcastRecipient, str]] = field(default_factory=list)

    @property
    def first(self) -> BroadcastRecipient:
        return self.rows[0][0]

    @property
    def number(self) -> str:
        return self.household.door if self.household else ""

    @property
    def where(self) -> str:
        return self.place.full_name if self.place else "没登记住址"

    @property
    def names(self) -> list[str]:
        """Covered: enough for who knows the house."""
        people = (row.person for row, _ in self.rows if row.person is not None)
        return [mask_name(one.name) if one.name else f"居民{one.id}号" for one in people]

    @property
    def why(self) -> list[str]:
        return list(dict.fromkeys(WHY.get(standing, SILENT) for _, standing in self.rows))


@console.before_request
def _which_word() -> None:
    """Two words of the menu lead into this blueprint."""
    page = (request.endpoint or "").rpartition(".")[2]
    g.menu_word = "上门" if page in DOOR_PAGES else "群发"


# ---- all that is to be told ------------------------------------------------------------------------------------------


@console.get("/doors")
@staff(*WHO)
def all_doors() -> str:
    with looking() as by:
        return render_template("broadcasts/console_doors_all.html", rows=_to_tell(by))


def _to_tell(by: Actor) -> list[tuple[Broadcast, knocks.Progress]]:
    """What still holds, with somebody on the list whom this member of staff looks after."""
    member = need_staff(by)
    found = []
    for row in by.session.scalars(knocks.worth_telling().options(joinedload(Broadcast.version))):
        progress = knocks.together([*knocks.progress_by_grid(by.session, row, member).values()])
        if progress.total:
            found.append((row, progress))
    return found


@console.today(*WHO)
def to_tell_today(by: Actor) -> Card:
    rows = [(row, progress) for row, progress in _to_tell(by) if progress.left]
    lines = [
        Line(
            row.version.content["title"],
            url_for("broadcasts_console.doors_of", number=row.id),
            row.begun_at,
            f"还有{progress.left}人",
            row.urgent,
        )
        for row, progress in rows[:SHOWN_TODAY]
    ]
    address = url_for("broadcasts_console.all_doors")
    urgent = any(row.urgent for row, _ in rows)
    return Card("没收到通知,要上门说的", len(rows), address, lines, "没有要上门说的。", urgent)


# ---- one list --------------------------------------------------------------------------------------------------------


@console.get("/broadcasts/<int:number>/doors")
@staff(*WHO)
def doors_of(number: int) -> str:
    """Also says who lives where: so that it was opened is written down."""
    return as_staff(lambda by: _list(by, find(by, Broadcast, number)))


def _list(by: Actor, row: Broadcast) -> str:
    which = request.args.get("which", "open")
    which, page = which if which in TABS else "open", _page()
    member, grid = need_staff(by), _grid()
    rows = knocks.listed(row, member).where(_tab(which))
    rows = rows if grid is None else rows.where(knocks.in_grid(grid))
    found = by.session.execute(rows.offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
    shown = _by_door(found[:PER_PAGE])
    doors.note_looked(by, row, shown=len(found[:PER_PAGE]), grid=grid)
    facts: dict[str, Any] = {"which": which, "page": page, "more": len(found) > PER_PAGE, "grid": grid}
    facts |= {"doors": shown, "tabs": TABS, "states": STATES, "last": _last(by, row, member)}
    return render_template("broadcasts/console_doors.html", **facts, **_frame(by, row, member))


def _frame(by: Actor, row: Broadcast, member: StaffMember) -> dict[str, Any]:
    """How far it is, in the grids of whoever looks."""
    by_grid = knocks.progress_by_grid(by.session, row, member)
    names = knocks.grids_named(by.session, by_grid)
    return {
        "row": row,
        "whole": knocks.together([*by_grid.values()]),
        "by_grid": [(grid, names.get(grid, "不知道住哪个网格"), by_grid[grid]) for grid in sorted(by_grid)],
        "is_open": knocks.is_worth_telling(row, correction_of(by.session, row) is not None),
        "wait": WaitForm(hours=row.knock_after),
    }


def _tab(which: str) -> Any:
    if which == "told":
        return knocks.is_told()
    return knocks.is_moved() if which == "moved" else knocks.is_open()


def _by_door(found: Iterable[Any]) -> list[Door]:
    """One entry a door; in a house the doors stand in the order of their numbers."""
    made: dict[tuple[str, int], Door] = {}
    places: dict[int, int] = {}
    for row, standing, place, household in found:
        key = ("home", household.id) if household else ("one", row.id)
        made.setdefault(key, Door(place, household)).rows.append((row, standing))
        places.setdefault(place.id if place else 0, len(places))
    return sorted(
        made.values(), key=lambda one: (places[one.place.id if one.place else 0], _in_order(one.number))
    )


def _in_order(number: str) -> tuple[int, str]:
    digits = DIGITS.search(number)
    return (int(digits[0]) if digits else 0, number)


def _last(by: Actor, row: Broadcast, member: StaffMember) -> BroadcastRecipient | None:
    """What was ticked a moment ago, to be taken back at once."""
    number = request.args.get("last", 0, type=int)
    one = by.session.get(BroadcastRecipient, number) if number else None
    if one is None or one.broadcast_id != row.id or one.door_state is None or one.person is None:
        return None
    return one if sees(by.session, member, one.person) else None


def _page() -> int:
    return min(max(1, request.args.get("page", 1, type=int)), 1000)


def _grid() -> int | None:
    return request.args.get("grid", None, type=int)


# ---- ticking off -----------------------------------------------------------------------------------------------------


@console.post("/broadcasts/<int:number>/doors/<int:one>")
@staff(*WHO)
def tick_door(number: int, one: int) -> Response:
    state, back = request.form.get("state", ""), request.form.get("do") == "back"
    if state not in knocks.STATES:
        abort(404)

    def work(by: Actor) -> None:
        row = _seen(by, number, one)
        if back:
            doors.take_back(by, row, state)
        else:
            doors.tell(by, row, state)

    done = attempt(work, done="撤回了,又在名单上了。" if back else "")
    kept: dict[str, Any] = {
        name: request.form[name] for name in ("which", "grid", "page") if request.form.get(name)
    }
    if done and not back:
        kept["last"] = one
    return redirect(url_for("broadcasts_console.doors_of", number=number, **kept))


def _seen(by: Actor, number: int, one: int) -> BroadcastRecipient:
    """Somebody of this list whom this member of staff looks after; others are a page that is not there."""
    row = find(by, BroadcastRecipient, one)
    if row.broadcast_id != number or row.person is None or not sees(by.session, need_staff(by), row.person):
        abort(404)
    return row


# ---- for the desk, and for paper -------------------------------------------------------------------------------------


@console.post("/broadcasts/<int:number>/doors/wait")
@staff("desk")
def wait_for_a_sign(number: int) -> Response:
    form = WaitForm()
    hours = form.hours.data if form.validate_on_submit() else 0
    done = "没有回音的也放进名单了。" if hours else "名单里只有没送到的人了。"
    attempt(lambda by: doors.wait_for_a_sign(by, find(by, Broadcast, number), hours), done=done)
    return redirect(url_for("broadcasts_console.doors_of", number=number))


@console.get("/broadcasts/<int:number>/doors/print")
@staff(*WHO)
def print_doors(number: int) -> str:
    """A sheet for one grid, to be ticked off with a pencil."""

    def unit(by: Actor) -> str:
        row, grid = find(by, Broadcast, number), _grid()
        rows = knocks.listed(row, need_staff(by)).where(knocks.is_open())
        rows = rows if grid is None else rows.where(knocks.in_grid(grid))
        found: Sequence[Any] = by.session.execute(rows.limit(MOST_PRINTED)).all()
        doors.note_looked(by, row, shown=len(found), grid=grid, printed=True)
        known = by.session.get(Grid, grid) if grid else None
        facts = {
            "row": row,
            "doors": _by_door(found),
            "grid": known,
            "people_count": len(found),
            "most": MOST_PRINTED,
        }
        return render_template("broadcasts/console_doors_print.html", **facts)

    return as_staff(unit)
