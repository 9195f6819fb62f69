"""What can be in one place only: a room, a person who receives. Whoever needs two of them (a room and a leader) takes
both or none.

A stretch of time of one of them belongs to one `source` ("appointment:12"). What says more than that (who comes, why)
stands where the source stands, never here: this table is read by everybody who plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import FLAT, Base, Instant, is_there, later
from models.prepared import Prepared
from models.refusal import Refusal

KINDS = ("room", "person")
CLOSED = "closed:"


class Resource(Base):
    """A room, or a person who receives. `staff_id` when that person is one of the staff; after every use
    `buffer_minutes` stay free (airing the room, the way to the next home)."""

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint("kind IN ('room', 'person')", name="kind"),
        UniqueConstraint("kind", "name"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id", ondelete="SET NULL"))
    buffer_minutes: Mapped[int] = mapped_column(default=0)
    is_open: Mapped[bool] = mapped_column(default=True)


class Occupation(Base):
    """One stretch of one resource, [starts, ends), and whose it is. A resource that is away or under repair is occupied
    too: `source` then begins with "closed:". What is only held has an end (`until`) past which it counts no more."""

    __tablename__ = "occupation"
    __table_args__ = (
        CheckConstraint("ends > starts", name="stretch"),
        Index("ix_occupation_resource_id_starts", "resource_id", "starts"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    starts: Mapped[datetime] = mapped_column(Instant)
    ends: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(String(40), index=True)
    until: Mapped[datetime | None] = mapped_column(Instant)

    resource: Mapped[Resource] = relationship(lazy="joined", innerjoin=FLAT)


class ServiceResource(Base):
    """A booking of this service needs one open resource of each kind that is named here."""

    __tablename__ = "service_resource"

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)


NEEDS = Prepared(
    select(ServiceResource.resource_id)
    .where(ServiceResource.service_id == bindparam("service", type_=Integer))
    .limit(1)
)


def needs_any(session: Session, service_id: int) -> bool:
    """Whether this service needs a room or a person at all; most do not, and are asked nothing more about them."""
    return is_there(session, NEEDS, {"service": service_id})


def resources_of(service_id: int) -> Select[Resource]:
    """What a service may use, rooms and persons, in the order in which they were entered."""
    return may_use(service_id).where(Resource.is_open).order_by(Resource.id)


def may_use(service_id: int) -> Select[Resource]:
    """Those that are shut too: a service whose only room is shut needs a room all the same."""
    mine = ServiceResource.resource_id == Resource.id, ServiceResource.service_id == service_id
    return select(Resource).join(ServiceResource, and_(*mine))


def hold_resources(session: Session, resources: Iterable[Resource]) -> None:
    """As they are behind the lock, from here on."""
    _held(session, select(Resource).where(Resource.id.in_({one.id for one in resources})))


def _held(session: Session, wanted: Select[Resource]) -> Sequence[Resource]:
    """Always in the order of their ids: two who want the same room and the same leader do not wait for each other."""
    locked = wanted.order_by(Resource.id).with_for_update(of=Resource, key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def is_taken(
    session: Session, resource: Resource, starts: datetime, ends: datetime, besides: Sequence[str] = ()
) -> bool:
    """Whether something stands against this stretch: an occupation that meets it, its own buffer or the new one's
    counted; those of the sources `besides`, three at most, do not."""
    air = timedelta(minutes=resource.buffer_minutes)
    if len(besides) > len(BESIDES):
        raise ValueError(f"at most {len(BESIDES)} sources can be left out")
    facts = {"resource": resource.id, "before": ends + air, "after": starts - air, "now": clock.now()}
    return is_there(session, TAKEN, facts | dict(zip_longest(BESIDES, besides, fillvalue="")))


def _counts(besides: Sequence[Any] = (), now: Any = None) -> ColumnElement[bool]:
    """In SQL: whether an occupation counts; what was only held and has run out does not."""
    live = or_(Occupation.until.is_(None), Occupation.until > (clock.now() if now is None else now))
    return and_(live, Occupation.source.not_in(besides)) if besides else live


BESIDES = ("besides_1", "besides_2", "besides_3")
TAKEN = Prepared(
    select(Occupation.id)
    .where(Occupation.resource_id == bindparam("resource"))
    .where(Occupation.starts < bindparam("before"), Occupation.ends > bindparam("after"))
    .where(_counts([bindparam(name, type_=String()) for name in BESIDES], bindparam("now")))
    .limit(1)
)


def one_of_each_is_free(
    service_id: int | ColumnElement[int],
    starts: ColumnElement[datetime],
    ends: ColumnElement[datetime],
    besides: Sequence[Any] = (),
    now: Any = None,
) -> ColumnElement[bool]:
    """In SQL: of each kind that the service needs, one is open and free for this whole stretch. A statement that is
    prepared names `besides` and `now` as parameters."""
    mine = ServiceResource.resource_id == Resource.id, ServiceResource.service_id == service_id
    air = Resource.buffer_minutes
    near = Occupation.starts < later(ends, air), later(Occupation.ends, air) > starts
    taken = exists().where(Occupation.resource_id == Resource.id, *near, _counts(besides, now))
    taken = taken.correlate_except(
        Occupation
    )  # the time stands two levels up, where nothing correlates by itself
    kinds = [exists().where(*mine, Resource.kind == kind) for kind in KINDS]
    needs = [one.correlate_except(Resource, ServiceResource) for one in kinds]
    has = [one.where(Resource.is_open, ~taken) for one in needs]
    return and_(*(or_(~wanted, found) for wanted, found in zip(needs, has, strict=True)))


def choose_resources(
    session: Session, service_id: int, starts: datetime, ends: datetime, besides: Sequence[str] = ()
) -> list[Resource] | None:
    """One open resource of each kind that the service needs, free for this stretch (`besides` what these sources have),
    the least occupied of the day first; locked. None when of some kind there is none."""
    if not needs_any(session, service_id):
        return []
    usable = _held(session, may_use(service_id))
    return _one_of_each(session, usable, starts, ends, besides)


def could_choose(
    session: Session, service_id: int, starts: datetime, ends: datetime, besides: Sequence[str] = ()
) -> bool:
    """Whether `choose_resources` would find what it needs; nothing is locked."""
    usable = session.scalars(may_use(service_id)).all()
    return _one_of_each(session, usable, starts, ends, besides) is not None


def _one_of_each(
    session: Session, usable: Sequence[Resource], starts: datetime, ends: datetime, besides: Sequence[str]
) -> list[Resource] | None:
    kinds = sorted({one.kind for one in usable})
    by_kind = [[one for one in usable if one.kind == kind] for kind in kinds]
    chosen = [replacement(session, some, starts, ends, besides) for some in by_kind]
    return None if None in chosen else [one for one in chosen if one is not None]


def minutes_of_day(session: Session, resources: Sequence[Resource], instant: datetime) -> dict[int, int]:
    """How long each is with somebody on the day of this instant; closed hours are no work."""
    day = clock.local(instant).date()
    first, end = clock.at(day, time()), clock.at(day + timedelta(days=1), time())
    load = dict.fromkeys((one.id for one in resources), 0)
    of_day = Occupation.starts >= first, Occupation.starts < end, Occupation.resource_id.in_(load)
    work = ~Occupation.source.startswith(CLOSED)
    columns = (Occupation.resource_id, Occupation.starts, Occupation.ends)
    for number, starts, ends in session.execute(select(*columns).where(*of_day, work, _counts())):
        load[number] += int((ends - starts).total_seconds()) // 60
    return load


def replacement(
    session: Session,
    others: Sequence[Resource],
    starts: datetime,
    ends: datetime,
    besides: Sequence[str] = (),
) -> Resource | None:
    """Of several of one kind an open and free one, the least occupied of that day."""
    free = [one for one in others if one.is_open and not is_taken(session, one, starts, ends, besides)]
    if len(free) < 2:
        return next(iter(free), None)
    load = minutes_of_day(session, free, starts)
    return min(free, key=lambda one: (load[one.id], one.id))


def within(session: Session, resource: Resource, starts: datetime, ends: datetime) -> Sequence[Occupation]:
    """What stands in a resource between two instants, without any buffer."""
    meets = Occupation.starts < ends, Occupation.ends > starts
    found = select(Occupation).where(Occupation.resource_id == resource.id, *meets, _counts())
    return session.scalars(found.order_by(Occupation.starts)).all()


def coming_in(session: Session, resource: Resource) -> Sequence[Occupation]:
    """What stands in a resource from now on."""
    coming = Occupation.resource_id == resource.id, Occupation.ends > clock.now()
    found = select(Occupation).where(*coming, _counts())
    return session.scalars(found.order_by(Occupation.starts)).all()


def occupy(
    session: Session,
    resources: Sequence[Resource],
    starts: datetime,
    ends: datetime,
    source: str,
    *,
    until: datetime | None = None,
) -> None:
    """Take all of them for this stretch, or none; `until`, when they are only held. Refuses with
    appointments.resource_taken (fact: resource)."""
    if not resources:
        return
    session.flush()
    hold_resources(session, resources)
    for resource in resources:
        if not resource.is_open or is_taken(session, resource, starts, ends):
            raise Refusal("appointments.resource_taken", resource=resource)
    session.add_all(
        Occupation(resource=one, starts=starts, ends=ends, source=source, until=until) for one in resources
    )
    session.flush()


OF_SOURCE = Prepared(select(Occupation.id).where(Occupation.source == bindparam("source")).limit(1))


def leave(session: Session, source: str) -> None:
    """Free what this source held."""
    if is_there(session, OF_SOURCE, {"source": source}):
        session.execute(delete(Occupation).where(Occupation.source == source))


def held_of(session: Session, source: str) -> list[Resource]:
    """What this source has."""
    mine = select(Resource).join(Occupation, Occupation.resource_id == Resource.id)
    return list(session.scalars(mine.where(Occupation.source == source).order_by(Resource.id)))


# ---- what must always hold ----------------------------------------------------------------------------------------


def one_at_a_time(session: Session) -> Sequence[str]:
    """M2: no room and no person is in two places at one time."""

    def before(column: Any) -> Any:
        order = (Occupation.starts, Occupation.id)
        return func.lag(column).over(partition_by=Occupation.resource_id, order_by=order)

    each = select(
        Occupation.resource_id,
        Occupation.starts,
        Occupation.source,
        before(Occupation.ends).label("free_at"),
        before(Occupation.source).label("earlier"),
    )
    rows = each.where(_counts()).subquery()
    found = select(rows.c.resource_id, rows.c.earlier, rows.c.source).where(rows.c.starts < rows.c.free_at)
    return [
        f"resource {resource} is with {earlier} and {later_one} at once"
        for resource, earlier, later_one in session.execute(found.order_by(rows.c.resource_id, rows.c.starts))
    ]
