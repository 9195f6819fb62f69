"""The services themselves: name, minutes, seats, week, what to bring; with a look at the consequences first."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response
from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional

from app import clock
from app.channels.console import attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, choices, day, lines_of, sentence, words
from app.understanding.stretches import stretches_in, written
from handlers.appointments import consequences, planning
from handlers.appointments.console import all_services, closed_times_from, console, special_days_from
from models.booking_series import MOST_TIMES
from models.identity import Actor
from models.plans import Hours, Service

WEEK_HINT = "比如 9:00-12:00 14:30-17:30,不办就空着"


def _number(label: str, least: int, most: int, default: int, hint: str = "") -> Any:
    rules = [InputRequired(NEEDED), NumberRange(least, most, message=f"请填{least}到{most}之间的数。")]
    return IntegerField(label, rules, default=default, description=hint, render_kw={"inputmode": "numeric"})


class HoursField(ConsoleForm):
    """Shared by a week and by a special day: a line of hours that can be read."""

    def check_hours(self, field: Any) -> None:
        try:
            hours = sorted(stretches_in(field.data or ""))
        except ValueError:
            raise ValidationError("没看懂,请写成 9:00-12:00。") from None
        ends = [time.min, *(closes for _, closes in hours)]
        if any(o >= c for o, c in hours) or any(o < e for (o, _), e in zip(hours, ends, strict=False)):
            raise ValidationError("时间前后对不上,请检查。")


class ServiceForm(HoursField):
    name = words("名称", 20)
    summary = sentence("一句话说明", 120, rows=2)
    kind = SelectField("属于", choices=choices({"hall": "办事大厅", "circle": "15分钟生活圈"}))
    window = words("窗口", 20, needed=False, hint="比如:2号窗口")
    place = words("地点", 60)
    provider = words("谁来办", 40)
    phone = words("电话", 20)
    bring = sentence("要带什么", 300, needed=False, rows=3, hint="一行一样")
    minutes = _number("一次几分钟", 5, 240, 20)
    gap_minutes = _number("两次中间空几分钟", 0, 120, 0, "上门的路上时间")
    capacity = _number("同时能办几位", 1, 50, 1)
    per_person = _number("一位居民最多约几个", 1, 20, 2)
    series_most = IntegerField(
        "居民自己最多连着约几周",
        [Optional(), NumberRange(2, MOST_TIMES, message=f"请填2到{MOST_TIMES}之间的数,或者空着。")],
        description="每周来的,比如康复、书画班。空着就只能到窗口连着约",
        render_kw={"inputmode": "numeric"},
    )
    lead_minutes = _number("最晚提前几分钟约", 0, 2880, 60)
    cancel_minutes = _number("最晚提前几分钟取消", 0, 2880, 60)
    horizon_days = _number("能约到几天以后", 1, 60, 14)
    asks_phone = BooleanField("要留电话")
    home_visit = BooleanField("上门服务")
    keeps_office_days = BooleanField("跟着节假日和调休走", default=True)
    discreet_name = words("消息里的名字", 20, needed=False, hint="不想让旁人看见的服务,手机锁屏上显示这个")
    licensed_until = DateField("资质到哪一天", [Optional()], description="过了这天自动不再开放")
    is_open = BooleanField("开放预约", default=True)
    day_0 = words("周一", 60, needed=False, hint=WEEK_HINT)
    day_1 = words("周二", 60, needed=False)
    day_2 = words("周三", 60, needed=False)
    day_3 = words("周四", 60, needed=False)
    day_4 = words("周五", 60, needed=False)
    day_5 = words("周六", 60, needed=False)
    day_6 = words("周日", 60, needed=False)
    sure = HiddenField()

    validate_day_0 = validate_day_1 = validate_day_2 = validate_day_3 = HoursField.check_hours
    validate_day_4 = validate_day_5 = validate_day_6 = HoursField.check_hours

    @property
    def week(self) -> dict[int, list[Hours]]:
        return {weekday: stretches_in(self[f"day_{weekday}"].data or "") for weekday in range(7)}

    @property
    def facts(self) -> dict[str, Any]:
        """Columns of Service."""
        left_out = {"csrf_token", "sure", "bring", *(f"day_{weekday}" for weekday in range(7))}
        told = {name: value for name, value in self.data.items() if name not in left_out}
        for name in ("window", "discreet_name"):
            told[name] = told[name] or None
        return told | {"bring": lines_of(self.bring.data)}

    @property
    def meant(self) -> str:
        """A change after the preview is looked at again."""
        told = sorted(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.week} {' '.join(told)}"

    def show(self, service: Service) -> None:
        for name in self.facts:
            self[name].data = getattr(service, name)
        self.bring.data = "\n".join(service.bring)
        for weekday in range(7):
            self[f"day_{weekday}"].data = written(service.hours_of(weekday))


class DayForm(HoursField):
    day = day("哪一天")
    hours = words("这一天几点到几点", 60, hint="比如 9:00-11:30")
    reason = words("为什么", 30, needed=False)

    validate_hours = HoursField.check_hours


@console.get("/appointments/services")
@staff("desk", "approver")
def services() -> str:
    with looking() as by:
        rows = by.session.scalars(all_services()).all()
        return render_template("appointments/console_services.html", rows=rows, today=clock.today())


@console.route("/appointments/services/new", methods=["GET", "POST"])
@staff("desk", "approver")
def new_service() -> Response | str:
    form = ServiceForm()

    def unit(by: Actor) -> Service:
        last = by.session.scalar(select(func.max(Service.position))) or 0
        return planning.open_service(by, form.week, **form.facts, position=last + 1)

    fine = form.validate_on_submit() and _is_new_name(form)
    if fine and (made := attempt(unit, form, "开好了,居民可以约了。")):
        return redirect(url_for("appointments_console.service", number=made.it.id))
    return render_template("appointments/console_service.html", form=form, row=None, told=None)


@console.route("/appointments/services/<int:number>", methods=["GET", "POST"])
@staff("desk", "approver")
def service(number: int) -> Response | str:
    """What it is; sent once, what a change would do; sent again as it was shown, the change."""
    form = ServiceForm()
    fine = form.validate_on_submit() and _is_new_name(form, number)
    if fine and form.sure.data == form.meant and _change(number, form):
        return redirect(url_for("appointments_console.services"))
    return _show(number, form, DayForm(formdata=None), preview=fine)


def _change(number: int, form: ServiceForm) -> bool:
    def unit(by: Actor) -> None:
        row = find(by, Service, number)
        planning.change_service(by, row, **form.facts)
        planning.set_week(by, row, form.week)

    return attempt(unit, form, "改好了。已经约了的照旧。") is not None


def _show(number: int, form: ServiceForm, day_form: DayForm, *, preview: bool = False) -> str:
    with looking() as by:
        row, told = find(by, Service, number), None
        if preview:
            told = consequences.of_change(by, row, form.week, **form.facts)
            form.sure.data = form.meant
        if form.name.raw_data is None:
            form.show(row)
        mine = (None, row.id) if row.keeps_office_days else (row.id,)
        special = [
            one for one in by.session.scalars(special_days_from(clock.today())) if one.service_id in mine
        ]
        closed = [
            one for one in by.session.scalars(closed_times_from(clock.today())) if one.service_id in mine
        ]
        facts = {"row": row, "told": told, "special": special, "closed": closed, "day_form": day_form}
        return render_template("appointments/console_service.html", form=form, **facts)


def _is_new_name(form: ServiceForm, number: int = 0) -> bool:
    with looking() as by:
        same = select(Service.id).where(Service.name == form.name.data, Service.id != number)
        if by.session.scalar(same) is None:
            return True
    form.name.errors = ["已经有叫这个名字的服务了。"]
    return False


@console.post("/appointments/services/<int:number>/day")
@staff("desk", "approver")
def special_day(number: int) -> Response | str:
    """A day with hours of its own, worked although the calendar or the week says otherwise."""
    form = DayForm()
    if form.validate_on_submit() and attempt(
        lambda by: planning.open_day(
            by,
            find(by, Service, number),
            form.day.data,
            stretches_in(form.hours.data),
            form.reason.data or "",
        ),
        form,
        "这一天按新的时间开放了。",
    ):
        return redirect(url_for("appointments_console.service", number=number))
    return _show(number, ServiceForm(formdata=None), form)
