"""A town whose leaders receive by video on Thursdays, one room, two leaders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.identity import Actor
from models.petitions import Petition
from models.petitions_clock import install_first_rules
from models.petitions_plan import ReceptionPlan, fill_times
from models.resources import Resource
from scheduler.timetable import timetable
from tests.neighbours import Phone, Town, frozen
from tests.staff.clerks import Clerk, clerk

MATTER = "拆迁补偿款三年没有到账,找了四次没人理"
TODAY = "2026-11-26 09:00"


@pytest.fixture(autouse=True)
def thursday() -> Iterator[None]:
    with frozen(TODAY):
        yield


def receives(town: Town, *, times: int = 2, leaders: tuple[str, ...] = ("李副区长",)) -> None:
    """Each Thursday from the next one on, from nine: `times` of half an hour, with a quarter for testing the link."""

    def unit(session: Session) -> None:
        install_first_rules(session)
        room = Resource(kind="room", name="视频室", buffer_minutes=15)
        people = [Resource(kind="person", name=name) for name in leaders]
        session.add_all([room, *people])
        session.flush()
        for number, person in enumerate(people):
            row = ReceptionPlan(
                weekday=3,
                first_day=date(2026, 12, 3),
                opens=time(9 + 4 * number),
                minutes=30,
                count=times,
                room_id=room.id,
                leader_id=person.id,
            )
            session.add(row)
        session.flush()
        fill_times(session)

    town.writing(unit)


def books(phone: Phone, words: str = MATTER, *, way: str = "2", time_: str = "1") -> str:
    """The whole talk; the last answer."""
    phone_of_theirs = ["13997110001"] if way == "1" else []
    return phone.says("约接访", way, words, "1", "1", "1", *phone_of_theirs, time_, "1")


def petitions(town: Town) -> list[Petition]:
    with town.site.confidential.reading() as session:
        found = session.scalars(select(Petition).where(Petition.state != "draft").order_by(Petition.id)).all()
        for one in found:
            session.refresh(one, ["steps", "views", "papers", "promises"])
        session.expunge_all()
        return list(found)


def runs(town: Town, job: str) -> str:
    found = timetable(town.site)[f"petitions.{job}"]
    return town.writing(lambda session: found.run(Actor(session, channel="job")))


@pytest.fixture
def sun(sqlite_town: Town) -> Clerk:
    receives(sqlite_town)
    return clerk(sqlite_town, "petitions", login="sun", name="孙专员")
