"""A leader's phone without a browser: its link, its secret, its clock, and a queue of what it has noted."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import clock
from handlers.activities import actions as activities
from handlers.volunteers import offline
from models.activities import ActivitySession
from models.device_clock import milliseconds
from models.identity import Person
from models.leader_devices import LeaderDevice
from models.volunteers import Attendance
from tests.activities.plans import house, on_file
from tests.neighbours import Phone, Town


def link_for(town: Town, number: int, leader: Phone) -> str:
    """The link that this resident who leads is given."""

    def unit(session: Session) -> str:
        return offline.make_link(leader.actor(session), session.get_one(ActivitySession, number)).link

    return town.writing(unit)


@dataclass(frozen=True)
class Device:
    id: int
    link: str
    secret_index: str | None


def device(town: Town, number: int) -> Device:
    """The newest link of a session."""
    with town.reading() as session:
        newest = (
            select(LeaderDevice).where(LeaderDevice.session_id == number).order_by(LeaderDevice.id.desc())
        )
        found = session.scalars(newest.limit(1)).one()
        return Device(found.id, found.link, found.secret_index)


def signed_up(town: Town, number: int, *names: str) -> list[int]:
    """These neighbours are on the list; their ids."""
    made = []
    for at, name in enumerate(names):
        who = on_file(town, town.phone(name), name, f"139000{number:02}{at:03}"[:11])

        def unit(session: Session, who: int = who) -> int:
            held = session.get_one(ActivitySession, number)
            activities.admit(house(session), held, session.get_one(Person, who))
            return who

        made.append(town.writing(unit))
    return made


@dataclass
class LeadersPhone:
    """`wrong` is how far its clock is off; `moments` passed since its page was opened."""

    town: Town
    number: int
    link: str
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    wrong: timedelta = timedelta()
    off: int = 0
    queue: list[dict[str, Any]] = field(default_factory=list)
    load: str = "0000abcd"
    opened: datetime = field(default_factory=clock.now)

    def clocks(self) -> dict[str, Any]:
        steady = int((clock.now() - self.opened) / timedelta(milliseconds=1))
        return {"at": milliseconds(clock.now() + self.wrong), "steady": steady, "load": self.load}

    def notes(self, way: str = "in", person: int | None = None, **told: Any) -> str:
        """Something noted without a network; its nonce."""
        record = {"nonce": secrets.token_hex(16), "way": way, "off": self.off, **self.clocks(), **told}
        if person is not None:
            record["person"] = person
        self.queue.append(record)
        return str(record["nonce"])

    def asks(self, what: str, body: Any = None, secret: str | None = None) -> TestResponse:
        headers = {"Authorization": f"Leader {self.link} {secret or self.secret}"}
        path = f"/h5/offline/{self.number}/{what}"
        return self.town.client.post(path, json=body if body is not None else {}, headers=headers)

    def takes_the_list(self) -> Any:
        answer = self.asks("roster")
        assert answer.status_code == 200, answer.text
        self.off = answer.json["now"] - self.clocks()["at"]
        return answer.json

    def brings(self, records: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """nonce → what became of it. The queue stays as it is, as if the answer had been lost."""
        told = self.clocks()
        batch = {"now": told.pop("at"), **told, "records": self.queue if records is None else records}
        answer = self.asks("sync", batch)
        assert answer.status_code == 200, answer.text
        return {one["nonce"]: one for one in answer.json["results"]}

    def kinds(self) -> list[str]:
        found = self.brings()
        return [found[one["nonce"]]["kind"] for one in self.queue]


def stays(town: Town) -> list[tuple[int | None, int, int | None, tuple[str, ...]]]:
    """(person, came, minutes, flags) of every stay; the instant in minutes of the community's day."""
    with town.reading() as session:
        rows = session.scalars(select(Attendance).order_by(Attendance.person_id, Attendance.came_at))
        return [(row.person_id, _minute(row.came_at), row.minutes, tuple(sorted(row.flags))) for row in rows]


def _minute(at: datetime) -> int:
    there = clock.local(at)
    return there.hour * 60 + there.minute
