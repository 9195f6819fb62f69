"""Who said "我也是这件事": counted, told of each stage, never shown to anybody by name.

A follower from a report that was joined to another (`own_id`) is its reporter; they are told under the number that they
know, and have the last word on theirs again when the two are parted.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Select, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.identity import Person
from models.matter_rules import MatterCategory
from models.matters import OPEN, Matter


class MatterFollower(Base):
    """One person who is told how far a matter of somebody else is."""

    __tablename__ = "matter_follower"
    __table_args__ = (UniqueConstraint("matter_id", "person_id"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    own_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    matter: Mapped[Matter] = relationship(foreign_keys=[matter_id])
    own: Mapped[Matter | None] = relationship(foreign_keys=[own_id])
    person: Mapped[Person] = relationship()


class MatterUnasked(Base):
    """Does not want to be asked later whether it is still well."""

    __tablename__ = "matter_unasked"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def followers_of(matter: Matter) -> Select[MatterFollower]:
    return select(MatterFollower).where(MatterFollower.matter_id == matter.id).order_by(MatterFollower.id)


def following(session: Session, matter: Matter, person: Person) -> MatterFollower | None:
    mine = MatterFollower.matter_id == matter.id, MatterFollower.person_id == person.id
    return session.scalar(select(MatterFollower).where(*mine))


def follows(person: Person) -> Select[MatterFollower]:
    """The newest first."""
    mine = MatterFollower.person_id == person.id
    return select(MatterFollower).where(mine).order_by(MatterFollower.at.desc(), MatterFollower.id.desc())


def count_followers(session: Session, matter: Matter) -> int:
    mine = MatterFollower.matter_id == matter.id
    return session.scalar(select(func.count()).select_from(MatterFollower).where(mine)) or 0


def said_or_followed(person: Person) -> Select[Matter]:
    """What this person said, and what they said "me too" to; the newest first. What was joined to another is followed
    under its own number."""
    joined = select(MatterFollower.matter_id).where(
        MatterFollower.person_id == person.id, MatterFollower.own_id.is_(None)
    )
    said = select(Matter.id).where(Matter.person_id == person.id)
    # Two short lists: PostgreSQL would ask one OR of every matter.
    mine = Matter.id.in_(said.union_all(joined))
    return select(Matter).where(mine).order_by(Matter.said_at.desc(), Matter.id.desc())


def public_matters() -> Select[Matter]:
    """What is being done in the neighbourhood and concerns everybody: of a shared category, said as a repair, and
    open. Nothing but its category, its estate and its state is to be shown."""
    shown = Matter.state.in_(OPEN), Matter.kind == "报修", MatterCategory.shared, Matter.place_id.is_not(None)
    newest = Matter.said_at.desc(), Matter.id.desc()
    return (
        select(Matter)
        .join(MatterCategory, Matter.category_id == MatterCategory.id)
        .where(*shown)
        .order_by(*newest)
    )
