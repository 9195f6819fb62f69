"""A broadcast is begun from a notice, and told when, by which roads and to whom it goes; the count follows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    ValidationError,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput

from app import clock
from app.channels.console import attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices
from app.channels.console_login import signed_in
from app.understanding.numbers import number_in
from handlers.broadcasts import actions, audience
from handlers.broadcasts.console import console
from handlers.broadcasts.console_frame import READERS, ROAD_NAMES, frame_of
from handlers.broadcasts.forms import card_of
from handlers.broadcasts.testing import KIND
from models.audience import NARROWING, checked
from models.broadcasts import OPEN, Broadcast
from models.counting import COUNTED
from models.identity import Actor
from models.lately import counted_lately
from models.notices import CATEGORIES, Notice, current_notices, newest, waiting_notices
from models.places_offered import grids_offered, offered
from models.programmes import programmes
from models.refusal import Refusal
from models.tags import counted_by_tag, live_tags

SHOWN = 40
BOTH = ["GET", "POST"]
SEES_EVERYBODY = "desk"


class WriteForm(ConsoleForm):
    topic = SelectField("类别", choices=choices({name: name for name in CATEGORIES}))
    urgent = BooleanField("加急:不等初审复审,不管退订和夜里,发了以后24小时内补审")
    roads = SelectMultipleField("可以怎么发", choices=choices(ROAD_NAMES), option_widget=CheckboxInput())
    send_at = DateTimeLocalField("什么时候发", [Optional()], description="不填:终审通过5分钟后就发")
    useful_until = DateTimeLocalField(
        "到什么时候为止", [Optional()], description="过了这时还没发的就不发了;不填:一天"
    )
    revision = HiddenField()

    def validate_send_at(self, field: Any) -> None:
        moment = _instant(field.data)
        if moment is not None and moment < clock.now():
            raise ValidationError("这个时间已经过去了。请改一个,或者不填。")

    def chosen(self) -> dict[str, Any]:
        moments = {name: _instant(self[name].data) for name in ("send_at", "useful_until")}
        return moments | {"topic": self.topic.data, "urgent": self.urgent.data, "roads": self.roads.data}


class PeopleForm(ConsoleForm):
    everybody = SelectField("发给谁", choices=choices({"1": "所有人", "": "挑一部分人"}))
    grids = SelectMultipleField("网格", coerce=int, validate_choice=False)
    places = SelectMultipleField("楼栋", coerce=int, validate_choice=False)
    tags = SelectMultipleField("标签", coerce=int, validate_choice=False)
    programmes = SelectMultipleField("参加过哪个项目", validate_choice=False)
    revision = HiddenField()

    def spec(self) -> dict[str, Any]:
        if self.everybody.data:
            return {"everybody": True}
        return {name: self[name].data or [] for name in NARROWING}


def _instant(wall: datetime | None) -> datetime | None:
    return None if wall is None else clock.at(wall.date(), wall.time())


def _wall(instant: datetime | None) -> datetime | None:
    return None if instant is None else clock.local(instant).replace(tzinfo=None)


# ---- begun -----------------------------------------------------------------------------------------------------------


@console.get("/broadcasts/new")
@staff(*READERS)
def choose() -> str:
    """Which notice is to be sent."""
    with looking() as by:
        waiting = by.session.scalars(waiting_notices().limit(SHOWN)).all()
        now = by.session.scalars(current_notices().limit(SHOWN)).all()
        rows = list(dict.fromkeys((*waiting, *now)))
        return render_template("broadcasts/console_new.html", rows=rows)


@console.post("/broadcasts/new")
@staff(*READERS)
def begin() -> Response:
    def unit(by: Actor) -> Broadcast:
        return actions.draft(by, find(by, Notice, request.form.get("notice", 0, type=int)))

    if made := attempt(unit, done="开了一份群发的草稿。先看内容和时间,再选人。"):
        return redirect(url_for("broadcasts_console.write", number=made.it.id))
    return redirect(url_for("broadcasts_console.choose"))


# ---- words, roads and times ------------------------------------------------------------------------------------------


@console.route("/broadcasts/<int:number>/write", methods=BOTH)
@staff(*READERS)
def write(number: int) -> Response | str:
    form = _write_form(number)

    def unit(by: Actor) -> None:
        actions.edit(by, find(by, Broadcast, number), revision=_seen(form), **form.chosen())

    if form.validate_on_submit() and attempt(unit, form, "存好了。"):
        return redirect(url_for("broadcasts_console.people", number=number))
    with looking() as by:
        row = find(by, Broadcast, number)
        form.revision.data = row.revision
        facts: dict[str, Any] = frame_of(row, "write") | {"form": form, "message": message_of(row)}
        facts["newest"] = newest(by.session, row.notice)
        return render_template("broadcasts/console_write.html", **facts, may_edit=row.state in OPEN)


def _write_form(number: int) -> WriteForm:
    if request.method == "POST":
        return WriteForm()
    with looking() as by:
        row = find(by, Broadcast, number)
        facts = {"topic": row.topic, "urgent": row.urgent, "roads": row.roads}
        return WriteForm(
            data=facts | {"send_at": _wall(row.send_at), "useful_until": _wall(row.useful_until)}
        )


@console.post("/broadcasts/<int:number>/newest")
@staff(*READERS)
def take_newest(number: int) -> Response:
    """Instead of the words with which it was begun."""

    def unit(by: Actor) -> None:
        row = find(by, Broadcast, number)
        seen = request.form.get("revision", 0, type=int)
        actions.edit(by, row, revision=seen, version=newest(by.session, row.notice))

    attempt(unit, done="换成最新的一版了,要重新试发。")
    return redirect(url_for("broadcasts_console.write", number=number))


def message_of(row: Broadcast) -> str:
    """What one person gets to read."""
    site = current_site()
    return site.words.fill(site.words.form(KIND).text, card_of(row, site.settings.web.public_url))


# ---- people ----------------------------------------------------------------------------------------------------------


@console.route("/broadcasts/<int:number>/people", methods=BOTH)
@staff(*READERS)
def people(number: int) -> Response | str:
    """Only who sees everybody chooses among them; the others read what was chosen."""
    form = _people_form(number)

    def unit(by: Actor) -> None:
        if not signed_in().has(SEES_EVERYBODY):
            raise Refusal("broadcasts.no_sight")
        actions.edit(by, find(by, Broadcast, number), revision=_seen(form), audience=form.spec())

    if form.validate_on_submit() and attempt(unit, form, "选好了。"):
        return redirect(url_for("broadcasts_console.test", number=number))
    return _people_page(number, form)


def _people_form(number: int) -> PeopleForm:
    if request.method == "POST":
        return PeopleForm()
    with looking() as by:
        spec = find(by, Broadcast, number).audience
        facts = {name: spec.get(name, []) for name in NARROWING}
        return PeopleForm(data=facts | {"everybody": "1" if spec.get("everybody") else ""})


def _people_page(number: int, form: PeopleForm, samples: list[audience.Sample] | None = None) -> str:
    with looking() as by:
        row = find(by, Broadcast, number)
        form.revision.data = row.revision
        facts: dict[str, Any] = frame_of(row, "people") | _to_choose(by, form)
        facts |= {"form": form, "samples": samples}
        facts["count"] = _count(by, row, form.spec() if _ticked() else row.audience)
        facts["whom"] = audience.in_words(by.session, row.audience)
        chosen_here = row.state in OPEN and not row.audience.get("got")
        facts["may_choose"] = chosen_here and signed_in().has(SEES_EVERYBODY)
        facts["by_mass"] = "mass" in row.roads
        return render_template("broadcasts/console_people.html", **facts)


def _to_choose(by: Actor, form: PeopleForm) -> dict[str, Any]:
    session = by.session
    offer = offered(session, {*(form.places.data or ()), request.args.get("estate", 0, int)})
    tags = session.scalars(live_tags()).all()
    return {
        "grids": grids_offered(session, offer, form.grids.data or ()),
        "offer": offer,
        "tags": tags,
        "tagged": counted_by_tag(session, tags),
        "most": COUNTED,
        "programmes": session.scalars(programmes()).all(),
    }


@console.post("/broadcasts/<int:number>/count")
@staff(SEES_EVERYBODY)
def count(number: int) -> str:
    """How many it would be with these ticks; nothing is written."""
    form = PeopleForm()
    with looking() as by:
        row = find(by, Broadcast, number)
        facts: dict[str, Any] = {"by_mass": "mass" in row.roads, "count": _count(by, row, form.spec())}
        return render_template("broadcasts/console_count.html", **facts)


def _count(by: Actor, row: Broadcast, spec: dict[str, Any]) -> audience.Count | None:
    """None while nothing is ticked."""
    try:
        known = checked(by.session, spec)
    except Refusal:
        return None
    topic, to_all = row.topic, row.goes_to_all
    key = ("audience", json.dumps(known, sort_keys=True), topic, to_all)

    def how_many() -> audience.Count:
        return audience.count(by.session, known, topic, to_all=to_all)

    return counted_lately(by.session, key, how_many, lambda one: one.total + one.unwilling + one.followers)


@console.post("/broadcasts/<int:number>/samples")
@staff(SEES_EVERYBODY)
def samples(number: int) -> str:
    """Five of those who are ticked, saved or not, with covered names; that they were looked at is written down."""
    form, shown = PeopleForm(), list[audience.Sample]()

    def unit(by: Actor) -> None:
        row = find(by, Broadcast, number)
        spec = checked(by.session, form.spec()) if _ticked() else row.audience
        shown.extend(audience.samples(by, row, spec))

    return _people_page(number, form, shown if attempt(unit, form) else None)


def _ticked() -> bool:
    """Whether the boxes have come with this request."""
    return "everybody" in request.form


def _seen(form: Any) -> int:
    """The revision that was on the page from which this comes."""
    return number_in(form.revision.data) or 0
