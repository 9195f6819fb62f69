"""住户: by grid, one household with its people, and what is done with it; each step can be taken back for 30 days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms import SelectField

from app import audit, clock
from app.channels.console import as_staff, attempt, find, staff
from app.channels.console_forms import ConsoleForm, choices, day, words
from app.understanding.phone import mask_name
from handlers.people import household_moves, households
from handlers.people.console import console, page_asked, under
from handlers.people.own_rows import TIE_WORDS
from handlers.people.search import the_one
from models import counting
from models.base import count_rows
from models.households import (
    HEAD,
    STALE_AFTER,
    Household,
    HouseholdChange,
    HouseholdMember,
    changes_of,
    homeless_in,
    households_in_grid,
    live_households,
    members_of,
    past_members_of,
)
from models.identity import Actor
from models.places import Grid, Place, below, estates
from models.places_named import place_called, with_line
from models.places_offered import grid_names
from models.refusal import Refusal
from models.sight import own_grid, sees_place

PER_PAGE = 25
ROLES = ("desk", "grid")
FILTERS = ("grid", "place", "number", "stale")
KINDS = {
    "make": "立户",
    "add": "加人",
    "tie": "改关系",
    "remove": "移出",
    "merge": "并户",
    "split": "分户",
    "move": "搬家",
    "dissolve": "销户",
    "expire": "暂住到期",
}
JOINING = {key: told for key, told in TIE_WORDS.items() if key != HEAD}


class MakeForm(ConsoleForm):
    who = words("户主", 30, hint="居民编号、整个手机号或全名;要先登记过", autocomplete="off")
    place = words("楼栋单元", 60, hint="比如:东府佳苑3号楼2单元", list="places", autocomplete="off")
    door = words("门牌", 12, hint="比如:301", autocomplete="off")
    reason = words("说明", 60, needed=False)


class AddForm(ConsoleForm):
    who = words("谁", 30, hint="居民编号、整个手机号或全名;要先登记过", list="near", autocomplete="off")
    tie = SelectField("和户主的关系", choices=choices(JOINING))
    until = day("暂住到哪天", needed=False, hint="只是暂住才填,到期自动移出")
    reason = words("说明", 60, needed=False)


# ---- the list --------------------------------------------------------------------------------------------------


@console.get("/households", endpoint="households")
@staff(*ROLES)
def list_households() -> str:
    """Households of a grid or a place; names are covered, and that the list was opened is written down."""
    under("住户")

    def unit(by: Actor) -> str:
        shown, page = _asked_for(by), page_asked()
        total = counting.count_some(by.session, shown)
        whole = shown.options(with_line(Household.place)).order_by(Household.place_id, Household.id)
        rows = by.session.scalars(whole.limit(PER_PAGE + 1).offset((page - 1) * PER_PAGE)).all()
        audit.note(by, "people.list_households", None, found=total)
        facts: dict[str, Any] = {
            "rows": rows[:PER_PAGE],
            "members": _members(by, rows[:PER_PAGE]),
            "total": total,
            "most": counting.COUNTED,
            "page": page,
        }
        facts |= {
            "grids": grid_names(by.session) if _own_grid(by) is None else None,
            "places": doors_offered(by),
            "asked": request.args,
            "more": len(rows) > PER_PAGE,
        }
        return render_template(
            "people/console_households.html", mask=mask_name, address=_page_address, **facts
        )

    return as_staff(unit)


def _asked_for(by: Actor) -> Select[Household]:
    """What the filter lets through, inside of what this member of staff may see."""
    grid, number = request.args.get("grid", ""), request.args.get("number", 0, int)
    shown = live_households()
    if (mine := _own_grid(by)) is not None:
        shown = households_in_grid(mine)
    elif (only := by.session.scalar(select(Grid.id).where(Grid.name == grid))) is not None:
        shown = households_in_grid(only)
    place = place_called(by.session, request.args.get("place", ""))
    if place is not None:
        shown = shown.where(Household.place_id.in_(below(by.session, place)))
    if number:
        shown = shown.where(Household.id == number)
    if request.args.get("stale"):
        shown = shown.where(Household.checked_at < clock.now() - STALE_AFTER)
    return shown


def _own_grid(by: Actor) -> int | None:
    return own_grid(by.staff) if by.staff else 0


def _members(by: Actor, homes: Sequence[Household]) -> dict[int, list[HouseholdMember]]:
    """Who lives in each, the head first; asked once for the page."""
    whole = members_of(*homes).options(joinedload(HouseholdMember.person))
    found: dict[int, list[HouseholdMember]] = {one.id: [] for one in homes}
    for one in by.session.scalars(whole):
        found[one.household_id].append(one)
    return found


MOST_OFFERED = 500


def doors_offered(by: Actor) -> list[str]:
    """The full names that the browser offers while somebody types a place. In a whole district the doors would be a
    book: there it offers the names of estates, as they begin."""
    if count_rows(by.session, select(Place.id).limit(MOST_OFFERED + 1)) > MOST_OFFERED:
        named = estates().options(with_line(Place.parent)).limit(MOST_OFFERED)
        return [one.full_name for one in by.session.scalars(named)]
    doors = select(Place).where(Place.kind.in_(("building", "unit"))).options(with_line(Place.parent))
    seen = (place for place in by.session.scalars(doors) if by.staff and sees_place(by.staff, place))
    return sorted(place.full_name for place in seen)


def _page_address(page: int) -> str:
    """Of what the address says only the filter goes on: other names would speak to url_for itself."""
    asked: dict[str, Any] = {name: request.args[name] for name in FILTERS if name in request.args}
    return url_for("people_console.households", page=page, **asked)


# ---- one household ---------------------------------------------------------------------------------------------


@console.get("/households/<int:number>")
@staff(*ROLES)
def household(number: int) -> str:
    return _shown(number, AddForm(formdata=None))


def _shown(number: int, form: AddForm) -> str:
    under("住户")

    def unit(by: Actor) -> str:
        home = seen_household(by, number)
        audit.note(by, "people.view_household", home)
        facts: dict[str, Any] = {"home": home, "members": by.session.scalars(members_of(home)).all()}
        facts["past"] = by.session.scalars(past_members_of(home)).all()
        facts["changes"] = by.session.scalars(changes_of(home)).all()
        facts["near"] = by.session.scalars(homeless_in(home.place)).all()
        inside = set(below(by.session, home.place))
        facts["elsewhere"] = {one.id for one in facts["members"] if one.person.place_id not in inside}
        return render_template(
            "people/console_household.html", form=form, ties=TIE_WORDS, kinds=KINDS, mask=mask_name, **facts
        )

    return as_staff(unit)


def seen_household(by: Actor, number: int) -> Household:
    home = find(by, Household, number)
    if by.staff is None or not sees_place(by.staff, home.place):
        abort(404)
    return home


@console.route("/households/new", methods=["GET", "POST"])
@staff(*ROLES)
def make() -> Response | str:
    under("住户")
    form = MakeForm()
    if request.method == "GET":
        form.who.data = request.args.get("who", "")

    def work(by: Actor) -> Household:
        place, head = asked_place(by, form.place.data), the_one(by, form.who.data)
        return households.make_household(by, place, form.door.data, head, reason=form.reason.data or None)

    if form.validate_on_submit() and (made := attempt(work, form, "立好了。")):
        return redirect(url_for("people_console.household", number=made.it.id))
    return as_staff(
        lambda by: render_template("people/console_household_new.html", form=form, places=doors_offered(by))
    )


@console.post("/households/<int:number>/add")
@staff(*ROLES)
def add(number: int) -> Response | str:
    form = AddForm()

    def work(by: Actor) -> None:
        home, until = seen_household(by, number), form.until.data
        facts = {"temporary_until": until, "reason": form.reason.data or None}
        households.add_member(by, home, the_one(by, form.who.data), form.tie.data, **facts)

    if form.validate_on_submit() and attempt(work, form, "加进来了。"):
        return _back(number)
    return _shown(number, form)


@console.post("/households/<int:number>/tie")
@staff(*ROLES)
def retie(number: int) -> Response:
    tie = request.form.get("tie", "")
    return _with_member(number, lambda by, stay: households.set_tie(by, stay, tie), "改好了。")


@console.post("/households/<int:number>/remove")
@staff(*ROLES)
def remove(number: int) -> Response:
    reason = request.form.get("reason", "")[:60] or None
    return _with_member(
        number, lambda by, stay: households.remove_member(by, stay, reason=reason), "移出了,30天内可以撤销。"
    )


def _with_member(number: int, work: Callable[[Actor, HouseholdMember], None], done: str) -> Response:
    """Do something with the stay that the form names, if it is one of this household."""

    def unit(by: Actor) -> None:
        seen_household(by, number)
        stay = find(by, HouseholdMember, request.form.get("stay", 0, int))
        if stay.household_id != number:
            abort(404)
        work(by, stay)

    attempt(unit, done=done)
    return _back(number)


@console.post("/households/<int:number>/check")
@staff(*ROLES)
def check(number: int) -> Response:
    attempt(lambda by: households.check_household(by, seen_household(by, number)), done="记下了:今天核对过。")
    return _back(number)


@console.post("/households/<int:number>/dissolve")
@staff("desk")
def dissolve(number: int) -> Response:
    reason = request.form.get("reason", "")[:60] or None
    attempt(
        lambda by: households.dissolve(by, seen_household(by, number), reason=reason),
        done="销户了,人的登记还在,30天内可以撤销。",
    )
    return _back(number)


@console.post("/households/<int:number>/undo")
@staff(*ROLES)
def undo(number: int) -> Response:
    def work(by: Actor) -> None:
        change = find(by, HouseholdChange, request.form.get("change", 0, int))
        if number not in (change.household_id, change.other_id):
            abort(404)
        household_moves.undo_change(by, change)

    attempt(work, done="撤销了,和原来一样。")
    return _back(number)


def _back(number: int) -> Response:
    """To the household, or to the list when undoing has taken it away."""
    gone = as_staff(lambda by: by.session.get(Household, number) is None)
    if gone:
        return redirect(url_for("people_console.households"))
    return redirect(url_for("people_console.household", number=number))


def asked_place(by: Actor, called: str) -> Place:
    place = place_called(by.session, called)
    if place is None:
        raise Refusal("people.no_such_place")
    return place
