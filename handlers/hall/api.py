"""The hall for the mini-program: how the services stand, numbers, one's own, checking in for a booked visit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.channels.api import Api, found, own
from app.channels.api.schemas import Body, Id, Shown, Time
from handlers.hall import actions
from models.appointments import Appointment
from models.identity import Actor
from models.plans import Service
from models.tickets import Ticket, live_of

CLOSED = (
    "hall.closed_today",
    "hall.not_today",
    "hall.not_open_yet",
    "hall.too_late_today",
    "hall.full_today",
)

api = Api("hall", "大厅排队")


class StandingShown(Shown):
    """How a service of the hall stands now. `about`: when a number taken now would be called."""

    service_id: int
    name: str = Field(examples=["老年证"])
    waiting: int
    about: Time
    gives_numbers: bool


class HallShown(Shown):
    """All services of the hall."""

    items: list[StandingShown]


class NumberWanted(Body):
    """A service of the hall."""

    service_id: Id


class VisitHere(Body):
    """A booked visit of today."""

    appointment_id: Id


class TicketShown(Shown):
    """A number of today. While it waits, `before` are called before it and its turn is at `about`. `window`: where it
    was called."""

    id: int
    number: int = Field(examples=[12])
    service: str
    state: Literal["waiting", "called", "aside", "done", "no_show", "left", "closed"]
    booked: bool
    before: int | None
    about: Time | None
    window: str | None


class TicketsShown(Shown):
    """The numbers that still count."""

    items: list[TicketShown]


@api.reads("/hall/services", gives=HallShown, who="everyone")
def hall(by: Actor) -> HallShown:
    """How many wait in the hall"""
    return HallShown(
        items=[
            StandingShown(
                service_id=one.service.id,
                name=one.service.name,
                waiting=one.waiting,
                about=one.about,
                gives_numbers=one.why_not is None,
            )
            for one in actions.standings(by)
        ]
    )


@api.reads("/hall/numbers", gives=TicketsShown)
def mine(by: Actor) -> TicketsShown:
    """My numbers"""
    return TicketsShown(items=[_shown(by, one) for one in by.session.scalars(live_of(by.me))])


@api.writes(
    "/hall/numbers",
    takes=NumberWanted,
    gives=TicketShown,
    status=201,
    refuses=("hall.no_numbers", *CLOSED, "hall.has_number", "hall.too_many_today"),
)
def take(by: Actor, said: NumberWanted) -> TicketShown:
    """Take a number"""
    return _shown(by, actions.take_number(by, found(by.session, Service, said.service_id)))


@api.writes(
    "/hall/arrivals",
    takes=VisitHere,
    gives=TicketShown,
    status=201,
    refuses=("hall.not_waiting", "hall.other_day", "hall.comes_home", "hall.closed_today"),
)
def arrive(by: Actor, said: VisitHere) -> TicketShown:
    """I am here for my booked visit"""
    return _shown(by, actions.arrive(by, own(by.session, Appointment, said.appointment_id, by.me)))


@api.writes("/hall/numbers/<int:ticket>/come-back", gives=TicketShown, refuses=("hall.not_aside",))
def come_back(by: Actor, ticket: int) -> TicketShown:
    """I was called and not there, and am here now"""
    return _shown(by, actions.come_back(by, own(by.session, Ticket, ticket, by.me)))


@api.writes("/hall/numbers/<int:ticket>/give-back", gives=TicketShown, refuses=("hall.not_live",))
def give_back(by: Actor, ticket: int) -> TicketShown:
    """I wait no more"""
    return _shown(by, actions.give_back(by, own(by.session, Ticket, ticket, by.me)))


def _shown(by: Actor, row: Ticket) -> TicketShown:
    place = actions.place_of(by, row)
    window = row.window.name if row.window is not None and row.state == "called" else None
    return TicketShown(
        id=row.id,
        number=row.number,
        service=row.service.public_name,
        state=row.state,  # type: ignore[arg-type]
        booked=row.appointment_id is not None,
        before=place.before if place is not None else None,
        about=place.about if place is not None else None,
        window=window,
    )
