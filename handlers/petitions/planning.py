"""When leaders receive: rooms and leaders, weekly plans, and days on which somebody is away. Who had a time that falls
away chooses first among the next ones, before anybody else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import audit, clock
from handlers.petitions import lane
from handlers.petitions.booking import displace
from models.identity import Actor
from models.petitions import Petition
from models.petitions_plan import (
    AWAY,
    ReceptionPlan,
    ReceptionTime,
    drop_free_times,
    fill_times,
    keep_for_the_hit,
)
from models.refusal import Refusal
from models.resources import Occupation, Resource, leave, occupy


@dataclass(frozen=True, slots=True)
class Rota:
    """One line of the plan: `count` times of `minutes` from `opens` on, every `every` weeks."""

    first_day: date
    opens: time
    minutes: int
    count: int
    every: int = 1


def add_resource(by: Actor, kind: str, name: str, buffer_minutes: int = 0) -> Resource:
    """A room or a leader; one that was closed under this name opens again."""
    known = by.session.scalar(select(Resource).where(Resource.kind == kind, Resource.name == name))
    row = known or Resource(kind=kind, name=name)
    row.is_open, row.buffer_minutes = True, buffer_minutes
    by.session.add(row)
    audit.note(by, "petitions.add_resource", row, kind=kind)
    return row


def add_plan(by: Actor, room: Resource, leader: Resource, rota: Rota) -> ReceptionPlan:
    """Refuses with petitions.plan_in_the_past."""
    if rota.first_day < clock.today():
        raise Refusal("petitions.plan_in_the_past")
    plan = ReceptionPlan(
        weekday=rota.first_day.weekday(),
        every=rota.every,
        first_day=rota.first_day,
        opens=rota.opens,
        minutes=rota.minutes,
        count=rota.count,
        room_id=room.id,
        leader_id=leader.id,
    )
    by.session.add(plan)
    by.session.flush()
    fill_times(by.session)
    audit.note(by, "petitions.add_plan", plan)
    return plan


def end_plan(by: Actor, plan: ReceptionPlan) -> None:
    """No new times; what is taken stays."""
    plan.last_day = clock.today()
    drop_free_times(by.session, plan)
    audit.note(by, "petitions.end_plan", plan)


# ---- away --------------------------------------------------------------------------------------------------------


def away(by: Actor, resource: Resource, starts: datetime, ends: datetime) -> int:
    """The leader (or the room) is not there from `starts` to `ends`: those who had a time then are told and choose
    first. How many. Refuses with petitions.away_wrong_way_round, .busy_otherwise."""
    if ends <= starts or ends <= clock.now():
        raise Refusal("petitions.away_wrong_way_round")
    hit = _times_in(by.session, resource, starts, ends)
    sources = [one.source for one in hit if one.source is not None]
    for number, source in _petitions_of(by, sources):
        displace(by, number, source)
    for one in hit:
        one.is_open = False
    by.session.flush()
    try:
        occupy(by.session, [resource], starts, ends, f"{AWAY}:{secrets.token_hex(4)}")
    except Refusal as why:
        raise Refusal("petitions.busy_otherwise") from why
    if sources:
        keep_for_the_hit(by.session, len(sources))
    audit.note(by, "petitions.away", resource, hit=len(sources))
    return len(sources)


def count_hit(session: Session, resource: Resource, starts: datetime, ends: datetime) -> int:
    """How many would lose their time: said before it is done."""
    return sum(one.source is not None for one in _times_in(session, resource, starts, ends))


def come_back(by: Actor, absence: Occupation) -> None:
    """Not away after all: the times are there again, for everybody."""
    for one in _times_in(by.session, absence.resource, absence.starts, absence.ends):
        one.is_open = True
    audit.note(by, "petitions.come_back", absence.resource)
    leave(by.session, absence.source)


def absences(session: Session) -> list[Occupation]:
    ahead = Occupation.source.startswith(f"{AWAY}:"), Occupation.ends > clock.now()
    return list(session.scalars(select(Occupation).where(*ahead).order_by(Occupation.starts)))


def _times_in(session: Session, resource: Resource, starts: datetime, ends: datetime) -> list[ReceptionTime]:
    theirs = or_(ReceptionTime.leader_id == resource.id, ReceptionTime.room_id == resource.id)
    met = ReceptionTime.starts < ends, ReceptionTime.ends > starts
    held = select(ReceptionTime).where(theirs, *met).order_by(ReceptionTime.id)
    return list(session.scalars(held.with_for_update(of=ReceptionTime)))


def _petitions_of(by: Actor, sources: list[str]) -> list[tuple[int, str]]:
    tokens = [source.split(":")[1] for source in sources]
    with lane.looking(by) as session:
        rows = session.scalars(select(Petition).where(Petition.token.in_(tokens))).all()
        return [(row.id, row.source) for row in rows if row.source in sources]
