"""One person's appointments as a whole: carried home, forgotten, joined with those of a second record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock
from app.words import moment_words
from handlers.appointments import messages, seats
from handlers.appointments.actions import changed, release
from models.appointments import Appointment, appointments_of, older_than, upcoming
from models.booking_rules import held_by, lock_person
from models.booking_series import BookingSeries
from models.identity import Actor, Person
from models.refusal import Refusal
from models.slots import nearest_free

TAKEN = "位子被别人约走了"
STATES = {"confirmed": "约好了", "cancelled": "取消了", "done": "办过了", "no_show": "没有来"}


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """{"预约": [one mapping for each appointment, the newest first]}."""
    return {"预约": [_told(row) for row in session.scalars(appointments_of(person))]}


def _told(row: Appointment) -> dict[str, str]:
    told = {
        "预约号": row.number,
        "服务": row.service.name,
        "时间": moment_words(row.slot.starts),
        "地点": row.service.place,
        "情况": STATES[row.state],
        "替谁约": row.helped_name,
        "他的手机": row.helped_phone,
        "手机": row.phone,
        "门牌": row.address,
        "备注": row.note,
    }
    return {heading: value for heading, value in told.items() if value}


def forget_old_words(by: Actor, after: timedelta) -> int:
    """Names, phones, addresses and notes of old visits go; how many rows had any."""
    old = by.session.scalars(older_than(clock.now() - after)).all()
    for appointment in old:
        blank(appointment)
    if old:
        audit.note(by, "appointments.forget_words", count=len(old))
    return len(old)


def forget(by: Actor, person: Person) -> None:
    """Who leaves gives the places back that they still hold; what was told about visitors goes."""
    lock_person(by.session, person)
    seats.end_hold(by.session, person)
    for appointment in by.session.scalars(upcoming(person)).all():
        release(by, appointment, "appointments.forget", None)
    for appointment in by.session.scalars(appointments_of(person)).all():
        blank(appointment)
    for series in by.session.scalars(select(BookingSeries).where(BookingSeries.person_id == person.id)):
        series.team = None


def blank(appointment: Appointment) -> None:
    """Take out everything personal; the row still counts."""
    appointment.helped_name = appointment.helped_phone = appointment.helped_tie = None
    appointment.phone = appointment.address = appointment.note = None


def merge(by: Actor, kept: Person, gone: Person) -> list[list[Any]]:
    """Two records of one person: a place held by both is given back once, and is for `part`: [id, state, revision]."""
    for person in sorted((kept, gone), key=lambda one: one.id):
        lock_person(by.session, person)
    seats.end_hold(by.session, gone)
    theirs = by.session.scalars(appointments_of(gone)).all()
    for series in by.session.scalars(select(BookingSeries).where(BookingSeries.person_id == gone.id)):
        series.person = kept
    return [doubled for row in theirs if (doubled := _hand_over(by, row, kept))]


def part(by: Actor, kept: Person, gone: Person, doubled: Sequence[Sequence[Any]] | None) -> None:
    """Two records that were one by mistake: a place that was given back is taken again, and who has an appointment is
    also the one to be reminded of it."""
    lock_person(by.session, gone)
    for number, state, revision in doubled or ():
        appointment = by.session.get(Appointment, number)
        if appointment is not None and appointment.revision == revision:
            _take_again(by, appointment, state)
    theirs = upcoming(gone).execution_options(populate_existing=True)
    for appointment in by.session.scalars(theirs).all():
        messages.take_back_reminder(by.session, appointment)
        changed(appointment)
        messages.remind(by.session, appointment)


def _take_again(by: Actor, appointment: Appointment, state: str) -> None:
    """Where the place has gone to somebody else meanwhile, the visitor is told of the nearest free times."""
    try:
        chosen = seats.take(by, appointment.slot, appointment.person)
    except Refusal:
        near = [slot.starts.isoformat() for slot in nearest_free(by.session, appointment.slot)]
        messages.tell(by.session, appointment, "appointments.called_off", reason=TAKEN, instead=near)
        return
    seats.furnish(by.session, appointment, chosen)
    appointment.state = state
    changed(appointment)
    audit.note(by, "appointments.part", appointment, slot=appointment.slot_id)


def _hand_over(by: Actor, appointment: Appointment, kept: Person) -> list[Any] | None:
    state = appointment.state
    twice = state != "cancelled" and held_by(by.session, kept, appointment.visitor, appointment.slot)
    if twice:
        release(by, appointment, "appointments.merge", None)
    messages.take_back_reminder(by.session, appointment)
    appointment.person = kept
    changed(appointment)
    if appointment.state == "confirmed":
        messages.remind(by.session, appointment)
    return [appointment.id, state, appointment.revision] if twice else None
