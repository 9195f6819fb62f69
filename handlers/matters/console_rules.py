"""The rules of 说事 at the console: days, categories, who answers when nobody does, and places on the map."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, FloatField, HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, choices, lines_of, sentence, words
from app.understanding.numbers import number_in
from handlers.matters import actions
from handlers.matters.console import console
from handlers.matters.dispatch import may_take
from models.identity import Actor
from models.matter_rules import (
    MatterCategory,
    MatterPlace,
    MatterRule,
    MatterRuleVersion,
    matter_places,
    settings_of,
    versions_of,
)
from models.places_named import estate_called, grid_called
from models.places_offered import estate_names, grid_names
from models.refusal import Refusal
from models.staff import StaffMember, everybody

SHOWN_VERSIONS = 20
NOBODY = {"0": "没有指定"}
GOES_TO = {"grid": "那里的网格员", "unit": "单位,由一位同事盯着", "desk": "窗口,再交给人"}


def _number(label: str, least: int, most: int, *, needed: bool = True, hint: str = "") -> Any:
    rules = [InputRequired(NEEDED) if needed else Optional(), NumberRange(least, most, f"{least}到{most}。")]
    return IntegerField(label, rules, description=hint)


class CategoryForm(ConsoleForm):
    name = words("叫什么", 10)
    said_as = sentence("居民怎么说", 400, needed=False, rows=5, hint="一行一个。话里有这几个字,就归到这一类")
    goes_to = SelectField("交给谁", choices=choices(GOES_TO))
    unit = words("哪个单位", 20, needed=False, hint="交给单位的才填,比如:物业")
    keeper = SelectField("谁盯着单位", choices=[], validate_choice=False)
    working_days = _number(
        "几个工作日回话", 0, 60, needed=False, hint="不填按报修的天数;0就是当天(下午4点以后算明天)"
    )
    metres = _number("多少米以内算一处", 0, 2000)
    days = _number("多少天以内算一件", 0, 60)
    shared = BooleanField("是大家的事:别人说同样的事时,告诉他有人说过了")
    needs_after = BooleanField("办好要拍照片")
    needs_check = BooleanField("办好以后要另一位同事核实")
    asks_after = _number("办好几天以后问一句", 0, 28, hint="0就是不问")
    active = BooleanField("在用", default=True)
    seen = HiddenField()


class KindForm(ConsoleForm):
    days = _number("工作日", 1, 60)


class SettingsForm(ConsoleForm):
    owner = SelectField("没人值班时,新说的事归谁", choices=[], validate_choice=False)
    lead = SelectField("超期了告诉谁", choices=[], validate_choice=False)
    check_days = _number("几天没核实就列出来", 1, 60)


class MatterPlaceForm(ConsoleForm):
    name = words("叫什么", 20, hint="比如:东府佳苑、湟水河互助桥段")
    lat = FloatField("纬度", [InputRequired(NEEDED)], description="西宁在36左右(高德、腾讯地图的坐标)")
    lng = FloatField("经度", [InputRequired(NEEDED)], description="西宁在101左右")
    metres = _number("管到多少米以内", 10, 3000)
    place = words("是哪个小区", 40, needed=False, hint="不在小区里的不填", list="estates", autocomplete="off")
    grid = words(
        "归哪个网格",
        40,
        needed=False,
        hint="河边、路口这样不在小区里的才填",
        list="grids",
        autocomplete="off",
    )


# ---- all of them -----------------------------------------------------------------------------------------------------


@console.get("/matters/rules")
@staff("desk")
def rules() -> str:
    with looking() as by:
        kept = settings_of(by.session)
        form = SettingsForm(
            formdata=None, owner=kept.owner_id or 0, lead=kept.lead_id or 0, check_days=kept.check_days
        )
        _offer_desk(by.session, form)
        rows = select(MatterCategory).order_by(
            MatterCategory.active.desc(), MatterCategory.position, MatterCategory.id
        )
        facts: dict[str, Any] = {"rows": by.session.scalars(rows).all(), "goes_to": GOES_TO, "form": form}
        facts |= {"kinds": by.session.scalars(select(MatterRule).order_by(MatterRule.working_days)).all()}
        facts |= {"marks": by.session.scalars(matter_places()).all()}
        return render_template("matters/console_rules.html", **facts)


@console.post("/matters/rules/kinds/<any(报修, 求助, 投诉, 建议):kind>")
@staff("desk")
def keep_days(kind: str) -> Response:
    form = KindForm()
    if form.validate_on_submit():
        attempt(
            lambda by: actions.keep_working_days(by, kind, form.days.data), done="改好了,新说的事按新的天数。"
        )
    return redirect(url_for("matters_console.rules"))


@console.post("/matters/rules/settings")
@staff("desk")
def keep_settings() -> Response:
    form = SettingsForm()

    def unit(by: Actor) -> None:
        named = [by.session.get(StaffMember, number_in(field.data) or 0) for field in (form.owner, form.lead)]
        actions.keep_settings(by, named[0], named[1], form.check_days.data)

    if form.validate_on_submit():
        attempt(unit, done="改好了。")
    return redirect(url_for("matters_console.rules"))


def _offer_desk(session: Session, form: SettingsForm) -> None:
    desk = [one for one in session.scalars(everybody()) if one.active and "desk" in one.roles]
    form.owner.choices = form.lead.choices = choices(NOBODY | {str(one.id): one.name for one in desk})


# ---- one category ----------------------------------------------------------------------------------------------------


@console.route("/matters/rules/new", methods=["GET", "POST"])
@staff("desk")
def new_category() -> Response | str:
    form = CategoryForm()
    if form.validate_on_submit() and attempt(
        lambda by: actions.add_category(by, form.name.data, **_facts(form)), form, "加好了。"
    ):
        return redirect(url_for("matters_console.rules"))
    return as_staff(lambda by: _show(by, form, None))


@console.route("/matters/rules/<int:number>", methods=["GET", "POST"])
@staff("desk")
def category(number: int) -> Response | str:
    form = CategoryForm()

    def unit(by: Actor) -> None:
        seen = number_in(form.seen.data)
        row = find(by, MatterCategory, number)
        try:
            actions.rewrite_category(by, row, seen=seen, name=form.name.data, **_facts(form))
        except Refusal as why:
            if why.code == "matters.rule_changed_meanwhile":
                form.seen.data = str(row.version)  # whoever was told may save once more, knowingly
            raise

    if form.validate_on_submit() and attempt(unit, form, "改好了,新说的事按新的规矩。"):
        return redirect(url_for("matters_console.rules"))
    return as_staff(lambda by: _show(by, form, find(by, MatterCategory, number)))


def _facts(form: CategoryForm) -> dict[str, Any]:
    plain = ("goes_to", "metres", "days", "shared", "needs_after", "needs_check", "asks_after", "active")
    facts = {name: form[name].data for name in (*plain, "working_days")}
    keeper = number_in(form.keeper.data) or None
    return facts | {"words": lines_of(form.said_as.data), "unit": form.unit.data or None, "keeper_id": keeper}


def _show(by: Actor, form: CategoryForm, row: MatterCategory | None) -> str:
    if row is not None and not form.is_submitted():
        form = CategoryForm(formdata=None, obj=row, data={})
        form.said_as.data, form.keeper.data = "\n".join(row.words), str(row.keeper_id or 0)
        form.seen.data = str(row.version)
    able = [one for one in by.session.scalars(everybody()) if may_take(one)]
    form.keeper.choices = choices(NOBODY | {str(one.id): one.name for one in able})
    old: list[MatterRuleVersion] = []
    if row is not None:
        old = list(by.session.scalars(versions_of(f"category:{row.id}").limit(SHOWN_VERSIONS)))
    return render_template("matters/console_category.html", form=form, row=row, versions=old, goes_to=GOES_TO)


# ---- places on the map -----------------------------------------------------------------------------------------------


@console.route("/matters/places/new", methods=["GET", "POST"])
@staff("desk")
def new_place() -> Response | str:
    return _edit_place(None)


@console.route("/matters/places/<int:number>", methods=["GET", "POST"])
@staff("desk")
def place(number: int) -> Response | str:
    return _edit_place(number)


def _edit_place(number: int | None) -> Response | str:
    form = MatterPlaceForm(metres=150)

    def unit(by: Actor) -> None:
        facts = {name: form[name].data for name in ("name", "lat", "lng", "metres")}
        facts["place"] = estate_called(by.session, form.place.data)
        facts["own_grid"] = grid_called(by.session, form.grid.data)
        actions.keep_place(by, find(by, MatterPlace, number) if number else None, **facts)

    if form.validate_on_submit() and attempt(unit, form, "记下了。"):
        return redirect(url_for("matters_console.rules"))
    return as_staff(lambda by: _show_place(by, form, find(by, MatterPlace, number) if number else None))


def _show_place(by: Actor, form: MatterPlaceForm, row: MatterPlace | None) -> str:
    if row is not None and not form.is_submitted():
        form = MatterPlaceForm(formdata=None, obj=row)
        form.place.data = row.place.full_name if row.place else ""
        form.grid.data = row.own_grid.name if row.own_grid else ""
    facts = {"estates": estate_names(by.session), "grids": grid_names(by.session)}
    return render_template("matters/console_place.html", form=form, row=row, **facts)


@console.post("/matters/places/<int:number>/remove")
@staff("desk")
def remove_place(number: int) -> Response:
    attempt(lambda by: actions.remove_place(by, find(by, MatterPlace, number)), done="删掉了。")
    return redirect(url_for("matters_console.rules"))
