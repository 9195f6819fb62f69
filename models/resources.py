"""What can be in one place only: a room, a person who receives. Whoever needs two of them (a room and a leader) takes
both or none.

A stretch of time of one of them belongs to one `source` ("appointment:12"). What says more than that (who comes, why)
stands where the source stands, never here: this table is read by everybody who plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    delete,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, Instant
from models.refusal import Refusal

KINDS = ("room", "person")


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
    too: `source` then begins with "closed:"."""

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

    resource: Mapped[Resource] = relationship(lazy="joined", innerjoin=True)


class ServiceResource(Base):
    """A booking of this service needs one open resource of each kind that is named here."""

    __tablename__ = "service_resource"

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)


def resources_of(service_id: int) -> Select[Resource]:
    """What a service may use, rooms and persons, in the order in which they were entered."""
    mine = ServiceResource.resource_id == Resource.id, ServiceResource.service_id == service_id
    return select(Resource).join(ServiceResource, and_(*mine)).where(Resource.is_open).order_by(Resource.id)


def hold_resources(session: Session, resources: Iterable[Resource]) -> None:
    """Always in the order of their ids: two who want the same room and the same leader do not wait for each other."""
    ids = {one.id for one in resources}
    held = select(Resource.id).where(Resource.id.in_(ids)).order_by(Resource.id)
    session.execute(held.with_for_update(key_share=True))


def meeting(session: Session, resource: Resource, starts: datetime, ends: datetime) -> Occupation | None:
    """What stands against this stretch: an occupation that meets it, its own buffer or the new one's counted."""
    air = timedelta(minutes=resource.buffer_minutes)
    near = Occupation.starts < ends + air, Occupation.ends > starts - air
    found = select(Occupation).where(Occupation.resource_id == resource.id, *near)
    return session.scalar(found.order_by(Occupation.starts).limit(1))


def occupy(
    session: Session, resources: Sequence[Resource], starts: datetime, ends: datetime, source: str
) -> None:
    """Take all of them for this stretch, or none. Refuses with appointments.resource_taken (fact: resource)."""
    session.flush()
    hold_resources(session, resources)
    for resource in resources:
        session.refresh(resource)
        if not resource.is_open or meeting(session, resource, starts, ends) is not None:
            raise Refusal("appointments.resource_taken", resource=resource)
    session.add_all(Occupation(resource=one, starts=starts, ends=ends, source=source) for one in resources)
    session.flush()


def leave(session: Session, source: str) -> None:
    """Free what this source held."""
    session.flush()
    session.execute(delete(Occupation).where(Occupation.source == source))


# ---- what must always hold ----------------------------------------------------------------------------------------


def one_at_a_time(session: Session) -> Sequence[str]:
    """M2: no room and no person is in two places at one time."""
    rows = session.execute(
        select(Occupation.resource_id, Occupation.starts, Occupation.ends, Occupation.source).order_by(
            Occupation.resource_id, Occupation.starts, Occupation.id
        )
    ).all()
    return [
        f"resource {later.resource_id} is with {earlier.source} and {later.source} at once"
        for earlier, later in pairwise(rows)
        if earlier.resource_id == later.resource_id and later.starts < earlier.ends
    ]
