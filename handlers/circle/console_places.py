"""Where things are: places by name, and what is near each; the emergency lines; days on which somebody is away."""

from __future__ import annotations

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import FloatField
from wtforms.validators import InputRequired, NumberRange

from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, day, words
from handlers.circle import covering, placing
from handlers.circle.console import WHO, console
from models.circle import EmergencyLine, Provider, licensed_providers
from models.circle_places import QUARTER_HOUR, Landmark, Point, around, landmarks
from models.identity import Actor
from models.places_named import estate_called
from models.places_offered import estate_names
from models.plans import open_services


class PlaceForm(ConsoleForm):
    name = words("叫什么", 30, hint="居民怎么叫就怎么写")
    also = words("还叫什么", 60, needed=False, hint="几个叫法用空格隔开")
    lat = FloatField("纬度", [InputRequired(NEEDED), NumberRange(-90, 90, message="请核对纬度。")])
    lng = FloatField("经度", [InputRequired(NEEDED), NumberRange(-180, 180, message="请核对经度。")])
    estate = words("是哪个小区", 40, needed=False, hint="不是小区的不填", list="estates", autocomplete="off")


class LineForm(ConsoleForm):
    title = words("什么急事", 20)
    first = words("先做什么", 120)
    whom = words("打给谁", 20)
    phone = words("电话", 20, needed=False, hint="空着就是社区电话")


class AwayForm(ConsoleForm):
    first = day("从哪一天")
    last = day("到哪一天")
    reason = words("为什么", 30, needed=False, hint="会写进给居民的话里")


# ---- places --------------------------------------------------------------------------------------------------------


@console.get("/circle/places")
@staff(*WHO)
def places() -> str:
    return _places(PlaceForm(formdata=None))


def _places(form: PlaceForm) -> str:
    with looking() as by:
        services = by.session.scalars(open_services("circle")).all()
        rows = [
            (one, [near for near in around(by.session, services, Point(one.lat, one.lng)) if near.is_within])
            for one in by.session.scalars(landmarks())
        ]
        able = by.session.scalars(licensed_providers()).unique().all()
        facts = {"able": able, "minutes": QUARTER_HOUR, "estates": estate_names(by.session)}
        return render_template("circle/console_places.html", rows=rows, form=form, **facts)


@console.post("/circle/places")
@staff(*WHO)
def add_place() -> Response | str:
    form = PlaceForm()

    def unit(by: Actor) -> None:
        also = (form.also.data or "").split()
        estate = estate_called(by.session, form.estate.data)
        placing.mark_place(by, form.name.data, also, form.lat.data, form.lng.data, estate)

    if form.validate_on_submit() and attempt(unit, form, "记下了,居民说这个地方就能查。"):
        return redirect(url_for("circle_console.places"))
    return _places(form)


@console.post("/circle/places/<int:number>/drop")
@staff(*WHO)
def drop_place(number: int) -> Response:
    attempt(lambda by: placing.drop_place(by, find(by, Landmark, number)), done="去掉了。")
    return redirect(url_for("circle_console.places"))


# ---- emergency lines -----------------------------------------------------------------------------------------------


@console.get("/circle/lines")
@staff(*WHO)
def lines() -> str:
    with looking() as by:
        rows = by.session.scalars(select(EmergencyLine).order_by(EmergencyLine.kind)).all()
        return render_template("circle/console_lines.html", rows=rows)


@console.route("/circle/lines/<kind>", methods=["GET", "POST"])
@staff("approver")
def line(kind: str) -> Response | str:
    """Words that somebody in need reads: changed and confirmed by who answers for words."""
    form = LineForm()

    def unit(by: Actor) -> None:
        row = _line(by, kind)
        facts = {"title": form.title.data, "first": form.first.data, "whom": form.whom.data}
        placing.change_line(by, row, phone=form.phone.data or None, **facts)

    if form.validate_on_submit() and attempt(unit, form, "核对好了。"):
        return redirect(url_for("circle_console.lines"))

    def look(by: Actor) -> str:
        row = _line(by, kind)
        if form.title.raw_data is None:
            for name in ("title", "first", "whom", "phone"):
                form[name].data = getattr(row, name)
        return render_template("circle/console_line.html", form=form, row=row)

    return as_staff(look)


def _line(by: Actor, kind: str) -> EmergencyLine:
    row = by.session.get(EmergencyLine, kind)
    if row is None:
        abort(404)
    return row


# ---- somebody is away ------------------------------------------------------------------------------------------------


@console.route("/circle/providers/<int:number>/away", methods=["GET", "POST"])
@staff(*WHO)
def away(number: int) -> Response | str:
    form = AwayForm()
    said: list[covering.Covered] = []

    def unit(by: Actor) -> None:
        row = find(by, Provider, number)
        said.append(covering.cover(by, row, form.first.data, form.last.data, form.reason.data or ""))

    if form.validate_on_submit() and attempt(unit, form):
        done = said[-1]
        flash(
            f"登记好了。{done.moved}单换了别的师傅,{done.desk}单要您安排,{done.called_off}个预约停办,都告诉居民了。",
            "success",
        )
        return redirect(url_for("circle_console.away", number=number))
    with looking() as by:
        row = find(by, Provider, number)
        days = covering.days_away(by.session, row)
        hit = covering.would_hit(by.session, row, form.first.data, form.last.data)
        return render_template("circle/console_away.html", form=form, row=row, days=days, hit=hit)


@console.post("/circle/providers/<int:number>/back")
@staff(*WHO)
def back_again(number: int) -> Response:
    try:
        shown = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        abort(400)
    attempt(lambda by: covering.back_again(by, find(by, Provider, number), shown), done="这一天照常派活。")
    return redirect(url_for("circle_console.away", number=number))
