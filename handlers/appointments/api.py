"""Appointments for the mini-program: services, their times, booking, one's own, moving and cancelling."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from app import clock
from app.channels.api import Api, Problem, found, own
from app.channels.api.helped import ForOther, helping
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Day, Done, Id, Page, PageQuery, Query, Shown, Time, left_out, line
from handlers.appointments import actions, seats
from models.appointments import Appointment, Contact, appointments_of, upcoming
from models.booking_holds import Own
from models.identity import Actor
from models.plans import Service, open_services
from models.slots import Slot, slots_on, takeable

AHEAD = 400  # days; nothing is planned further ahead
SEAT = (
    "appointments.slot_full",
    "appointments.slot_held",
    "appointments.nobody_free",
    "appointments.slot_closed",
    "appointments.too_soon",
    "appointments.overlap",
)
HOLD = tuple(code for code in SEAT if code != "appointments.overlap")
CHANGE = ("appointments.too_late", "appointments.not_waiting")
BOOKING = (
    "appointments.paused",
    *SEAT,
    "appointments.too_many",
    "appointments.too_many_in_all",
    "appointments.needs_name",
    "appointments.needs_phone",
    "appointments.needs_address",
    "appointments.bad_name",
    "appointments.bad_phone",
)

api = Api("appointments", "预约")


# ---- services ------------------------------------------------------------------------------------------------------


class ServiceQuery(PageQuery):
    """`hall` is 办事大厅, `circle` the 15-minute circle."""

    kind: Literal["hall", "circle"] = left_out()


class ServiceShown(Shown):
    """Something to book. `lat` and `lng` are GCJ-02; `asks_phone` and `home_visit` say what a booking must tell."""

    id: int
    kind: Literal["hall", "circle"]
    name: str = Field(examples=["高龄补贴"])
    summary: str
    bring: list[str]
    place: str
    window: str | None
    provider: str
    phone: str
    lat: float | None
    lng: float | None
    minutes: int
    horizon_days: int
    asks_phone: bool
    home_visit: bool


class ServicePage(Page):
    """Services in the order of the house."""

    items: list[ServiceShown]


class SlotQuery(Query):
    """A day of the community's calendar."""

    day: Day


class SlotShown(Shown):
    """One time; `free` seats are left."""

    id: int
    starts: Time
    ends: Time
    free: int


class Slots(Shown):
    """The times of one day, full ones too."""

    items: list[SlotShown]


@api.reads("/services", asks=ServiceQuery, gives=ServicePage, who="everyone")
def services(by: Actor, asked: ServiceQuery) -> ServicePage:
    """What can be booked"""
    place = (Service.position, Service.id)
    rows, following = page(
        by.session, open_services(asked.kind), asked, place, lambda row: (row.position, row.id)
    )
    return ServicePage(items=[service_shown(row) for row in rows], next=following)


@api.reads("/services/<int:service>", gives=ServiceShown, who="everyone")
def service(by: Actor, service: int) -> ServiceShown:
    """One service"""
    return service_shown(_offered(by, service))


@api.reads("/services/<int:service>/slots", asks=SlotQuery, gives=Slots, who="everyone")
def slots(by: Actor, asked: SlotQuery, service: int) -> Slots:
    """The times of a service on one day"""
    row = _offered(by, service)
    if not _is_near(asked.day):
        return Slots(items=[])
    can = takeable(
        by.session, asked.day, asked.day, service=row, own=Own(by.person.id if by.person else None)
    )
    rows = by.session.scalars(slots_on(row, asked.day))
    return Slots(items=[slot_shown(slot, is_free=slot.id in can) for slot in rows])


def _offered(by: Actor, number: int) -> Service:
    row = by.session.scalar(open_services().where(Service.id == found(by.session, Service, number).id))
    if row is None:
        raise Problem(404, "not_found")
    return row


def _is_near(day: date) -> bool:
    return abs((day - clock.today()).days) <= AHEAD


def service_shown(row: Service) -> ServiceShown:
    return ServiceShown.model_validate({name: getattr(row, name) for name in ServiceShown.model_fields})


def slot_shown(row: Slot, *, is_free: bool = True) -> SlotShown:
    bookable = is_free and row.starts >= clock.now() + timedelta(minutes=row.service.lead_minutes)
    return SlotShown(id=row.id, starts=row.starts, ends=row.ends, free=row.free if bookable else 0)


# ---- one's own -------------------------------------------------------------------------------------------------------


class Told(Body):
    """What the visit must know and the record does not: asked for by needs_name, needs_phone, needs_address."""

    name: Annotated[str, line(30, "马秀兰")] = left_out()
    phone: Annotated[str, line(30, "13900000001")] = left_out()
    address: Annotated[str, line(60, "5号楼2单元301")] = left_out()


class Booking(Body):
    """A time that was shown as free, and what the visit must know."""

    slot_id: Id
    contact: Told = left_out()
    for_other: ForOther = left_out()
    note: Annotated[str, line(200, "腿脚不便")] = left_out()


class HoldShown(Shown):
    """A seat that is kept for the caller until then. Asked again it is put off, a quarter of an hour in all."""

    slot_id: int
    until: Time


class Move(Body):
    """Another time of the same service."""

    slot_id: Id


class AppointmentShown(Shown):
    """`number` is read out at the window. `can_be_changed`: it may still be moved or cancelled without a call."""

    id: int
    number: str = Field(examples=["0012"])
    state: Literal["confirmed", "cancelled", "done", "no_show"]
    service: ServiceShown
    slot: SlotShown
    visitor: str | None = Field(examples=["马秀兰"])
    note: str | None
    can_be_changed: bool


class AppointmentQuery(PageQuery):
    """`ahead`: only those that are still to come."""

    when: Literal["all", "ahead"] = Field(default="all")


class AppointmentPage(Page):
    """The latest time first."""

    items: list[AppointmentShown]


@api.reads("/appointments", asks=AppointmentQuery, gives=AppointmentPage)
def mine(by: Actor, asked: AppointmentQuery) -> AppointmentPage:
    """My appointments, those for others too"""
    rows = upcoming(by.me) if asked.when == "ahead" else appointments_of(by.me)
    place = (Slot.starts, Appointment.id)
    shown, following = page(
        by.session, rows, asked, place, lambda row: (row.slot.starts, row.id), newest_first=True
    )
    return AppointmentPage(items=[appointment_shown(row) for row in shown], next=following)


@api.writes("/slots/<int:slot>/hold", gives=HoldShown, refuses=HOLD)
def hold(by: Actor, slot: int) -> HoldShown:
    """Keep a seat while the form is filled in; it ends by itself, or with the booking"""
    kept = seats.hold(by, found(by.session, Slot, slot))
    return HoldShown(slot_id=kept.slot_id, until=kept.until)


@api.writes("/slots/release", gives=Done)
def release(by: Actor) -> Done:
    """Give the seat that is kept for me up"""
    seats.let_go(by)
    return Done(done=True)


@api.writes("/appointments", takes=Booking, gives=AppointmentShown, status=201, refuses=BOOKING)
def book(by: Actor, said: Booking) -> AppointmentShown:
    """Book a time"""
    slot = found(by.session, Slot, said.slot_id)
    if said.told("for_other"):
        by = helping(by, said.for_other)
    told = said.contact if said.told("contact") else Told()
    contact = Contact(told.name, told.phone, told.address)
    return appointment_shown(actions.book(by, slot, contact=contact, note=said.note))


@api.writes("/appointments/<int:appointment>/cancel", gives=AppointmentShown, refuses=CHANGE)
def cancel(by: Actor, appointment: int) -> AppointmentShown:
    """Give the place back"""
    return appointment_shown(actions.cancel(by, own(by.session, Appointment, appointment, by.me)))


@api.writes(
    "/appointments/<int:appointment>/rebook",
    takes=Move,
    gives=AppointmentShown,
    refuses=(*SEAT, *CHANGE, "appointments.other_service", "appointments.same_time"),
)
def rebook(by: Actor, said: Move, appointment: int) -> AppointmentShown:
    """Move to another time; the old place is kept until the new one is sure"""
    mine = own(by.session, Appointment, appointment, by.me)
    return appointment_shown(actions.rebook(by, mine, found(by.session, Slot, said.slot_id)))


def appointment_shown(row: Appointment) -> AppointmentShown:
    return AppointmentShown(
        id=row.id,
        number=row.number,
        state=row.state,  # type: ignore[arg-type]
        service=service_shown(row.service),
        slot=slot_shown(row.slot),
        visitor=row.visitor_name,
        note=row.note,
        can_be_changed=row.can_be_changed,
    )
