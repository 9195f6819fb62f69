"""A Thursday in the circle: a barber, a plumber with his papers, a place by its name, and who lives there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments.planning import open_service
from handlers.circle import providing
from handlers.circle.essentials import install
from handlers.circle.providing import Works
from handlers.people import actions as people
from models.circle import Provider, lapsed_are_hidden
from models.circle_jobs import HomeJob, nobody_unlicensed, one_answers_until, time_is_held
from models.circle_places import Landmark
from models.identity import Actor
from models.outbox import OutboxRow
from models.plans import Service
from models.refusal import Refusal
from models.resources import one_at_a_time
from tests.neighbours import Phone, Town, frozen

DAY = [(time(9), time(12)), (time(14), time(18))]
EVERY_DAY = dict.fromkeys(range(7), DAY)
HERE = (36.6180, 101.7921)


@pytest.fixture
def thursday() -> Iterator[time_machine.Coordinates]:
    """Thursday the 26th of November 2026, nine o'clock."""
    with frozen("2026-11-26 09:00") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town, thursday: Any) -> Phone:
    return joined(sqlite_town, "马秀兰", "13900000001")


def house(session: Session) -> Actor:
    return Actor(session, channel="job")


def joined(town: Town, name: str, phone: str) -> Phone:
    one = town.phone(name)
    town.writing(lambda s: people.join(one.actor(s), name=name, phone=phone))
    return one


def a_service(town: Town, name: str = "水电维修", weekly: Any = None, **facts: Any) -> int:
    """A service of the circle; its id."""
    usual = {"kind": "circle", "summary": "师傅上门。", "place": "维修点", "provider": "师傅"}
    usual |= {"phone": "0971-8170012", "minutes": 60, "keeps_office_days": False}
    usual |= {"lat": 36.6189, "lng": 101.7921}
    return town.writing(
        lambda s: open_service(house(s), weekly or EVERY_DAY, **usual | {"name": name} | facts)
    ).id


def a_provider(
    town: Town,
    name: str = "李师傅",
    *,
    does: tuple[int, ...] = (),
    at_home: bool = True,
    until: date | None = None,
    weekly: Any = None,
    **facts: Any,
) -> int:
    """Somebody who does these services at the door, every day; their id."""

    def unit(session: Session) -> int:
        by = house(session)
        row = providing.take_in(by, **{"name": name, "phone": "13900002001"} | facts)
        providing.set_hours(by, row, EVERY_DAY if weekly is None else weekly)
        if until is not None:
            providing.add_licence(by, row, name="电工证", number="DG-1", valid_until=until)
        providing.set_works(by, row, Works(does, does if at_home else ()))
        return row.id

    return town.writing(unit)


def a_landmark(town: Town, name: str = "东府佳苑", lat: float = HERE[0], lng: float = HERE[1]) -> None:
    town.writing(lambda s: s.add(Landmark(name=name, also_called=[], lat=lat, lng=lng)))


def lines(town: Town) -> None:
    town.writing(install)


def sent(town: Town, kind: str) -> list[OutboxRow]:
    with town.reading() as session:
        found = list(session.scalars(select(OutboxRow).where(OutboxRow.kind == kind).order_by(OutboxRow.id)))
        for row in found:
            _ = row.facts
        session.expunge_all()
        return found


def provider(session: Session, number: int) -> Provider:
    return session.get_one(Provider, number)


def service(session: Session, number: int) -> Service:
    return session.get_one(Service, number)


def refused(code: str) -> Any:
    return pytest.raises(Refusal, match=rf"^{code}$")


def days(count: int) -> date:
    return clock.today() + timedelta(days=count)


def linked(town: Town, number: int, name: str = "李存福", phone: str = "13900002001") -> Phone:
    """The WeChat of this provider."""
    one = joined(town, name, phone)
    code = town.writing(lambda s: providing.issue_link(house(s), provider(s, number)))
    assert "绑好了" in one.says(f"师傅 {code}")
    return one


def jobs_in(town: Town) -> list[HomeJob]:
    with town.reading() as session:
        rows = list(session.scalars(select(HomeJob).order_by(HomeJob.id)))
        for row in rows:
            _ = row.service and row.service.name, row.provider and row.provider.name
        session.expunge_all()
        return rows


def sound(town: Town) -> list[str]:
    """What must always hold of the circle and of everybody's time."""
    with town.reading() as session:
        return [
            *lapsed_are_hidden(session),
            *one_answers_until(session),
            *nobody_unlicensed(session),
            *time_is_held(session),
            *one_at_a_time(session),
        ]
