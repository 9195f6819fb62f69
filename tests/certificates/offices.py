"""A town in which hours stand in the time bank, and a proof of them at every stage."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import TypeVar

import time_machine
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.certificates import actions, files, issuing
from handlers.ledger import actions as ledger
from handlers.ledger.essentials import install
from handlers.people import actions as people
from models.certificates import Certificate
from models.hours import ServiceHours
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.staff import StaffMember
from tests.neighbours import Phone, Town

T = TypeVar("T")
ID_NUMBER = "11010519491231002X"
CHILD_ID = "11010520150307003X"
occasions = itertools.count(1)


def joined(town: Town, name: str = "马秀兰", phone: str = "13900000001") -> Phone:
    made = town.phone(name)

    def unit(session: Session) -> None:
        install(session)
        people.join(made.actor(session), name=name, phone=phone, purposes=("service", "volunteer"))

    town.writing(unit)
    return made


def gave(session: Session, person: Person, minutes: int, day: date, what: str = "阿娘巡逻队") -> ServiceHours:
    """Hours that stand: posted to the time bank."""
    house, number = Actor(session, channel="job"), next(occasions)
    transfer = ledger.post_hours(house, person, minutes, once=f"test:{number}", source=f"test:{number}")
    begins = clock.at(day, datetime.min.time()) + timedelta(hours=9)
    row = ServiceHours(
        person_id=person.id,
        source=f"test:{number}",
        what=what,
        place="东府佳苑",
        started_at=begins,
        ended_at=begins + timedelta(minutes=minutes),
        counted=minutes,
        minutes=minutes,
        state="posted",
        transfer_id=transfer.id,
    )
    session.add(row)
    session.flush()
    return row


def served(town: Town, phone: Phone, *stays: tuple[int, str], what: str = "阿娘巡逻队") -> list[int]:
    """(minutes, day) each; the numbers of the records."""

    def unit(session: Session) -> list[int]:
        person = phone.person(session)
        return [gave(session, person, minutes, date.fromisoformat(day), what).id for minutes, day in stays]

    return town.writing(unit)


def named_issuer(town: Town) -> None:
    values = {"issuer": "西宁市城东区互助中路社区居民委员会", "head": "张主任", "phone": "0971-5550000"}
    town.writing(lambda s: actions.change_terms(Actor(s, channel="job"), **values))


def does(town: Town, act: Callable[[Actor], T], *roles: str) -> T:
    """As a member of staff with these roles (made when missing)."""

    def unit(session: Session) -> T:
        login = f"s-{'-'.join(roles or ('desk',))}"
        staff = session.scalar(select(StaffMember).where(StaffMember.login == login))
        if staff is None:
            staff = StaffMember(login=login, name="王干事", roles=list(roles or ("desk",)))
            session.add(staff)
            session.flush()
        return act(Actor(session, staff=staff, channel="console"))

    return town.writing(unit)


def applied(
    town: Town, phone: Phone, *, posting: bool = True, since: date | None = None, until: date | None = None
) -> int:
    def unit(session: Session) -> int:
        row = actions.apply(phone.actor(session), posting=posting, since=since, until=until)
        session.flush()
        return row.id

    return town.writing(unit)


def checked(town: Town, number: int) -> None:
    does(town, lambda by: actions.check(by, by.session.get_one(Certificate, number)))


def over(town: Town) -> int:
    """Let the job look whose posting is over."""
    return town.writing(lambda s: actions.end_posting(Actor(s, channel="job")))


def printed(town: Town, number: int) -> None:
    does(town, lambda by: issuing.ask_for_paper(by, by.session.get_one(Certificate, number)))


def ready(town: Town, phone: Phone, moved: time_machine.Coordinates) -> int:
    number = applied(town, phone)
    checked(town, number)
    moved.shift(timedelta(days=7, minutes=1))
    assert over(town) == 1
    return number


def issued(town: Town, phone: Phone, moved: time_machine.Coordinates) -> int:
    number = ready(town, phone, moved)
    printed(town, number)
    does(town, lambda by: issuing.seal(by, by.session.get_one(Certificate, number), scan()))
    return number


def scan() -> bytes:
    """The sealed paper as a telephone takes it."""
    made = BytesIO()
    Image.new("RGB", (60, 80), "white").save(made, "JPEG")
    return made.getvalue()


def state(town: Town, number: int) -> str:
    with town.reading() as session:
        return session.get_one(Certificate, number).state


def with_id(town: Town, phone: Phone, number: str = ID_NUMBER) -> None:
    def unit(session: Session) -> None:
        by = phone.actor(session)
        files.write_id_number(by, by.me, "居民身份证", number)

    town.writing(unit)


def told(session: Session, phone: Phone) -> list[str]:
    """The kinds of message that wait for this neighbour about proofs, oldest first."""
    mine = OutboxRow.person_id == phone.person(session).id, OutboxRow.kind.startswith("certificates.")
    return list(session.scalars(select(OutboxRow.kind).where(*mine).order_by(OutboxRow.id)))
