"""What would happen if it were sent now: who gets it by which road, what that uses up, how long it takes, whom nobody
reaches. Worked out from facts that a few statements read; nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil

from sqlalchemy import Subquery, func, or_, select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.cards import all_maps, card_for
from app.site import Site
from app.wechat.capabilities import Capability, capabilities
from handlers.broadcasts.actions import begins_at
from handlers.broadcasts.testing import KIND
from models.audience import audience_of
from models.broadcasts import HOLD, ROADS, Broadcast, BroadcastCall, BroadcastRecipient
from models.households import Household, HouseholdMember
from models.identity import Person
from models.means import (
    PER_MONTH,
    POSTS_A_DAY,
    Means,
    day_of,
    left_out,
    mass_in_month,
    posted_on,
    usable,
    with_roads,
)
from models.outbox import OutboxRow
from models.places import Grid, Place
from models.programmes import Programme

# Calls a day that WeChat grants a new account (wechat.md 7.4, 14, 18.4); it grows with its followers.
A_DAY: Mapping[str, int] = {"custom": 500_000, "notice": 100_000, "mini": 10_000_000, "mass": 100}
PER_MASS_CALL = 10_000
MASS_CALLS_A_MINUTE = 60
SOON = HOLD + timedelta(minutes=1)  # later than that is because of the night
NUMBERS = re.compile(r"[0-9][0-9\- ]{5,}[0-9]")


@dataclass(frozen=True, slots=True)
class Line:
    """One road: how many people, how many calls, and how many calls of the day are used and granted."""

    road: str
    people: int
    calls: int
    used: int
    limit: int | None

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def days(self) -> int:
        """On how many days its calls fit."""
        if self.limit is None or self.left is None or self.calls <= self.left:
            return 1
        return 1 + ceil((self.calls - self.left) / self.limit)


@dataclass(frozen=True, slots=True)
class Month:
    """How many of the four of this calendar month whoever got most has had, and how many people have had all."""

    most: int
    full: int

    @property
    def left(self) -> int:
        return max(0, PER_MONTH - self.most)


@dataclass(frozen=True, slots=True)
class Posts:
    """An account whose one message a day goes to all who follow it, or to none."""

    app: str
    used: int
    left_out: int

    @property
    def usable(self) -> bool:
        return self.left_out == 0 and self.used < POSTS_A_DAY


@dataclass(frozen=True, slots=True)
class Plan:
    meant: int
    lines: Sequence[Line]
    unreached: int
    doors: Sequence[tuple[str, int]]
    begins: datetime
    quiet: tuple[time, time] | None
    seconds: int
    rests_at: datetime | None
    month: Month | None
    posts: Sequence[Posts]
    per_second: int

    @property
    def reached(self) -> int:
        return sum(line.people for line in self.lines)

    @property
    def days(self) -> int:
        return max((line.days for line in self.lines), default=1)

    def people_by(self, road: str) -> int:
        return sum(line.people for line in self.lines if line.road == road)


def plan(session: Session, broadcast: Broadcast, means: Means) -> Plan:
    begins = broadcast.begins_at or begins_at(broadcast, means)
    people = audience_of(session, broadcast)
    serving = usable(session, people, broadcast.roads, means, begins)
    chosen = with_roads(people, broadcast.roads, serving, begins).subquery()
    counted = session.execute(select(chosen.c.road, func.count()).group_by(chosen.c.road))
    by_road = {road: int(count) for road, count in counted}
    lines = [_line(session, road, by_road[road], serving) for road in ROADS if by_road.get(road)]
    seconds = _seconds(lines, means)
    asked = max(clock.now(), broadcast.send_at or clock.now())
    mass = "mass" in broadcast.roads
    return Plan(
        meant=sum(by_road.values()),
        lines=lines,
        unreached=by_road.get(None, 0),
        doors=_by_grid(session, chosen),
        begins=begins,
        quiet=(means.quiet_from, means.quiet_until) if begins > asked + SOON else None,
        seconds=seconds,
        rests_at=None if broadcast.urgent else _rests_at(begins, seconds, means),
        month=_month(session, broadcast, begins) if mass and means.mass else None,
        posts=[
            Posts(app, posted_on(session, app, begins), left_out(session, people, app))
            for app in (means.posts if mass else ())
        ],
        per_second=means.per_second,
    )


def _line(session: Session, road: str, people: int, means: Means) -> Line:
    if road == "mass" and not means.mass:
        posts = len(means.posts)  # those that have written nothing today
        return Line(road, people, posts, 0, posts * POSTS_A_DAY)
    if road == "mass":
        return Line(road, people, ceil(people / PER_MASS_CALL), _mass_calls_today(session), A_DAY[road])
    return Line(road, people, people, _sent_today(session, road), A_DAY.get(road))


def _sent_today(session: Session, road: str) -> int:
    """What has left by this road since midnight; an answer to one person counts as much as a broadcast."""
    start, _ = day_of(clock.now())
    left = OutboxRow.road == road, OutboxRow.first_sent_at >= start
    lately = or_(OutboxRow.settled_at.is_(None), OutboxRow.settled_at >= start)
    return session.scalar(select(func.count()).select_from(OutboxRow).where(*left, lately)) or 0


def _mass_calls_today(session: Session) -> int:
    start, _ = day_of(clock.now())
    called = BroadcastCall.first_sent_at >= start, BroadcastCall.kind.like("mass%")
    return session.scalar(select(func.count()).select_from(BroadcastCall).where(*called)) or 0


def _by_grid(session: Session, table: Subquery) -> list[tuple[str, int]]:
    """Whose doors must be knocked at, by the grid of their building; the largest first."""
    above = aliased(Place)
    home = func.coalesce(Household.place_id, Person.place_id)
    grid = func.coalesce(Place.grid_id, above.grid_id)
    rows = session.execute(
        select(Grid.name, func.count())
        .select_from(table)
        .join(Person, Person.id == table.c.person_id)
        .outerjoin(
            HouseholdMember, (HouseholdMember.person_id == Person.id) & HouseholdMember.until.is_(None)
        )
        .outerjoin(Household, Household.id == HouseholdMember.household_id)
        .outerjoin(Place, Place.id == home)
        .outerjoin(above, above.id == Place.parent_id)
        .outerjoin(Grid, Grid.id == grid)
        .where(table.c.road == "paper")
        .group_by(Grid.name)
    )
    return sorted(((name or "不知道哪个网格", int(count)) for name, count in rows), key=lambda one: -one[1])


def _seconds(lines: Sequence[Line], means: Means) -> int:
    messages = sum(line.calls for line in lines if line.road in ("custom", "notice", "mini"))
    calls = sum(line.calls for line in lines if line.road == "mass")
    return ceil(messages / means.per_second) + ceil(calls * 60 / MASS_CALLS_A_MINUTE)


def _rests_at(begins: datetime, seconds: int, means: Means) -> datetime | None:
    """When the quiet hours interrupt it; None when it is through before."""
    evening = clock.at(clock.local(begins).date(), means.quiet_from)
    if evening <= begins:
        evening += timedelta(days=1)
    return evening if begins + timedelta(seconds=seconds) > evening else None


def _month(session: Session, broadcast: Broadcast, begins: datetime) -> Month:
    """Of those whom it is for."""
    theirs = BroadcastRecipient.person_id.in_(audience_of(session, broadcast))
    others = Broadcast.id != broadcast.id
    each = mass_in_month(begins).where(theirs, others).add_columns(func.count().label("had"))
    counted = each.group_by(BroadcastRecipient.person_id).subquery()
    most, full = session.execute(
        select(func.max(counted.c.had), func.count().filter(counted.c.had >= PER_MONTH))
    ).one()
    return Month(most or 0, full)


# ---- what this installation can do -----------------------------------------------------------------------------------


def means_of(session: Session, site: Site) -> Means:
    """From config.toml, from the templates that the staff have chosen, and the numbers that everybody may know."""
    settings = site.settings
    can = {
        f"oa:{one.name}": capabilities(one.kind, one.verified, one.government) for one in settings.accounts
    }
    minis = tuple(f"mini:{one.name}" for one in settings.miniprograms)
    contacts = session.scalars(select(Programme.contact).where(Programme.contact.is_not(None)))
    told = [settings.community.phone, *contacts]
    by_openid = {app for app, able in can.items() if Capability.MASS_OPENID in able}
    return Means(
        quiet_from=settings.delivery.quiet_from,
        quiet_until=settings.delivery.quiet_until,
        per_second=settings.delivery.per_second,
        custom=(*(app for app, able in can.items() if Capability.KF in able), *minis),
        mass=tuple(app for app in can if app in by_openid),
        posts=tuple(app for app, able in can.items() if Capability.MASS_TAG in able and app not in by_openid),
        templates={
            "notice": _templates(session, site, (a for a in can if Capability.BIZSEND in can[a]), "notice"),
            "mini": _templates(session, site, minis, "mini"),
        },
        offices=[number for words in told for number in NUMBERS.findall(words or "")],
    )


def _templates(session: Session, site: Site, apps: Iterable[str], road: str) -> list[str]:
    """By which subscription notices a broadcast may go."""
    ours, maps = site.words.form(KIND).notice, all_maps(session)
    cards = (card_for(site.settings, maps, app, road, ours) for app in apps)
    return [card.template_id for card in cards if card is not None]
