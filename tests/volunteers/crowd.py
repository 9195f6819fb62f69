"""A session with many people on its list, in the database of a house that runs elsewhere: for kill tests and benchmarks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from sqlalchemy.orm import Session

from app import clock
from app.site import Site
from handlers.activities.actions import plan_activity, plan_session
from handlers.people.actions import join
from handlers.volunteers import offline
from models.activities import ActivitySession, Enrolment
from models.device_clock import milliseconds
from models.identity import Actor, Identity, Person

AT_ONCE = 100


@dataclass(frozen=True)
class Crowd:
    """`people` are (person, identity) in the order of their openids `o…`."""

    number: int
    link: str
    people: list[tuple[int, int]]


def openid(number: int) -> str:
    return f"o{number:027}"


def gather(site: Site, many: int) -> Crowd:
    """So many people on the list of a session that began an hour ago, and a leader's link. A hundred in a unit."""
    number, link = site.database.writing(_session)
    people: list[tuple[int, int]] = []
    for first in range(0, many, AT_ONCE):
        wanted = range(first, min(many, first + AT_ONCE))
        people += site.database.writing(lambda s, wanted=wanted: [_comes(s, number, one) for one in wanted])
    site.database.writing(lambda s: setattr(s.get_one(ActivitySession, number), "taken", many))
    return Crowd(number, link, people)


def _session(session: Session) -> tuple[int, str]:
    by, now, leader = Actor(session, channel="job"), clock.now(), Person()
    session.add(leader)
    session.flush()
    join(Actor(session, leader, channel="page"), name="张河长", phone="13900000099")
    made = plan_activity(by, title="河道清洁", sentence="一起来。", place="湟水河步道", leader=leader)
    times = {"starts": now - timedelta(hours=1), "ends": now + timedelta(hours=2)}
    held = plan_session(by, made, **times, capacity=1000)
    return held.id, offline.make_link(Actor(session, leader, channel="page"), held).link


def _comes(session: Session, number: int, at: int) -> tuple[int, int]:
    person = Person()  # nobody is known by name who has not agreed
    identity = Identity(kind="oa", app="oa:main", openid=openid(at), person=person, following=True)
    session.add_all([identity, Enrolment(session_id=number, person=person)])
    session.flush()
    return person.id, identity.id


class Phone:
    """A leader's phone that brings what it noted to a house that may be killed: what is not in an answer is sent again."""

    def __init__(self, web: str, crowd: Crowd) -> None:
        self.web, self.crowd, self.secret = web, crowd, secrets.token_hex(32)
        self.queue: list[dict[str, Any]] = []
        self.settled: dict[str, str] = {}

    def notes(self, way: str, person: int, minutes_ago: float) -> None:
        at = milliseconds(clock.now() - timedelta(minutes=minutes_ago))
        record = {"nonce": secrets.token_hex(16), "way": way, "person": person, "at": at}
        self.queue.append(record | {"steady": 0, "load": "0000000a", "off": 0})

    def asks(self, what: str, body: Any, patience: float = 60) -> requests.Response:
        headers = {"Authorization": f"Leader {self.crowd.link} {self.secret}"}
        address = f"{self.web}/h5/offline/{self.crowd.number}/{what}"
        return requests.post(address, json=body, headers=headers, timeout=patience)

    def brings(self, at_once: int) -> bool:
        """One request; whether something is left."""
        left = [one for one in self.queue if one["nonce"] not in self.settled][:at_once]
        batch = {"now": milliseconds(clock.now()), "steady": 0, "load": "0000000b", "records": left}
        answer = self.asks("sync", batch)
        if answer.status_code == 200:
            self.settled |= {one["nonce"]: one["kind"] for one in answer.json()["results"]}
        return len(self.settled) < len(self.queue)
