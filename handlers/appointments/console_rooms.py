"""Rooms and persons that receive, at the desk: which there are, which service needs them, and when one is away."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField, TimeField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput

from app import audit, clock
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, choices, day, words
from handlers.appointments import rooms
from handlers.appointments.console import LONGEST_REASON, all_services, console, day_asked
from models.board import with_wechat
from models.booking_rooms import kinds_missing, visits_in
from models.identity import Actor
from models.plans import Service
from models.resources import CLOSED, Occupation, Resource, ServiceResource, coming_in, minutes_of_day

KINDS = {"room": "房间", "person": "接待的人"}
MOST_SHOWN = 60
AHEAD = timedelta(days=400)


class RoomForm(ConsoleForm):
    kind = SelectField("是", choices=choices(KINDS))
    name = words("名称", 20, hint="比如:调解室、公益律师马老师")
    buffer_minutes = IntegerField(
        "每次用完空几分钟",
        [InputRequired(NEEDED), NumberRange(0, 120, message="请填0到120之间的数。")],
        default=0,
        description="打扫、通风,或者人在路上的时间",
        render_kw={"inputmode": "numeric"},
    )
    is_open = BooleanField("在用", default=True)
    services = SelectMultipleField("哪些服务要用", coerce=int, choices=[], option_widget=CheckboxInput())


class AwayForm(ConsoleForm):
    day = day("哪一天")
    opens = TimeField("从几点", [InputRequired(NEEDED)], default=time(9))
    closes = TimeField("到几点", [InputRequired(NEEDED)], default=time(18))
    reason = words("为什么", LONGEST_REASON, hint="会告诉约了的居民,比如:漏水、请假")
    sure = HiddenField()

    def validate_closes(self, field: Any) -> None:
        if self.opens.data and field.data and self.opens.data >= field.data:
            raise ValueError("结束的时间要比开始的晚。")

    @property
    def meant(self) -> str:
        return f"{self.day.data} {self.opens.data} {self.closes.data}"


@console.route("/appointments/rooms", methods=["GET", "POST"])
@staff("desk", "approver")
def rooms_page() -> Response | str:
    """All of them with what they have today, promised visits that have none, and a form for a new one."""
    form = RoomForm()
    _offer_services(form)
    if form.validate_on_submit() and (made := attempt(lambda by: _add(by, form), form, "加好了。")):
        return redirect(url_for("appointments_console.room", number=made.it))
    with looking() as by:
        rows = by.session.scalars(select(Resource).order_by(Resource.kind.desc(), Resource.id)).all()
        facts: dict[str, Any] = {"rows": rows, "form": form, "kinds": KINDS, "today": clock.today()}
        facts["load"] = minutes_of_day(by.session, rows, clock.now())
        facts["needed"] = _services_by_resource(by)
        facts["missing"] = kinds_missing(by.session)[:MOST_SHOWN]
        return render_template("appointments/console_rooms.html", **facts)


@console.route("/appointments/rooms/<int:number>", methods=["GET", "POST"])
@staff("desk", "approver")
def room(number: int) -> Response | str:
    form = RoomForm()
    _offer_services(form)
    if form.validate_on_submit() and (left := attempt(lambda by: _change(by, number, form), form)):
        flash(_changed_words(left.it), "success")
        return redirect(url_for("appointments_console.room", number=number))

    def unit(by: Actor) -> str:
        row = find(by, Resource, number)
        if not form.is_submitted():
            form.process(
                obj=row, data={"services": [one.id for one in _services_by_resource(by).get(row.id, [])]}
            )
        visits = visits_in(by.session, row, clock.now(), clock.now() + AHEAD)
        audit.note(by, "appointments.read_room", row, count=len(visits))
        facts: dict[str, Any] = {"row": row, "form": form, "kinds": KINDS, "visits": visits[:MOST_SHOWN]}
        facts["more"] = max(0, len(visits) - MOST_SHOWN)
        facts["closed"] = [one for one in coming_in(by.session, row) if one.source.startswith(CLOSED)]
        return render_template("appointments/console_room.html", **facts)

    return as_staff(unit)


@console.route("/appointments/rooms/<int:number>/close", methods=["GET", "POST"])
@staff("desk", "approver")
def close_room(number: int) -> Response | str:
    """First who would be hit and where each would go, then, said once more, the closing."""
    form = AwayForm()
    fine = form.validate_on_submit()
    if not form.is_submitted():
        form.day.data = day_asked()
    sure = fine and form.sure.data == form.meant
    if sure and (done := attempt(lambda by: _close(by, number, form), form)):
        return _after(number, done.it)

    def unit(by: Actor) -> str:
        row = find(by, Resource, number)
        hit = rooms.would_hit(by, row, *_stretch(form)) if fine else None
        audit.note(by, "appointments.read_room", row, count=len(hit or ()))
        facts: dict[str, Any] = {"row": row, "form": form, "hit": hit}
        facts["reachable"] = with_wechat(by.session, [one.visit.person_id for one in hit or ()])
        return render_template("appointments/console_room_close.html", **facts)

    return as_staff(unit)


@console.post("/appointments/rooms/closed/<int:number>/reopen")
@staff("desk", "approver")
def reopen_room(number: int) -> Response:
    back = attempt(
        lambda by: rooms.reopen(by, find(by, Occupation, number)),
        done="恢复了,又可以约了。已经取消的不会自己回来。",
    )
    if back is None:
        return redirect(url_for("appointments_console.rooms_page"))
    return redirect(url_for("appointments_console.room", number=back.it.id))


# ---- steps ----------------------------------------------------------------------------------------------------------


def _offer_services(form: RoomForm) -> None:
    with looking() as by:
        form.services.choices = [(one.id, one.name) for one in by.session.scalars(all_services())]


def _services_by_resource(by: Actor) -> dict[int, list[Service]]:
    found: dict[int, list[Service]] = {}
    pairs = select(ServiceResource.resource_id, Service).join(
        Service, Service.id == ServiceResource.service_id
    )
    for number, service in by.session.execute(pairs.order_by(Service.position)):
        found.setdefault(number, []).append(service)
    return found


def _chosen(by: Actor, form: RoomForm) -> list[Service]:
    return list(by.session.scalars(select(Service).where(Service.id.in_(form.services.data or ()))))


def _add(by: Actor, form: RoomForm) -> int:
    facts = {"buffer_minutes": form.buffer_minutes.data, "is_open": form.is_open.data}
    row = rooms.add(by, form.kind.data, form.name.data, **facts)
    by.session.flush()
    rooms.serve(by, row, _chosen(by, form))
    return row.id


def _change(by: Actor, number: int, form: RoomForm) -> int:
    row = find(by, Resource, number)
    facts = {"buffer_minutes": form.buffer_minutes.data, "is_open": form.is_open.data}
    rooms.change(by, row, name=form.name.data, **facts)
    return rooms.serve(by, row, _chosen(by, form))


def _changed_words(left: int) -> str:
    if left:
        return f"改好了。有{left}个已经约好的还没有房间或人,列在“房间和人”最上面,请给他们改时间。"
    return "改好了。已经约好的照旧。"


def _stretch(form: AwayForm) -> tuple[datetime, datetime]:
    return clock.at(form.day.data, form.opens.data), clock.at(form.day.data, form.closes.data)


def _close(by: Actor, number: int, form: AwayForm) -> list[rooms.Hit]:
    starts, ends = _stretch(form)
    return rooms.close(by, find(by, Resource, number), starts, ends, form.reason.data)


def _after(number: int, done: list[rooms.Hit]) -> Response:
    off = sum(one.to is None for one in done)
    flash(f"停用了。{len(done) - off}位换了地方或人,{off}位取消了,都会收到消息。", "success")
    if off:
        return redirect(url_for("appointments_console.called_off"))
    return redirect(url_for("appointments_console.room", number=number))
