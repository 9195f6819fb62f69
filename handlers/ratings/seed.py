"""Invented ratings: one service with enough of them to be shown, one with too few, and a visit that waits."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.ratings import actions, seed_diary
from models.identity import Actor, Person
from models.people import residents
from models.plans import Service
from models.ratings import TOKEN_LIVES, RatingToken

# (face, weeks ago, words)
ENOUGH = (
    *((3, weeks, "") for weeks in (0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 5, 5, 5)),
    *((2, weeks, "") for weeks in (3, 3, 5, 5)),
    (3, 0, "姑娘很耐心,表都帮我填好了"),
    (2, 0, "椅子少,老人站着等"),
    (3, 0, "轮椅能直接推到窗口,好"),
    (2, 1, "等了一个小时,能不能多开一个窗口"),
    (3, 1, "写的要带什么,一次就办成了"),
    (1, 2, "跑了两趟,第一次没说要带户口本"),
)
FEW = ((3, 0, ""), (2, 1, ""))


def seed(session: Session) -> None:
    people = list(session.scalars(residents().order_by(Person.id)))
    services = list(session.scalars(select(Service).where(Service.discreet_name.is_(None)).limit(3)))
    if not people or len(services) < 3:
        return
    for service, rated in zip(services, (ENOUGH, FEW), strict=False):
        for position, (face, weeks, words) in enumerate(rated):
            by = Actor(session, people[position % len(people)], channel="job")
            row = actions.rate(
                by, _token(session, by.me, service, f"seed:{service.id}:{position}"), face, words
            )
            row.week -= timedelta(weeks=weeks)
    seed_diary.seed(session)
    for person in people[:2]:
        _token(session, person, services[2], f"seed:open:{person.id}")


def _token(session: Session, person: Person, service: Service, source: str) -> RatingToken:
    facts = {"subject": f"service:{service.id}", "title": service.name, "at": clock.today()}
    token = RatingToken(
        source=source, person=person, state="open", until=clock.today() + TOKEN_LIVES, **facts
    )
    session.add(token)
    session.flush()
    return token
