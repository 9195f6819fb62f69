"""One appointment at the desk: who, what is known of them, another time, and the slip that they take home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired

from app import audit, clock
from app.channels.console import as_staff, attempt, find, staff
from app.channels.console_forms import NEEDED, ConsoleForm
from app.understanding.numbers import number_in
from app.words import day_words, moment_words
from handlers.appointments import actions, cancelling
from handlers.appointments.console import STATES, back_to_board, console
from models.appointments import Appointment
from models.board import with_wechat
from models.booking_rooms import rooms_of
from models.identity import Actor
from models.reasons import reasons
from models.slots import Slot, free_slots

MOST_TIMES = 300


class MoveForm(ConsoleForm):
    slot = SelectField("改到", [InputRequired(NEEDED)], choices=[], coerce=int, validate_choice=False)
    seen = HiddenField()


@console.get("/appointments/<int:number>")
@staff("desk", "approver")
def one(number: int) -> str:
    """Phone and address stand here, so opening it is written down."""

    def unit(by: Actor) -> str:
        row = find(by, Appointment, number)
        audit.note(by, "appointments.read", row)
        form = MoveForm(formdata=None)
        form.slot.choices = _times(by, row)
        form.slot.data, form.seen.data = None, str(row.revision)
        facts: dict[str, Any] = {"row": row, "form": form, "states": STATES, "now": clock.now()}
        facts["reasons"] = reasons(by.session, staff=True)
        facts["rooms"] = rooms_of(by.session, row)
        facts["reachable"] = bool(with_wechat(by.session, [row.person_id]))
        return render_template("appointments/console_one.html", **facts)

    return as_staff(unit)


@console.post("/appointments/<int:number>/move")
@staff("desk", "approver")
def move(number: int) -> Response:
    """By the list of free times, or from the board by dragging: both name the time and what they have seen."""
    form = MoveForm()

    def unit(by: Actor) -> tuple[str, str]:
        row = find(by, Appointment, number)
        slot = find(by, Slot, form.slot.data or 0)
        actions.rebook(by, row, slot, seen=number_in(form.seen.data))
        moved = f"改到{moment_words(row.slot.starts)}"
        return _done_and_told(by, row, moved), clock.local(slot.starts).date().isoformat()

    told = attempt(unit)
    if told:
        flash(told.it[0], "success")
    if request.form.get("back") == "board" and told:
        only = request.form.get("service") or None
        return redirect(url_for("appointments_console.board", day=told.it[1], service=only))
    return redirect(url_for("appointments_console.one", number=number))


@console.post("/appointments/<int:number>/cancel")
@staff("desk", "approver")
def cancel(number: int) -> Response:
    reason, seen = request.form.get("reason", ""), request.form.get("seen", type=int)
    return back_to_board(
        number,
        lambda by, row: cancelling.cancel(by, row, reason, seen),
        lambda by, row: _done_and_told(by, row, f"取消了:{moment_words(row.slot.starts)}"),
    )


@console.get("/appointments/<int:number>/slip")
@staff("desk", "approver")
def slip(number: int) -> str:
    """A paper for who has no WeChat: number, time, place, what to bring. No phone, no address."""

    def unit(by: Actor) -> str:
        row = find(by, Appointment, number)
        audit.note(by, "appointments.read", row)
        return render_template("appointments/console_slip.html", row=row)

    return as_staff(unit)


def _times(by: Actor, row: Appointment) -> Any:
    """The free times under their days."""
    days: dict[str, list[tuple[int, str]]] = {}
    free: Sequence[Slot] = by.session.scalars(free_slots(row.service, own=row.own).limit(MOST_TIMES)).all()
    for slot in free:
        if slot.id != row.slot_id:
            starts = clock.local(slot.starts)
            places = f"(空{slot.free})" if slot.capacity > 1 else ""
            days.setdefault(day_words(starts.date()), []).append(
                (slot.id, f"{starts.month}月{starts.day}日 {starts:%H:%M}{places}")
            )
    return days


def _done_and_told(by: Actor, row: Appointment, done: str) -> str:
    """What has become of it, and who tells the person: WeChat, or whoever reads this."""
    words = f"{row.visitor_name or f'{row.number}号'}的{row.service.name}{done}。"
    if with_wechat(by.session, [row.person_id]):
        return f"{words}本人会收到微信消息。"
    phone = row.phone or row.helped_phone or row.person.phone
    return f"{words}没有微信,请打电话告诉:{phone or '没有留电话'}。"
