"""The same time again and again, at the desk: which dates can be had first, then all of them at once; later the rest of
them given back, or one moved like any visit."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app import audit, clock
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import (
    NEEDED,
    NOBODY_OF_THESE,
    ConsoleForm,
    NewcomerForm,
    choices,
    day,
    moment,
    words,
)
from app.channels.lists import asked_page
from handlers.appointments import series
from handlers.appointments.console import LONGEST_REASON, STATES, all_services, console
from handlers.appointments.console_book import found_by_phone, person_of
from models.appointments import Contact
from models.base import count_rows
from models.booking_series import MOST_TIMES, BookingSeries, newest_series, still_to_come
from models.identity import Actor
from models.plans import Service

PAGE = 40
EVERY = {"1": "每周", "2": "隔一周", "4": "每四周"}
SAID = {"1": "每周", "2": "隔一周的周", "4": "每四周的周"}  # 每周五, 隔一周的周五
WHY = {
    "not_planned": "那天这个时间不办",
    "slot_full": "满了",
    "slot_held": "有人正选着",
    "slot_closed": "停办",
    "nobody_free": "没有空的房间或人",
    "too_soon": "来不及了",
    "overlap": "他那时已经约了别的",
}


class SeriesForm(NewcomerForm):
    service = SelectField("约什么", coerce=int)
    first = day("从哪一天", hint="以后每次都是星期几,看这一天")
    opens = moment("几点")
    every_weeks = SelectField("隔多久", coerce=int, choices=choices(EVERY))
    times = IntegerField(
        "一共几次",
        [InputRequired(NEEDED), NumberRange(2, MOST_TIMES, message=f"请填2到{MOST_TIMES}之间的数。")],
        default=8,
        render_kw={"inputmode": "numeric"},
    )
    team = words("哪个队", 20, needed=False, hint="团队来就填队名,比如:东府佳苑广场舞队")
    sure = HiddenField()

    @property
    def meant(self) -> str:
        """What the preview was about: whatever is changed is looked at again."""
        plan = (self.service.data, self.first.data, self.opens.data, self.every_weeks.data, self.times.data)
        return " ".join(map(str, (*plan, self.team.data, self.phone.data, self.person.data)))


class StopForm(ConsoleForm):
    first = day("从哪一天起取消")
    reason = words("为什么", LONGEST_REASON)
    sure = HiddenField()


@console.get("/appointments/series")
@staff("desk", "approver")
def all_series() -> str:
    page = asked_page()
    with looking() as by:
        rows = by.session.scalars(newest_series().offset((page - 1) * PAGE).limit(PAGE + 1)).all()
        facts: dict[str, Any] = {"rows": rows[:PAGE], "page": page, "more": len(rows) > PAGE, "every": SAID}
        return render_template("appointments/console_all_series.html", today=clock.today(), **facts)


@console.route("/appointments/series/new", methods=["GET", "POST"])
@staff("desk", "approver")
def new_series() -> Response | str:
    """One form that grows: whose number, which dates can be had, then all of them are booked."""
    form = SeriesForm()
    with looking() as by:
        named = {str(one.id): one.name for one in by.session.scalars(all_services()) if one.is_open}
    form.service.choices = choices(named)
    found: dict[str, str] = {}
    dates: list[Any] = []
    if form.validate_on_submit():
        found = as_staff(lambda by: found_by_phone(by, form.phone.data))
        if form.offer({**found, "0": NOBODY_OF_THESE}) and form.says_who(found):
            if form.sure.data == form.meant:
                if made := attempt(lambda by: _book(by, form, found), form, "连着约好了。"):
                    return redirect(url_for("appointments_console.one_series", number=made.it.id))
            elif looked := attempt(lambda by: series.look(by, lambda: _book(by, form, found)), form):
                dates = looked.it
    facts: dict[str, Any] = {"form": form, "found": found, "dates": dates, "why": WHY}
    return render_template("appointments/console_new_series.html", asked=form.is_submitted(), **facts)


@console.get("/appointments/series/<int:number>")
@staff("desk", "approver")
def one_series(number: int) -> str:
    def unit(by: Actor) -> str:
        row = find(by, BookingSeries, number)
        audit.note(by, "appointments.read_series", row)
        facts: dict[str, Any] = {"row": row, "why": WHY, "states": STATES, "every": SAID}
        facts["coming"] = count_rows(by.session, still_to_come(row, clock.today()))
        return render_template("appointments/console_one_series.html", **facts)

    return as_staff(unit)


@console.route("/appointments/series/<int:number>/stop", methods=["GET", "POST"])
@staff("desk", "approver")
def stop_series(number: int) -> Response | str:
    """First how many from which day on, then, said once more, the cancelling."""
    form = StopForm()
    fine = form.validate_on_submit()
    if fine and form.sure.data == f"{form.first.data}" and _stop(number, form):
        return redirect(url_for("appointments_console.one_series", number=number))

    def unit(by: Actor) -> str:
        row = find(by, BookingSeries, number)
        hit = by.session.scalars(still_to_come(row, form.first.data)).all() if fine else None
        facts: dict[str, Any] = {"row": row, "form": form, "hit": hit}
        return render_template("appointments/console_stop_series.html", **facts)

    return as_staff(unit)


def _stop(number: int, form: StopForm) -> bool:
    def unit(by: Actor) -> None:
        series.stop(by, find(by, BookingSeries, number), form.first.data, form.reason.data)

    return attempt(unit, form, "取消了。有微信的本人会收到消息,没有微信的请打电话告诉他。") is not None


def _book(by: Actor, form: SeriesForm, found: dict[str, str]) -> BookingSeries:
    wish = series.Wish(
        service=find(by, Service, form.service.data),
        first=form.first.data,
        opens=form.opens.data,
        times=form.times.data,
        every_weeks=form.every_weeks.data,
        team=form.team.data or None,
    )
    made = series.book(by, wish, person_of(by, form, found), Contact(form.name.data or None, form.phone.data))
    by.session.flush()
    return made
