"""Papers of a person that an activity may ask for, each with its last day. Staff have seen them; a number is sealed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Date, ForeignKey, LargeBinary, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.activities import Activity
from models.activities_rules import needs_of
from models.base import Base, Instant, RowKey, RowSealed
from models.identity import Person
from models.proxies import Proxy

SOON = timedelta(days=30)
KEPT_AFTER = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366 * 5)


class Paper(RowKey, Base):
    """The newest of its kind; `valid_until` is its last day."""

    __tablename__ = "activity_paper"
    __table_args__ = (UniqueConstraint("person_id", "kind"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    _number: Mapped[bytes | None] = mapped_column("number", LargeBinary)
    valid_until: Mapped[date] = mapped_column(Date, index=True)
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    seen_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    number = RowSealed[str | None]("activity_paper.number")
    person: Mapped[Person] = relationship()


def papers_of(person: Person) -> Select[Paper]:
    return select(Paper).where(Paper.person_id == person.id).order_by(Paper.kind)


def paper_of(session: Session, person: Person, kind: str) -> Paper | None:
    return session.scalar(papers_of(person).where(Paper.kind == kind))


def missing(
    session: Session, activity: Activity, person: Person, group: str | None, day: date, guardian: bool = False
) -> list[str]:
    """The kinds of paper that this person lacks on that day. `guardian`: it is their guardian who signs them up."""
    asked = [one.kind for one in needs_of(activity.needs) if one.group in (None, group)]
    valid = papers_of(person).where(Paper.valid_until >= day)
    held = {paper.kind for paper in session.scalars(valid)} if asked else set()
    if guardian:
        held.add("guardian")
    return [kind for kind in asked if kind not in held]


def has_guardian(session: Session, person: Person) -> bool:
    live = Proxy.ward_id == person.id, Proxy.kind == "guardian", Proxy.ended_at.is_(None)
    return session.scalar(select(Proxy.id).where(*live).limit(1)) is not None


def running_out() -> Select[Paper]:
    """Papers that end within 30 days, or ended and were not renewed; the first to end first."""
    soon = Paper.valid_until <= clock.today() + SOON
    return (
        select(Paper)
        .where(soon, Paper.valid_until >= clock.today() - KEPT_AFTER)
        .order_by(Paper.valid_until, Paper.id)
    )


def papers_to_go() -> Select[Paper]:
    """Those that ended 90 days ago."""
    return select(Paper).where(Paper.valid_until < clock.today() - KEPT_AFTER).order_by(Paper.id)
