"""By which road each of many people can be reached, decided in one statement: the best that WeChat still allows.

Customer service needs a window that is still open when it begins, and leaves one message for an answer. A mass message
to openids is one of four in a calendar month for each person, counted from our own rows. Paper is a knock at the door
of whoever has one on file. Followers who never joined get only what an account sends to its followers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.allowance import AFTER_WORDS, ANSWERS, BY_CUSTOMER_SERVICE, WORDS_WINDOW
from models.broadcasts import Broadcast, BroadcastCall, BroadcastRecipient
from models.grants import people_with
from models.households import HouseholdMember
from models.identity import Identity, Person
from models.outbox import OutboxRow

PER_MONTH = 4
FEWEST_BY_MASS = 2  # WeChat refuses a mass message to one (40130)
KEPT_FOR_ANSWERS = 1
ENDED_WITHOUT = ("failed", "cancelled", "expired")


@dataclass(frozen=True, slots=True)
class Means:
    """What this installation can do: its hours, its speed, and which of its apps ("oa:main") has which road. `posts`
    are accounts whose one mass message a day goes to all followers, or to none."""

    quiet_from: time = time(21)
    quiet_until: time = time(8)
    per_second: int = 50
    custom: tuple[str, ...] = ("oa:main",)
    mass: tuple[str, ...] = ("oa:main",)
    posts: tuple[str, ...] = ()
    publishes: bool = True
    offices: Collection[str] = field(default=())


USUAL = Means()


def with_roads(
    session: Session, people: Select[int], roads: Collection[str], means: Means, begins: datetime
) -> Select[Any]:
    """(person_id, road) of everybody in `people`; the road is None where there is none."""
    ways = {
        "custom": _window_is_open(means, begins),
        "notice": _has_allowed("notice"),
        "mini": _has_allowed("mini"),
        "mass": _may_get_mass(_mass_apps(session, people, means), begins),
        "paper": _has_a_door(),
    }
    best = case(*((rule, road) for road, rule in ways.items() if road in roads), else_=None)
    return select(Person.id.label("person_id"), best.label("road")).where(Person.id.in_(people))


def _window_is_open(means: Means, begins: datetime) -> ColumnElement[bool]:
    gone = and_(
        OutboxRow.road == BY_CUSTOMER_SERVICE,
        OutboxRow.first_sent_at >= Identity.spoke_at,
        OutboxRow.state.in_(("sending", "submitted", "delivered", "unknown")),
    )
    about_to = and_(OutboxRow.state == "waiting", OutboxRow.kind.in_(ANSWERS))
    left = select(func.count()).where(OutboxRow.person_id == Person.id, or_(gone, about_to))
    used = left.correlate(Person, Identity).scalar_subquery()
    spoke = Identity.spoke_at > begins - WORDS_WINDOW
    mine = Identity.person_id == Person.id, Identity.app.in_(means.custom), Identity.following
    room = used < AFTER_WORDS - KEPT_FOR_ANSWERS
    return and_(Person.joined_at.is_not(None), exists().where(*mine, spoke, room).correlate(Person))


def _has_allowed(road: str) -> ColumnElement[bool]:
    return and_(Person.joined_at.is_not(None), Person.id.in_(people_with(road)))


def _may_get_mass(apps: Collection[str], begins: datetime) -> ColumnElement[bool]:
    mine = Identity.person_id == Person.id, Identity.app.in_(apps), Identity.following
    return and_(exists().where(*mine).correlate(Person), Person.id.not_in(had_all_of_the_month(begins)))


def _has_a_door() -> ColumnElement[bool]:
    home = exists().where(HouseholdMember.person_id == Person.id, HouseholdMember.until.is_(None))
    placed = or_(Person.place_id.is_not(None), home.correlate(Person))
    return and_(Person.joined_at.is_not(None), placed)


def _mass_apps(session: Session, people: Select[int], means: Means) -> list[str]:
    """Those accounts that enough of these people follow."""
    follow = Identity.app.in_(means.mass), Identity.following, Identity.person_id.in_(people)
    counted = select(Identity.app, func.count()).where(*follow).group_by(Identity.app)
    return [app for app, count in session.execute(counted) if count >= FEWEST_BY_MASS]


# ---- four in a calendar month ----------------------------------------------------------------------------------------


def month_of(instant: datetime) -> tuple[datetime, datetime]:
    """The community's calendar month, from and to."""
    first = clock.local(instant).date().replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return clock.at(first, time()), clock.at(following, time())


def mass_in_month(instant: datetime) -> Select[Any]:
    """(person_id) once for each mass message that somebody got in that month, or will."""
    start, end = month_of(instant)
    ended = select(BroadcastCall.id).where(BroadcastCall.state.in_(ENDED_WITHOUT))
    lost = and_(BroadcastRecipient.call_id.is_not(None), BroadcastRecipient.call_id.in_(ended))
    return (
        select(BroadcastRecipient.person_id)
        .join(Broadcast, Broadcast.id == BroadcastRecipient.broadcast_id)
        .where(Broadcast.begins_at >= start, Broadcast.begins_at < end)
        .where(BroadcastRecipient.road == "mass", BroadcastRecipient.state.in_(("queued", "call")))
        .where(BroadcastRecipient.person_id.is_not(None), ~lost)
    )


def had_all_of_the_month(instant: datetime) -> Select[Any]:
    each = mass_in_month(instant).group_by(BroadcastRecipient.person_id)
    return each.having(func.count() >= PER_MONTH)
