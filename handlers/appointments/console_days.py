"""Days and hours on which the hall cannot keep its promise: who is hit first, then the closing, then everybody found
again, by a new booking or by telephone."""

from __future__ import annotations

from datetime import time
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, TimeField
from wtforms.validators import Optional

from app import audit, clock
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, day, words
from app.channels.lists import asked_page
from handlers.appointments import marks, planning
from handlers.appointments.console import LONGEST_REASON, all_services, console, day_asked
from models.appointments import Appointment
from models.board import with_wechat, without_new_time
from models.identity import Actor
from models.outbox import OutboxRow
from models.plans import ClosedTime, Hours, Service, SpecialDay
from models.slots import nearest_free

PAGE = 40
LEFT = ("submitted", "delivered")


class Hit(NamedTuple):
    """How many a closing called off: whom a message reaches, and who must be phoned."""

    told: int
    to_phone: int


class CloseForm(ConsoleForm):
    day = day("哪一天", default=None)
    opens = TimeField("从几点", [Optional()], description="空着就是停一整天")
    closes = TimeField("到几点", [Optional()])
    service = SelectField("哪个服务", coerce=int)
    reason = words("为什么", LONGEST_REASON, hint="会告诉约了的居民,比如:停电、系统升级")
    sure = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Both ends of the hours or none: a rule that no field can hold alone, since either may be empty."""
        fine = bool(super().validate(extra_validators))
        opens, closes = self.opens.data, self.closes.data
        wrong = ""
        if (opens is None) != (closes is None):
            wrong = "停几个小时,从几点和到几点都要填。"
        elif opens is not None and opens >= closes:
            wrong = "结束的时间要比开始的晚。"
        if wrong:
            self.closes.errors = [*self.closes.errors, wrong]
        return fine and not wrong

    @property
    def hours(self) -> Hours | None:
        opens: time | None = self.opens.data
        return (opens, self.closes.data) if opens is not None else None


@console.route("/appointments/close-day", methods=["GET", "POST"])
@staff("desk", "approver")
def close_day() -> Response | str:
    """First who would be hit, then, said once more, the closing itself."""
    form = CloseForm()
    with looking() as by:
        names = {one.id: one.name for one in by.session.scalars(all_services())}
    form.service.choices = choices({"0": "整个大厅", **{str(key): name for key, name in names.items()}})
    if not form.is_submitted():
        form.day.data, form.service.data = day_asked(), request.args.get("service", 0, type=int)
    elif form.validate() and form.sure.data == _meant(form):
        hit = _close(form)
        if hit is not None:
            return _after(form, hit)
    with looking() as by:
        checked = form.is_submitted() and not form.errors
        hit_now = planning.would_hit(by, _service(by, form), form.day.data, form.hours) if checked else None
        facts: dict[str, Any] = {"form": form, "hit": hit_now, "meant": _meant(form)}
        facts["reachable"] = with_wechat(by.session, [one.person_id for one in hit_now or ()])
        return render_template("appointments/console_close.html", **facts)


def _meant(form: CloseForm) -> str:
    """What the preview was about: another day, hours or service are looked at again before anything is closed."""
    hours = (
        f" {form.opens.data:%H:%M}-{form.closes.data:%H:%M}" if form.opens.data and form.closes.data else ""
    )
    return f"{form.day.data} {form.service.data}{hours}"


def _close(form: CloseForm) -> Hit | None:
    """Whom it called off; None when it was refused."""

    def unit(by: Actor) -> Hit:
        service, reason = _service(by, form), form.reason.data
        if form.hours is None:
            off = planning.close_day(by, service, form.day.data, reason)
        else:
            off = planning.close_time(by, service, form.day.data, form.hours, reason)
        reachable = with_wechat(by.session, [one.person_id for one in off])
        told = sum(one.person_id in reachable for one in off)
        return Hit(told, len(off) - told)

    closed = attempt(unit, form)
    return closed.it if closed else None


def _after(form: CloseForm, hit: Hit) -> Response:
    """With somebody to find again the next page is their list."""
    when = f"{form.day.data:%m月%d日}" + (
        f"{form.hours[0]:%H:%M}–{form.hours[1]:%H:%M}" if form.hours else ""
    )
    phone = f"还有{hit.to_phone}位没有微信,请打电话。" if hit.to_phone else ""
    flash(f"{when}停办了,{hit.told}位居民会收到消息和最近的空档。{phone}", "success")
    if any(hit):
        return redirect(url_for("appointments_console.called_off"))
    return redirect(url_for("appointments_console.board", day=form.day.data.isoformat()))


def _service(by: Actor, form: CloseForm) -> Service | None:
    return by.session.get(Service, form.service.data) if form.service.data else None


@console.post("/appointments/special/<int:number>/as-usual")
@staff("desk", "approver")
def as_usual(number: int) -> Response:
    def unit(by: Actor) -> None:
        special = find(by, SpecialDay, number)
        service = by.session.get(Service, special.service_id) if special.service_id else None
        planning.as_usual(by, service, special.day)

    attempt(unit, done="这一天恢复照常,又可以约了。已经取消的不会自己回来。")
    return _to_where_it_came_from()


@console.post("/appointments/closed/<int:number>/reopen")
@staff("desk", "approver")
def reopen(number: int) -> Response:
    attempt(
        lambda by: planning.reopen(by, find(by, ClosedTime, number)),
        done="这几个小时恢复照常,又可以约了。已经取消的不会自己回来。",
    )
    return _to_where_it_came_from()


def _to_where_it_came_from() -> Response:
    service = request.form.get("service", type=int)
    if service:
        return redirect(url_for("appointments_console.service", number=service))
    return redirect(url_for("appointments_console.board"))


# ---- whom the house must find again --------------------------------------------------------------------------


@console.get("/appointments/called-off")
@staff("desk", "approver")
def called_off() -> str:
    """Phones stand here, so looking is written down."""
    page = asked_page()

    def unit(by: Actor) -> str:
        found = without_new_time().offset((page - 1) * PAGE).limit(PAGE + 1)
        rows = by.session.scalars(found).all()
        audit.note(by, "appointments.read_called_off", None, count=min(len(rows), PAGE))
        shown = [(one, nearest_free(by.session, one.slot)) for one in rows[:PAGE]]
        facts: dict[str, Any] = {"rows": shown, "page": page, "more": len(rows) > PAGE}
        facts["today"] = clock.today()
        facts["told"] = _told(by, [one for one, _ in shown])
        return render_template("appointments/console_called_off.html", **facts)

    return as_staff(unit)


def _told(by: Actor, rows: list[Appointment]) -> dict[int, str]:
    """What became of the message to each: "left", "waiting" or "lost"."""
    keys = {f"appointments.called_off:{one.id}:{one.revision}": one for one in rows}
    asked = select(OutboxRow.once, OutboxRow.state).where(OutboxRow.once.in_(list(keys)))
    states = dict(by.session.execute(asked).all())
    reachable = with_wechat(by.session, [one.person_id for one in rows])
    told = {}
    for key, one in keys.items():
        state = states.get(key, "lost") if one.person_id in reachable else "lost"
        told[one.id] = "left" if state in LEFT else "waiting" if state in ("waiting", "sending") else "lost"
    return told


@console.post("/appointments/<int:number>/phoned")
@staff("desk", "approver")
def phoned(number: int) -> Response:
    attempt(lambda by: marks.note_phoned(by, find(by, Appointment, number)), done="记下了,不再列在这里。")
    return redirect(url_for("appointments_console.called_off"))
