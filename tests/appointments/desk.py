"""What tests of appointments start from: open services, full times, a clerk, and what is on file afterwards."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions
from handlers.appointments.planning import open_service
from models.appointments import Appointment, Contact, one_place_each, seats_equal_appointments
from models.booking_holds import SeatHold
from models.identity import Actor
from models.outbox import OutboxRow
from models.plans import Service
from models.refusal import Refusal
from models.slots import Slot
from models.staff import StaffMember
from tests.neighbours import Town

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)
KNOWN = Contact("马秀兰", "13900001234", "5号楼301")
MORNING = {weekday: [(time(9), time(11))] for weekday in range(5)}
MORNING_AND_AFTERNOON = {weekday: [(time(9), time(11)), (time(14), time(16))] for weekday in range(5)}


def house(session: Session) -> Actor:
    return Actor(session, channel="job")


def clerk(session: Session) -> Actor:
    """Somebody of the staff at the console."""
    one = session.scalar(select(StaffMember).limit(1))
    if one is None:
        one = StaffMember(login="li", name="李红", roles=["desk"])
        session.add(one)
        session.flush()
    return Actor(session, staff=one, channel="console")


def opened(town: Town, weekly: Any = MORNING, **facts: Any) -> int:
    """A service of half hours, one seat each, with its times; its id."""
    usual = {
        "kind": "hall",
        "name": "老年证",
        "summary": "满60岁可以办。",
        "bring": ["身份证", "照片"],
        "place": "社区大厅",
        "window": "2号窗口",
        "provider": "社区",
        "phone": "0971-8170001",
        "per_person": 9,
    }
    made = town.writing(lambda s: open_service(house(s), weekly, **usual | facts))
    return made.id


def slot_at(session: Session, day: date, moment: str, service: str = "老年证") -> Slot:
    starts = clock.at(day, time.fromisoformat(moment))
    found = session.scalar(
        select(Slot).join(Slot.service).where(Service.name == service, Slot.starts == starts)
    )
    assert found is not None, f"no {service} on {day} at {moment}"
    return found


def fill(town: Town, day: date, *moments: str, service: str = "老年证") -> None:
    """Strangers take every seat of these times; whoever was still choosing one has been too slow."""

    def unit(session: Session) -> None:
        session.execute(update(SeatHold).values(until=clock.now()))
        for moment in moments:
            slot = slot_at(session, day, moment, service)
            for seat in range(slot.free):
                stranger = town.phone(f"路人{service}{day}{moment}{seat}").actor(session)
                contact = Contact("路人", "13900000000", "1号楼101")
                actions.book(stranger, slot, contact=contact)

    town.writing(unit)


def only(town: Town) -> Appointment:
    """The one appointment there is."""
    with town.reading() as session:
        found = session.scalars(select(Appointment)).one()
        session.expunge_all()
    return found


def messages(town: Town, kind: str) -> list[OutboxRow]:
    with town.reading() as session:
        found = select(OutboxRow).where(OutboxRow.kind == f"appointments.{kind}").order_by(OutboxRow.id)
        rows = list(session.scalars(found))
        session.expunge_all()
    return rows


def sound(town: Town) -> bool:
    """Whether both promises hold: seats equal appointments (I1), one place each (I2)."""
    with town.reading() as session:
        broken = [*seats_equal_appointments(session), *one_place_each(session)]
    assert not broken, broken
    return True


def booked(town: Town, day: Any = TUESDAY, moment: str = "09:00", name: str = "马秀兰") -> int:
    def unit(session: Session) -> int:
        made = actions.book(town.phone(name).actor(session), slot_at(session, day, moment), contact=KNOWN)
        return made.id

    return town.writing(unit)


def get(session: Session, number: int) -> Appointment:
    found = session.get(Appointment, number)
    assert found is not None
    return found


def refusal(code: str) -> AbstractContextManager[pytest.ExceptionInfo[Refusal]]:
    """What follows is refused with this code of the feature."""
    return pytest.raises(Refusal, match=rf"^appointments\.{code}$")
