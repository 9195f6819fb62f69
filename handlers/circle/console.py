"""生活圈 at the console: providers, their papers and weeks; the emergency lines; what waits on the page "今天"."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, widgets
from wtforms.validators import InputRequired, NumberRange

from app import audit, clock
from app.channels.console import Console, as_staff, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, choices, day, words
from app.understanding.numbers import number_in
from app.understanding.stretches import stretches_in, written
from handlers.circle import covering, providing
from handlers.circle.providing import Works
from models.circle import KINDS, SOON, Licence, Provider, all_providers, ending_licences
from models.identity import Actor
from models.plans import Service

WHO = ("desk", "approver")
WEEK_HINT = "比如 9:00-12:00 14:30-17:30,不出门就空着"

console = Console("circle_console", __name__, under="生活圈")


def _number(label: str, least: int, most: int, default: int, hint: str = "") -> Any:
    rules = [InputRequired(NEEDED), NumberRange(least, most, message=f"请填{least}到{most}之间的数。")]
    return IntegerField(label, rules, default=default, description=hint, render_kw={"inputmode": "numeric"})


def _boxes(label: str) -> Any:
    return SelectMultipleField(
        label, choices=[], option_widget=widgets.CheckboxInput(), validate_choice=False
    )


class ProviderForm(ConsoleForm):
    name = words("怎么称呼", 20, hint="居民看得到,比如:李师傅")
    phone = words("电话", 20)
    kind = SelectField("是", choices=choices(KINDS))
    area = words("跑哪一片", 60, needed=False, hint="比如:互助中路一带")
    buffer_minutes = _number("两家之间路上几分钟", 0, 120, 30, "离得远的,系统按路程再加")
    most_a_day = _number("一天最多几单", 1, 20, 6)
    works = _boxes("做什么")
    at_home = _boxes("哪些上门做")
    is_open = BooleanField("现在派活", default=True)

    def offer(self, services: list[Service]) -> None:
        named = choices({str(one.id): one.name for one in services})
        self.works.choices = self.at_home.choices = named

    @property
    def wanted(self) -> Works:
        home = {number for one in self.at_home.data or () if (number := number_in(one))}
        works = {number for one in self.works.data or () if (number := number_in(one))}
        return Works(works | home, home)

    @property
    def facts(self) -> dict[str, Any]:
        return {"name": self.name.data, "kind": self.kind.data, "area": self.area.data or ""} | {
            "most_a_day": self.most_a_day.data
        }

    def show(self, row: Provider) -> None:
        for name in ("name", "phone", "kind", "area", "most_a_day", "is_open"):
            self[name].data = getattr(row, name)
        self.buffer_minutes.data = row.resource.buffer_minutes
        self.works.data = [str(one.service_id) for one in row.works]
        self.at_home.data = [str(one.service_id) for one in row.works if one.at_home]


class LicenceForm(ConsoleForm):
    name = words("证件", 30, hint="比如:电工证")
    number = words("编号", 40)
    valid_until = day("有效到哪一天", default=None)


class WeekForm(ConsoleForm):
    day_0 = words("周一", 60, needed=False, hint=WEEK_HINT)
    day_1 = words("周二", 60, needed=False)
    day_2 = words("周三", 60, needed=False)
    day_3 = words("周四", 60, needed=False)
    day_4 = words("周五", 60, needed=False)
    day_5 = words("周六", 60, needed=False)
    day_6 = words("周日", 60, needed=False)

    def read(self) -> dict[int, Any] | None:
        """The week, or None when a line is no hours: said beside it."""
        week: dict[int, Any] = {}
        for weekday in range(7):
            field = self[f"day_{weekday}"]
            try:
                week[weekday] = stretches_in(field.data or "")
            except ValueError:
                field.errors = ["没看懂,请写成 9:00-12:00。"]
        return week if len(week) == 7 else None

    def show(self, row: Provider) -> None:
        for weekday in range(7):
            mine = [(one.opens, one.closes) for one in row.hours if one.weekday == weekday]
            self[f"day_{weekday}"].data = written(mine)


# ---- the list --------------------------------------------------------------------------------------------------------


@console.get("/circle/providers")
@staff(*WHO)
def providers() -> str:
    with looking() as by:
        rows = by.session.scalars(all_providers()).all()
        ending = by.session.scalars(ending_licences(clock.today() + SOON)).all()
        named = {one.id: one for one in rows}
        return render_template(
            "circle/console_providers.html",
            rows=rows,
            ending=[(one, named[one.provider_id]) for one in ending],
            today=clock.today(),
            kinds=KINDS,
        )


@console.route("/circle/providers/new", methods=["GET", "POST"])
@staff(*WHO)
def new_provider() -> Response | str:
    form = ProviderForm()
    _offer(form)

    def unit(by: Actor) -> Provider:
        row = providing.take_in(
            by,
            phone=form.phone.data,
            buffer_minutes=form.buffer_minutes.data,
            **form.facts,
        )
        providing.set_works(by, row, form.wanted)
        return row

    if form.validate_on_submit() and (made := attempt(unit, form, "记下了。接着填证件和每周的时间。")):
        return redirect(url_for("circle_console.provider", number=made.it.id))
    return render_template("circle/console_provider_new.html", form=form)


# ---- one -------------------------------------------------------------------------------------------------------------


@console.route("/circle/providers/<int:number>", methods=["GET", "POST"])
@staff(*WHO)
def provider(number: int) -> Response | str:
    form = ProviderForm()
    _offer(form)

    def unit(by: Actor) -> None:
        row = find(by, Provider, number)
        providing.change(
            by,
            row,
            phone=form.phone.data,
            buffer_minutes=form.buffer_minutes.data,
            is_open=form.is_open.data,
            **form.facts,
        )
        providing.set_works(by, row, form.wanted)

    if form.validate_on_submit() and attempt(unit, form, "改好了。"):
        return _back(number)
    return _show(number, form)


def _show(
    number: int, form: ProviderForm, papers: LicenceForm | None = None, week: WeekForm | None = None
) -> str:
    """Whose phone is opened is written down."""

    def unit(by: Actor) -> str:
        row = find(by, Provider, number)
        audit.note(by, "circle.view_provider", row)
        if form.name.raw_data is None:
            form.show(row)
        hours = week or WeekForm(formdata=None)
        if week is None:
            hours.show(row)
        facts = {"row": row, "papers": papers or LicenceForm(formdata=None), "week": hours}
        return render_template("circle/console_provider.html", form=form, today=clock.today(), **facts)

    return as_staff(unit)


def _offer(form: ProviderForm) -> None:
    with looking() as by:
        form.offer(
            list(by.session.scalars(select(Service).where(Service.kind == "circle").order_by(Service.id)))
        )


def _plain(number: int) -> ProviderForm:
    form = ProviderForm(formdata=None)
    _offer(form)
    return form


def _back(number: int) -> Response:
    return redirect(url_for("circle_console.provider", number=number))


@console.post("/circle/providers/<int:number>/licence")
@staff(*WHO)
def add_licence(number: int) -> Response | str:
    form = LicenceForm()

    def unit(by: Actor) -> None:
        facts = {"name": form.name.data, "number": form.number.data, "valid_until": form.valid_until.data}
        providing.add_licence(by, find(by, Provider, number), **facts)
        covering.take_from_lapsed(by)

    if form.validate_on_submit() and attempt(unit, form, "证件记下了。"):
        return _back(number)
    return _show(number, _plain(number), papers=form)


@console.post("/circle/providers/<int:number>/licence/<int:licence>/drop")
@staff(*WHO)
def drop_licence(number: int, licence: int) -> Response:
    def unit(by: Actor) -> None:
        row = find(by, Provider, number)
        paper = find(by, Licence, licence)
        if paper.provider_id == row.id:
            providing.drop_licence(by, row, paper)

    attempt(unit, done="划掉了。填错的可以再记一次。")
    return _back(number)


@console.post("/circle/providers/<int:number>/week")
@staff(*WHO)
def set_week(number: int) -> Response | str:
    form = WeekForm()
    week = form.read() if form.validate_on_submit() else None
    if week is not None and attempt(
        lambda by: providing.set_hours(by, find(by, Provider, number), week), form, "每周的时间改好了。"
    ):
        return _back(number)
    return _show(number, _plain(number), week=form)


@console.post("/circle/providers/<int:number>/link")
@staff(*WHO)
def issue_link(number: int) -> Response:
    code = as_staff(lambda by: providing.issue_link(by, find(by, Provider, number)))
    flash(f"请师傅半小时内在公众号里回复:师傅 {code}", "success")
    return _back(number)


@console.post("/circle/providers/<int:number>/unlink")
@staff(*WHO)
def unlink(number: int) -> Response:
    attempt(lambda by: providing.unlink(by, find(by, Provider, number)), done="解绑了,以后打电话派活。")
    return _back(number)
