"""The hall's board of a day: who comes when, marked, cancelled, printed; and a day that has to be closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField

from app import audit, clock
from app.channels.console import Card, Console, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, day, words
from app.channels.console_words import hour_words
from app.understanding.calendar import china_day
from handlers.appointments import actions, console_book, planning
from models.appointments import Appointment, appointments_on
from models.identity import Actor
from models.plans import Service, SpecialDay
from models.slots import Slot, free_slots, slots_on

SHOWN_TODAY, DAYS_BACK, DAYS_AHEAD = 6, 1, 14
STATES = {
    "confirmed": ("约好", "calm"),
    "done": ("到了", "good"),
    "no_show": ("没来", "bad"),
    "cancelled": ("取消", ""),
}
KINDS = {"holiday": "放假", "makeup": "调休上班", "weekend": "周末", "workday": ""}
LONGEST_REASON = 30

console = Console("appointments_console", __name__)
console_book.enter(console)


class CloseForm(ConsoleForm):
    day = day("哪一天", default=None)
    service = SelectField("哪个服务", coerce=int)
    reason = words("为什么", LONGEST_REASON, hint="会告诉约了的居民,比如:停电、系统升级")
    sure = HiddenField()


class Row(NamedTuple):
    """One time of the board and who holds its seats."""

    slot: Slot
    held: list[Appointment]


class Part(NamedTuple):
    """One service of the board."""

    service: Service
    rows: list[Row]
    booked: int
    free: list[Slot]


# ---- the board -------------------------------------------------------------------------------------------------------


@console.get("/appointments")
@staff("desk", "approver")
def board() -> str:
    shown, only = _day(request.args.get("day")), request.args.get("service", type=int)
    with looking() as by:
        services = by.session.scalars(_services()).all()
        facts = _board(by, shown, [one for one in services if only in (None, one.id)])
        facts |= {"services": services, "only": only, "days": _days(shown), "kind": KINDS[china_day(shown)]}
        facts |= {"special": by.session.scalars(_special_days()).all()}
        return render_template("appointments/console_board.html", **facts)


@console.get("/appointments/print")
@staff("desk", "approver")
def printed() -> str:
    """The list of a day on paper: times, names and what to sign; that it was taken out is written down."""
    shown, only = _day(request.args.get("day")), request.args.get("service", type=int)

    def unit(by: Actor) -> str:
        services = [one for one in by.session.scalars(_services()) if only in (None, one.id)]
        facts = _board(by, shown, services)
        audit.note(by, "appointments.print", None, day=shown.isoformat(), count=facts["booked"])
        return render_template(
            "appointments/console_print.html", me_name=by.staff.name if by.staff else "", **facts
        )

    return as_staff(unit)


def _board(by: Actor, shown: date, services: Sequence[Service]) -> dict[str, Any]:
    parts = [_part(by, shown, one) for one in services]
    parts = [part for part in parts if part.rows]
    now = clock.now()
    facts = {"parts": parts, "shown": shown, "booked": sum(part.booked for part in parts), "now": now}
    return facts | {"states": STATES}


def _part(by: Actor, shown: date, service: Service) -> Part:
    held = by.session.scalars(appointments_on(shown, service)).all()
    rows = [
        Row(slot, [one for one in held if one.slot_id == slot.id])
        for slot in by.session.scalars(slots_on(service, shown))
    ]
    free = list(by.session.scalars(free_slots(service, shown, shown)))
    return Part(service, rows, len(held), free)


def _services() -> Select[Service]:
    return select(Service).order_by(Service.position, Service.id)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return clock.today()


def _days(shown: date) -> list[date]:
    """Yesterday to a fortnight ahead, and the day that is shown if it lies elsewhere."""
    first = clock.today() - timedelta(days=DAYS_BACK)
    near = [first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    return near if shown in near else sorted([*near, shown])


# ---- one appointment -------------------------------------------------------------------------------------------------


@console.post("/appointments/<int:number>/mark")
@staff("desk", "approver")
def mark(number: int) -> Response:
    came = request.form.get("came") == "yes"
    step = actions.mark_done if came else actions.mark_no_show
    return _back(number, step, "")


@console.post("/appointments/<int:number>/cancel")
@staff("desk", "approver")
def cancel(number: int) -> Response:
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    return _back(number, lambda by, one: actions.cancel(by, one, reason=reason), "取消了,也告诉本人了。")


def _back(number: int, step: Any, done: str) -> Response:
    """Do it, and show the same day again."""
    shown: list[str] = []

    def unit(by: Actor) -> None:
        one = find(by, Appointment, number)
        shown[:] = [clock.local(one.slot.starts).date().isoformat()]
        step(by, one)

    attempt(unit, done=done)
    only = request.form.get("service") or None
    return redirect(url_for("appointments_console.board", day=shown[0], service=only))


# ---- a day that differs ----------------------------------------------------------------------------------------------


@console.route("/appointments/close-day", methods=["GET", "POST"])
@staff("desk", "approver")
def close_day() -> Response | str:
    """First who would be hit, then, said once more, the closing itself."""
    form = CloseForm()
    with looking() as by:
        names = {one.id: one.name for one in by.session.scalars(_services())}
    form.service.choices = choices({"0": "整个大厅", **{str(key): name for key, name in names.items()}})
    if not form.is_submitted():
        form.day.data = _day(request.args.get("day"))
    elif form.validate() and form.sure.data == _meant(form) and _close(form):
        return redirect(url_for("appointments_console.board", day=form.day.data.isoformat()))
    with looking() as by:
        checked = form.is_submitted() and not form.errors
        hit = planning.would_hit(by, _service(by, form), form.day.data) if checked else None
        return render_template("appointments/console_close.html", form=form, hit=hit, meant=_meant(form))


def _meant(form: CloseForm) -> str:
    """What the preview was about: another day or service is looked at again before it is closed."""
    return f"{form.day.data} {form.service.data}"


def _close(form: CloseForm) -> bool:
    hit: list[Appointment] = []

    def unit(by: Actor) -> None:
        hit[:] = planning.close_day(by, _service(by, form), form.day.data, form.reason.data)

    return attempt(unit, form) and _say_closed(form.day.data, len(hit))


def _say_closed(closed: date, told: int) -> bool:
    flash(f"{closed:%m月%d日}停办了,{told}位居民会收到消息和最近的空档。", "success")
    return True


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
    return redirect(url_for("appointments_console.board"))


def _special_days() -> Select[SpecialDay]:
    return select(SpecialDay).where(SpecialDay.day >= clock.today()).order_by(SpecialDay.day)


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk")
def today(by: Actor) -> Card:
    rows = by.session.scalars(appointments_on(clock.today())).all()
    ahead = [one for one in rows if one.state == "confirmed"]
    address = url_for("appointments_console.board")
    lines = [
        Line(f"{one.service.name} {one.visitor_name or ''}", address, None, hour_words(one.slot.starts))
        for one in ahead[:SHOWN_TODAY]
    ]
    return Card("今天的预约", len(ahead), address, lines, nothing="今天没有还没办的预约。")
