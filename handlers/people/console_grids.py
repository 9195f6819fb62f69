"""网格 and 楼栋: who looks after which buildings, how many households stand there, and the tree of places."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput

from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, words
from handlers.people import grids
from handlers.people.console import console, page_asked, under
from models.grid_figures import figures_of
from models.identity import Actor
from models.places import BELOW, Grid, Place, inside
from models.places_offered import Offer, buildings_of_grid, offered
from models.sight import own_grid
from models.unindexed import unindexed

GRIDS_SHOWN = 20
KINDS = {"committee": "居委会", "estate": "小区", "building": "楼栋", "unit": "单元"}


class GridForm(ConsoleForm):
    name = words("网格名称", 40)
    worker = words("网格员", 40)
    worker_phone = words("电话", 20, needed=False, inputmode="tel")
    buildings = SelectMultipleField("管哪些楼", [Optional()], coerce=int, option_widget=CheckboxInput())


class PlaceForm(ConsoleForm):
    name = words("名称", 40)


# ---- grids -----------------------------------------------------------------------------------------------------


@console.get("/grids")
@staff("desk", "grid")
def all_grids() -> str:
    under("住户")
    with looking() as by:
        only = own_grid(by.staff) if by.staff else 0
        shown = select(Grid).where(Grid.id == only if only is not None else Grid.id > 0).order_by(Grid.id)
        page = page_asked()
        found = by.session.scalars(shown.offset((page - 1) * GRIDS_SHOWN).limit(GRIDS_SHOWN + 1)).all()
        rows = found[:GRIDS_SHOWN]
        return render_template(
            "people/console_grids.html",
            rows=rows,
            page=page,
            more=len(found) > GRIDS_SHOWN,
            address=lambda page: url_for("people_console.all_grids", page=page),
            figures=figures_of(by.session, rows),
            loose=by.session.scalars(loose()).all(),
        )


def loose() -> Select[Place]:
    """Buildings in no grid: nobody can be entered there. Most places have no grid of their own, few are buildings."""
    found = select(Place).where(Place.kind == "building", unindexed(Place.grid_id).is_(None))
    return found.order_by(Place.id)


@console.route("/grids/new", methods=["GET", "POST"])
@staff("desk")
def new_grid() -> Response | str:
    under("住户")
    form, offer = _grid_form(GridForm())

    def work(by: Actor) -> None:
        made = grids.add_grid(by, form.name.data, form.worker.data, form.worker_phone.data)
        by.session.flush()
        grids.assign_buildings(by, made, [find(by, Place, one) for one in form.buildings.data or ()])

    if form.validate_on_submit() and attempt(work, form, "网格建好了。"):
        return redirect(url_for("people_console.all_grids"))
    return render_template("people/console_grid.html", form=form, grid=None, offer=offer)


@console.route("/grids/<int:number>", methods=["GET", "POST"])
@staff("desk")
def one_grid(number: int) -> Response | str:
    under("住户")
    form, offer = _grid_form(GridForm(), number)

    def work(by: Actor) -> None:
        grid = find(by, Grid, number)
        grids.change_grid(by, grid, form.name.data, form.worker.data, form.worker_phone.data)
        grids.assign_buildings(by, grid, [find(by, Place, one) for one in form.buildings.data or ()])

    if form.validate_on_submit() and attempt(work, form, "改好了,居民问网格员时就这样答。"):
        return redirect(url_for("people_console.all_grids"))
    with looking() as by:
        grid = find(by, Grid, number)
        if request.method == "GET":
            form.name.data, form.worker.data = grid.name, grid.worker
            form.worker_phone.data = grid.worker_phone
            form.buildings.data = list(by.session.scalars(select(Place.id).where(Place.grid_id == number)))
        return render_template("people/console_grid.html", form=form, grid=grid, offer=offer)


@console.post("/grids/<int:number>/end")
@staff("desk")
def end_grid(number: int) -> Response:
    attempt(lambda by: grids.end_grid(by, find(by, Grid, number)), done="网格去掉了。")
    return redirect(url_for("people_console.all_grids"))


def _grid_form(form: GridForm, number: int | None = None) -> tuple[GridForm, Offer]:
    """In a district it offers the buildings of one estate, beside those that the grid has or that are ticked."""
    ticked = request.form.getlist("buildings", int)
    with looking() as by:
        offer = offered(by.session, [request.args.get("estate", 0, int)])
        found = buildings_of_grid(by.session, number, offer, ticked)
        form.buildings.choices = [(place.id, _building_words(place)) for place in found]
    return form, offer


def _building_words(place: Place) -> str:
    return f"{place.full_name}({place.own_grid.name if place.own_grid else '还没有网格'})"


# ---- places ----------------------------------------------------------------------------------------------------


@console.get("/places")
@staff("desk")
def all_places() -> str:
    """One step of the tree: what lies in the place that was chosen, or the committees."""
    under("住户")
    number = request.args.get("in", 0, int)
    with looking() as by:
        place = find(by, Place, number) if number else None
        return render_template(
            "people/console_places.html", form=PlaceForm(formdata=None), **_step(by, place)
        )


def _step(by: Actor, place: Place | None) -> dict[str, Any]:
    first = select(Place).where(Place.kind == "committee").order_by(Place.position, Place.id)
    rows = by.session.scalars(inside(place) if place else first).all()
    counted = dict(
        by.session.execute(
            select(Place.parent_id, func.count())
            .where(Place.parent_id.in_([one.id for one in rows]))
            .group_by(Place.parent_id)
        ).all()
    )
    below = BELOW.get(place.kind) if place else None
    return {"place": place, "rows": rows, "inside": counted, "below": below, "kinds": KINDS}


@console.post("/places/<int:number>/add")
@staff("desk")
def add_place(number: int) -> Response:
    form = PlaceForm()
    if form.validate():
        attempt(lambda by: grids.add_place(by, find(by, Place, number), form.name.data), done="加好了。")
    return redirect(_inside(number))


@console.post("/places/<int:number>/rename")
@staff("desk")
def rename_place(number: int) -> Response:
    name = request.form.get("name", "")
    attempt(lambda by: grids.rename_place(by, find(by, Place, number), name), done="名称改好了。")
    return _beside(number)


@console.post("/places/<int:number>/order")
@staff("desk")
def order_place(number: int) -> Response:
    """One step up or down; the keyboard does it as well as the mouse."""
    steps = {"up": -1, "down": 1}.get(request.form.get("to", ""))
    if steps is None:
        abort(404)
    attempt(lambda by: grids.move_place(by, find(by, Place, number), steps))
    return _beside(number)


def _beside(number: int) -> Response:
    above = as_staff(lambda by: find(by, Place, number).parent_id)
    return redirect(_inside(above))


def _inside(number: int | None) -> str:
    address = url_for("people_console.all_places")
    return f"{address}?in={number}" if number else address
