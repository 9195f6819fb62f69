"""Rows that come by a prepared statement are as the ORM would have loaded them, whatever is done with them then."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from models.appointments import Appointment
from models.base import Base
from models.booking_holds import SeatHold
from models.identity import Identity
from models.plans import Service, open_services, services_to_choose
from models.rows import Rows, get
from models.slots import Slot
from tests.appointments.desk import TUESDAY, opened, slot_at
from tests.neighbours import Town


def by_hand(row: Base) -> dict[str, object]:
    return {name.key: getattr(row, name.key) for name in row.__mapper__.column_attrs}


def test_a_row_brings_along_what_its_class_always_brings(town: Town, monday: Any) -> None:
    opened(town)

    def unit(session: Session) -> None:
        time = slot_at(session, TUESDAY, "09:00")
        number, values, service = time.id, by_hand(time), by_hand(time.service)
        session.expunge_all()
        row = get(session, Slot, number)
        assert row is not None
        assert by_hand(row) == values
        assert "service" in vars(row)
        assert by_hand(row.service) == service
        assert row.service.hours  # what it does not bring is loaded when it is looked at
        assert not session.dirty

    town.writing(unit)


def test_what_the_session_has_is_not_made_twice_and_what_is_changed_is_written(
    town: Town, monday: Any
) -> None:
    opened(town)

    def unit(session: Session) -> int:
        time = slot_at(session, TUESDAY, "09:00")
        assert get(session, Slot, time.id) is time
        time.capacity = 7
        assert get(session, Slot, time.id) is time
        assert time.capacity == 7
        assert get(session, Slot, -1) is None
        return time.id

    number = town.writing(unit)

    def change(session: Session) -> None:
        row = get(session, Slot, number)
        assert row is not None
        assert row.capacity == 7
        row.capacity = 8

    town.writing(change)
    with town.reading() as session:
        assert session.get_one(Slot, number).capacity == 8


def test_a_tie_that_may_be_empty_is_empty(town: Town) -> None:
    @Rows
    def mine() -> Select[Appointment]:
        return select(Appointment).where(Appointment.person_id == bindparam("person"))

    town.phone("马兰").says("您好")

    def unit(session: Session) -> None:
        person = session.scalars(select(Identity.person_id)).first()
        assert mine.all(session, person=person) == []
        assert mine.first(session, person=person) is None
        assert get(session, SeatHold, person, fresh=True) is None

    town.writing(unit)


def test_a_list_that_is_asked_by_name_is_the_list(town: Town, monday: Any) -> None:
    for name in ("老年证", "理发", "居住证"):
        opened(town, name=name)
    with town.reading() as session:
        all_of_them = list(session.scalars(open_services()))
        listed = services_to_choose()
        assert [*listed.page(session, 0, 2), *listed.page(session, 2, 50)] == all_of_them
        assert listed.one(session, all_of_them[1].id) is all_of_them[1]
        session.get_one(Service, all_of_them[1].id).is_open = False
        session.flush()
        assert listed.one(session, all_of_them[1].id) is None
