"""What tests of the hall start from: services with windows, clerks who sit at them, and what is on file afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.hall import actions
from models.hall import hold_day, new_code, one_clerk_each
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.plans import Service
from models.staff import StaffMember
from models.tickets import Ticket, one_number_each, states_are_whole
from models.windows import HallWindow
from tests.appointments.desk import opened
from tests.neighbours import Town


def hall(town: Town, *names: str, window: str = "2号窗口", **facts: Any) -> list[int]:
    """Open services of half hours, 9 to 11, all done at one window; their ids."""
    ids = [opened(town, name=name, window=window, **facts) for name in names or ("老年证",)]

    def unit(session: Session) -> None:
        services = [session.get_one(Service, number) for number in ids]
        actions.add_window(staff(session), name=window, services=services)

    town.writing(unit)
    return ids


def staff(session: Session, login: str = "li", name: str = "李红") -> Actor:
    one = session.scalar(select(StaffMember).where(StaffMember.login == login))
    if one is None:
        one = StaffMember(login=login, name=name, roles=["desk"])
        session.add(one)
        session.flush()
    return Actor(session, staff=one, channel="console")


def walk_in(town: Town, service: int) -> int:
    """A number from the desk; the number itself."""

    def unit(session: Session) -> int:
        return actions.take_number(staff(session), session.get_one(Service, service)).number

    return town.writing(unit)


def number_of(town: Town, service: int, whose: Callable[[Session], Person]) -> int:
    """Somebody's number, whatever the hour is; its id."""

    def unit(session: Session) -> int:
        day = hold_day(session)
        day.last_number += 1
        facts = {"code": new_code(session), "person": whose(session), "channel": "chat"}
        row = Ticket(service_id=service, day=day.day, number=day.last_number, **facts)
        session.add(row)
        session.flush()
        return row.id

    return town.writing(unit)


def sits(town: Town, window: str = "2号窗口", login: str = "li") -> None:
    def unit(session: Session) -> None:
        place = session.scalars(select(HallWindow).where(HallWindow.name == window)).one()
        actions.sit_down(staff(session, login), place)

    town.writing(unit)


def calls(town: Town, window: str = "2号窗口", login: str = "li", *, ended: bool = True) -> int:
    """The next one is called at this window; whoever stood there is done."""

    def unit(session: Session) -> int:
        by = staff(session, login)
        place = session.scalars(select(HallWindow).where(HallWindow.name == window)).one()
        here = session.scalar(select(Ticket).where(Ticket.state == "called", Ticket.window_id == place.id))
        if here is not None and ended:
            actions.finish(by, here, "done")
        return actions.call_next(by, place).number

    return town.writing(unit)


def states(town: Town) -> dict[int, str]:
    with town.reading() as session:
        return {row.number: row.state for row in session.scalars(select(Ticket).order_by(Ticket.number))}


def ticket(session: Session, number: int) -> Ticket:
    return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def told(town: Town, kind: str) -> list[OutboxRow]:
    with town.reading() as session:
        rows = list(
            session.scalars(select(OutboxRow).where(OutboxRow.kind == f"hall.{kind}").order_by(OutboxRow.id))
        )
        session.expunge_all()
    return rows


def sound(town: Town) -> bool:
    with town.reading() as session:
        broken = [*one_number_each(session), *states_are_whole(session), *one_clerk_each(session)]
    assert not broken, broken
    return True
