"""Shifts for tests of hours: somebody was there from nine to eleven, and what becomes of their record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.hours.jobs import post
from handlers.volunteers import actions as volunteers
from models.activities import ActivitySession
from models.hours import ServiceHours
from models.identity import Actor, Person
from models.ledger import account_of
from models.refusal import Refusal
from models.staff import StaffMember, member_by_login
from models.volunteers import Way
from tests.activities.plans import a_session, house, wall
from tests.neighbours import Phone, Town, frozen

SHIFT_OVER = "2026-11-23 11:40"
IN_THE_WINDOW = "2026-11-25 09:00"
WINDOW_OVER = "2026-11-27 09:00"
Acts = Callable[..., Any]


def scan(town: Town, phone: Phone, number: int, way: Way, at: str) -> str:
    """The leader's queue says that this neighbour came or went at this wall-clock time."""

    def unit(session: Session) -> str:
        held = session.get_one(ActivitySession, number)
        person = phone.actor(session).me
        nonce = f"{way}:{at}:{person.id}"
        return volunteers.tick(house(session), held, person, way, nonce=nonce, occurred_at=wall(at)).kind

    return town.writing(unit)


def was_there(
    town: Town, phone: Phone, number: int, came: str = "2026-11-23 09:00", left: str = "2026-11-23 11:00"
) -> None:
    """Seen in and out by the leader; the clock must stand later."""
    scan(town, phone, number, "in", came)
    scan(town, phone, number, "out", left)


def a_shift(town: Town, *phones: Phone, leader: Phone | None = None, **how: Any) -> int:
    """A session that is over and closed, at which these were from nine to eleven; its id."""
    with frozen(SHIFT_OVER):
        number = a_session(town, leader=leader, **how)
        for phone in phones:
            was_there(town, phone, number)
        close(town, number)
    return number


def close(town: Town, number: int) -> None:
    town.writing(
        lambda session: volunteers.close_session(house(session), session.get_one(ActivitySession, number))
    )


def desk(session: Session, login: str = "wang") -> Actor:
    """A member of the staff at the console."""
    member = member_by_login(session, login)
    if member is None:
        member = StaffMember(login=login, name=f"{login}干事", roles=["desk"])
        session.add(member)
        session.flush()
    return Actor(session, staff=member, channel="console")


def does(
    town: Town, act: Acts, phone: Phone, *said: Any, by: Phone | Callable[[Session], Actor] = desk
) -> str:
    """What becomes of this neighbour's first record when `by` acts on it: its state, or the code of the refusal."""

    def unit(session: Session) -> str:
        actor = by.actor(session) if isinstance(by, Phone) else by(session)
        act(actor, row_of(session, phone), *said)
        session.flush()
        return row_of(session, phone).state

    try:
        return town.writing(unit)
    except Refusal as why:
        return why.code


def row_of(session: Session, phone: Phone) -> ServiceHours:
    mine = ServiceHours.person_id == phone.actor(session).me.id
    rows = select(ServiceHours).where(mine).order_by(ServiceHours.id).limit(1)
    return session.scalars(rows.execution_options(populate_existing=True)).one()


def records(town: Town, phone: Phone | None = None) -> list[dict[str, Any]]:
    """What the records say, void ones too, the oldest first."""
    with town.reading() as session:
        rows = select(ServiceHours).order_by(ServiceHours.id)
        if phone is not None:
            mine = Person.id == phone.person(session).id
            rows = rows.join(Person, Person.id == ServiceHours.person_id).where(mine)
        names = ("id", "state", "minutes", "counted", "seen", "flags", "revision", "held_back")
        return [{name: getattr(row, name) for name in names} for row in session.scalars(rows)]


def the_record(town: Town, phone: Phone) -> dict[str, Any]:
    (one,) = records(town, phone)
    return one


def balance(town: Town, phone: Phone) -> int:
    with town.reading() as session:
        account = account_of(session, phone.person(session))
        return account.balance if account else 0


def posts(town: Town) -> str:
    """What the scheduler's job says of its round."""
    return town.writing(lambda session: post(house(session)))
