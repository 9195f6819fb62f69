"""Waiting for the mini-program: for what, one's places, the answer to a kept seat; telling late; what was noted."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.channels.api import found, own
from app.channels.api.helped import ForOther, helping
from app.channels.api.schemas import Body, Id, Shown, Time, left_out, line
from handlers.appointments import cancelling, striking, waiting
from handlers.appointments.api import (
    BOOKING,
    AppointmentShown,
    ServiceShown,
    SlotShown,
    Told,
    api,
    appointment_shown,
    service_shown,
    slot_shown,
)
from handlers.appointments.queueing import meant
from models.appointments import Appointment, Contact
from models.identity import Actor
from models.plans import Service
from models.strikes import Strike, appeal_of, strikes_of
from models.waiting import SlotWait, ahead_of, waits_of
from models.waiting_offers import is_live

WAITING = (
    "appointments.already_waiting",
    "appointments.too_many_waits",
    "appointments.too_many",
    "appointments.too_many_in_all",
    "appointments.paused",
    "appointments.still_free",
    "appointments.nothing_to_wait_for",
    "appointments.overlap",
    "appointments.needs_name",
    "appointments.needs_phone",
    "appointments.needs_address",
    "appointments.bad_name",
    "appointments.bad_phone",
)
WISH = r"^(any|\d{4}-\d\d-\d\d)(/(am|pm))?$|^\d{4}-\d\d-\d\dT\d\d:\d\d$"
MOST_NOTED = 20


class WaitBody(Body):
    """For what: "any", "any/am", a day "2026-11-25", its half "2026-11-25/pm", or one time "2026-11-25T09:30"."""

    service_id: Id
    wish: Annotated[str, Field(pattern=WISH, max_length=16, examples=["2026-11-25/pm"])]
    contact: Told = left_out()
    for_other: ForOther = left_out()


class WaitShown(Shown):
    """One place in a line. `offered` is the time that is kept until `until`; else `ahead` wait before it."""

    id: int
    state: Literal["waiting", "offered", "taken", "left", "over", "removed"]
    service: ServiceShown
    first: date
    last: date
    half: Literal["", "am", "pm"]
    slot: SlotShown | None
    visitor: str | None = Field(examples=["马秀兰"])
    ahead: int
    offered: SlotShown | None
    until: Time | None


class Waits(Shown):
    """What one waits for, kept seats first."""

    items: list[WaitShown]


@api.reads("/waits", gives=Waits)
def waits(by: Actor) -> Waits:
    """What I wait for"""
    return Waits(items=[_shown(by, row) for row in by.session.scalars(waits_of(by.me))])


@api.writes("/waits", takes=WaitBody, gives=WaitShown, status=201, refuses=WAITING)
def wait(by: Actor, said: WaitBody) -> WaitShown:
    """Wait for a time that is full"""
    service = found(by.session, Service, said.service_id)
    if said.told("for_other"):
        by = helping(by, said.for_other)
    told = said.contact if said.told("contact") else Told()
    contact = Contact(told.name, told.phone, told.address)
    return _shown(by, waiting.wait(by, service, meant(by, service, said.wish), contact=contact))


@api.writes(
    "/waits/<int:wait>/take",
    gives=AppointmentShown,
    refuses=(*BOOKING, "appointments.offer_over", "appointments.not_in_line"),
)
def take(by: Actor, wait: int) -> AppointmentShown:
    """Take the time that is kept"""
    return appointment_shown(waiting.take(by, own(by.session, SlotWait, wait, by.me)))


@api.writes(
    "/waits/<int:wait>/pass", gives=WaitShown, refuses=("appointments.offer_over", "appointments.not_in_line")
)
def let_pass(by: Actor, wait: int) -> WaitShown:
    """Not this time: it goes to the next, the place stays"""
    return _shown(by, waiting.let_pass(by, own(by.session, SlotWait, wait, by.me)))


@api.writes("/waits/<int:wait>/leave", gives=WaitShown, refuses=("appointments.not_in_line",))
def leave(by: Actor, wait: int) -> WaitShown:
    """Wait no more"""
    return _shown(by, waiting.leave(by, own(by.session, SlotWait, wait, by.me)))


@api.writes(
    "/appointments/<int:appointment>/not-coming",
    gives=AppointmentShown,
    refuses=("appointments.not_waiting",),
)
def not_coming(by: Actor, appointment: int) -> AppointmentShown:
    """Too late to cancel: tell that nobody comes; it is no missed visit"""
    return appointment_shown(cancelling.tell_late(by, own(by.session, Appointment, appointment, by.me)))


def _shown(by: Actor, row: SlotWait) -> WaitShown:
    kept = is_live(row) and row.offered_slot is not None
    return WaitShown(
        id=row.id,
        state=row.state,  # type: ignore[arg-type]
        service=service_shown(row.service),
        first=row.first,
        last=row.last,
        half=row.half,  # type: ignore[arg-type]
        slot=slot_shown(row.slot) if row.slot else None,
        visitor=row.visitor_name,
        ahead=ahead_of(by.session, row) if row.is_open else 0,
        offered=slot_shown(row.offered_slot) if kept and row.offered_slot else None,
        until=row.offered_until if kept else None,
    )


# ---- what was noted ------------------------------------------------------------------------------------------------


class StrikeBody(Body):
    """What was the matter, in one or two sentences."""

    words: Annotated[str, line(200, "那天我在医院")]


class StrikeShown(Shown):
    """One visit to which nobody came. `counts`: whether it still does; `said`: what became of a word against it."""

    id: int
    service: str
    starts: Time
    counts: bool
    said: Literal["open", "granted", "refused"] | None
    answer: str | None


class Strikes(Shown):
    """What was noted, the newest first."""

    items: list[StrikeShown]


@api.reads("/missed", gives=Strikes)
def missed(by: Actor) -> Strikes:
    """Visits that were missed"""
    return Strikes(items=[_noted(by, row) for row in by.session.scalars(strikes_of(by.me).limit(MOST_NOTED))])


@api.writes(
    "/missed/<int:strike>/say",
    takes=StrikeBody,
    gives=StrikeShown,
    refuses=("appointments.strike_over", "appointments.appealed", "appointments.no_words"),
)
def say(by: Actor, said: StrikeBody, strike: int) -> StrikeShown:
    """Say what was the matter; somebody else than who noted it decides"""
    row = own(by.session, Strike, strike, by.me)
    striking.appeal(by, row, said.words)
    return _noted(by, row)


def _noted(by: Actor, row: Strike) -> StrikeShown:
    by.session.flush()
    said = appeal_of(by.session, row)
    return StrikeShown(
        id=row.id,
        service=row.appointment.service.name,
        starts=row.appointment.slot.starts,
        counts=row.ended_at is None,
        said=said.state if said else None,  # type: ignore[arg-type]
        answer=said.answer if said else None,
    )
