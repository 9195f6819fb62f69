"""By which road each of many people can be reached, decided in one statement: the best that WeChat still allows.

Customer service needs a window that is still open when it begins, and leaves some for an answer. A mass message
to openids is one of four in a calendar month for each person, counted from our own rows. Paper is a knock at the door
of whoever has one on file. Followers who never joined get only what an account sends to its followers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.allowance import AFTER_WORDS, ANSWERS, BY_CUSTOMER_SERVICE, KEPT_FOR_ANSWERS, WORDS_WINDOW
from models.broadcasts import Broadcast, BroadcastCall, BroadcastRecipient
from models.grants import people_with
from models.households import HouseholdMember
from models.identity import Identity, Person
from models.outbox import OutboxRow

PER_MONTH, POSTS_A_DAY = 4, 1
FEWEST_BY_MASS = 2  # WeChat refuses a mass message to one (40130)
ENDED_WITHOUT = ("failed", "cancelled", "expired")


@dataclass(frozen=True, slots=True)
class Means:
    """What this installation can do: its hours, its speed, and which of its apps ("oa:main") has which road. `posts`
    are accounts whose one mass message a day goes to all followers, or to none; `templates` those that speak for a
    broadcast on the roads of subscriptions (none named: any). `offices` are phone numbers, `hosts` sites, that may
    stand in every notice."""

    quiet_from: time = time(21)
    quiet_until: time = time(8)
    per_second: int = 50
    custom: tuple[str, ...] = ("oa:main",)
    mass: tuple[str, ...] = ("oa:main",)
    posts: tuple[str, ...] = ()
    templates: Mapping[str, Sequence[str]] = field(default_factory=dict)
    offices: Collection[str] = ()
    hosts: Collection[str] = ()


USUAL = Means()


def usable(
    session: Session, people: Select[int], roads: Collection[str], means: Means, begins: datetime
) -> Means:
    """Those of the means that serve these people: accounts that enough of them follow, and those that write to all of
    their followers when all are meant."""
    if "mass" not in roads:
        return replace(means, mass=(), posts=())
    mass = _followed_by_enough(session, people, means.mass)
    return replace(means, mass=mass, posts=_open_posts(session, people, means, begins))


def with_roads(people: Select[int], roads: Collection[str], means: Means, begins: datetime) -> Select[Any]:
    """(person_id, road) of everybody in `people`, by what is `usable`; the road is None where there is none."""
    ways = {
        "custom": _window_is_open(means, begins),
        "notice": _has_allowed(means, "notice"),
        "mini": _has_allowed(means, "mini"),
        "mass": _may_get_mass(means, begins),
        "paper": _has_a_door(),
    }
    best = case(*((rule, road) for road, rule in ways.items() if road in roads), else_=None)
    return people.with_only_columns(Person.id.label("person_id"), best.label("road"))


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


def _has_allowed(means: Means, road: str) -> ColumnElement[bool]:
    return and_(Person.joined_at.is_not(None), Person.id.in_(people_with(road, means.templates.get(road))))


def _may_get_mass(means: Means, begins: datetime) -> ColumnElement[bool]:
    by_openid = and_(_follows(means.mass), Person.id.not_in(had_all_of_the_month(begins)))
    return or_(by_openid, _follows(means.posts))


def _follows(apps: Collection[str]) -> ColumnElement[bool]:
    mine = Identity.person_id == Person.id, Identity.app.in_(apps), Identity.following
    return exists().where(*mine).correlate(Person)


def _has_a_door() -> ColumnElement[bool]:
    home = exists().where(HouseholdMember.person_id == Person.id, HouseholdMember.until.is_(None))
    placed = or_(Person.place_id.is_not(None), home.correlate(Person))
    return and_(Person.joined_at.is_not(None), placed)


def _followed_by_enough(session: Session, people: Select[int], apps: Collection[str]) -> tuple[str, ...]:
    """Those accounts that at least two of these people follow."""
    found = []
    for app in apps:
        follow = Identity.app == app, Identity.following, Identity.person_id == Person.id
        some = people.where(exists().where(*follow).correlate(Person)).limit(FEWEST_BY_MASS)
        if len(session.scalars(some).all()) == FEWEST_BY_MASS:
            found.append(app)
    return tuple(found)


# ---- one a day, to all -----------------------------------------------------------------------------------------------


def _open_posts(session: Session, people: Select[int], means: Means, begins: datetime) -> tuple[str, ...]:
    """Where these people are all who follow the account, and the day is free."""
    return tuple(
        app
        for app in means.posts
        if not left_out(session, people, app) and posted_on(session, app, begins) < POSTS_A_DAY
    )


def left_out(session: Session, people: Select[int], app: str) -> int:
    """How many follow this account and are not meant."""
    theirs = Identity.app == app, Identity.following, Identity.person_id.not_in(people)
    return session.scalar(select(func.count()).select_from(Identity).where(*theirs)) or 0


def posted_on(session: Session, app: str, instant: datetime) -> int:
    """Messages to all of that day that have left this account, or will."""
    start, end = day_of(instant)
    on_that_day = BroadcastCall.due >= start, BroadcastCall.due < end
    sent = BroadcastCall.kind == "mass_all", BroadcastCall.state.not_in(ENDED_WITHOUT)
    mine = (
        select(func.count()).select_from(BroadcastCall).where(BroadcastCall.app == app, *sent, *on_that_day)
    )
    return session.scalar(mine) or 0


def day_of(instant: datetime) -> tuple[datetime, datetime]:
    """The community's day, from and to."""
    day = clock.local(instant).date()
    return clock.at(day, time()), clock.at(day + timedelta(days=1), time())


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
