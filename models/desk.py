"""Talks between a resident and the staff: who waits since when, what was said, and when the bot may speak again."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import ForeignKey, Index, Select, String, bindparam, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from app.understanding.calendar import china_day
from models.base import Base, Instant, Sealed
from models.identity import Identity, Person

IDLE = timedelta(minutes=30)
OFFICE_HOURS = ((time(8, 30), time(12, 0)), (time(14, 0), time(18, 0)))
OPEN_STATES = ("waiting", "talking")


class DeskTalk(Base):
    """One hand-over to a person. `waiting`: nobody has taken it and the bot goes on; `talking`: a person of the staff
    speaks and the bot is quiet; `closed`. A resident has at most one that is not closed."""

    __tablename__ = "desk_talk"
    __table_args__ = (
        Index(
            "uq_desk_talk_open_person",
            "person_id",
            unique=True,
            postgresql_where=text("state <> 'closed'"),
            sqlite_where=text("state <> 'closed'"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    about: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    opened_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    waiting_since: Mapped[datetime | None] = mapped_column(Instant, default=clock.now, index=True)
    last_line_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person] = relationship()
    identity: Mapped[Identity] = relationship()
    lines: Mapped[list[DeskLine]] = relationship(back_populates="talk", order_by="DeskLine.id")


class DeskLine(Base):
    """One thing said. `speaker` is resident, staff or note (seen by staff only); media stays at WeChat for 3 days."""

    __tablename__ = "desk_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("desk_talk.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    speaker: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(16), default="text")
    text: Mapped[str] = mapped_column(Sealed("desk_line.text"))
    media_id: Mapped[str | None] = mapped_column(String(200))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))

    talk: Mapped[DeskTalk] = relationship(back_populates="lines")


# Asked for every text: built once.
OPEN_TALK = (
    select(DeskTalk)
    .where(DeskTalk.person_id == bindparam("person"), DeskTalk.state.in_(OPEN_STATES))
    .order_by(DeskTalk.id.desc())
    .limit(1)
)


def open_talk_of(session: Session, person: Person) -> DeskTalk | None:
    """The talk that is not closed, if there is one."""
    return session.scalar(OPEN_TALK, {"person": person.id})


def waiting_talks() -> Select[DeskTalk]:
    """Those who wait for an answer, the oldest first."""
    return select(DeskTalk).where(DeskTalk.waiting_since.is_not(None)).order_by(DeskTalk.waiting_since)


def open_talks() -> Select[DeskTalk]:
    return select(DeskTalk).where(DeskTalk.state.in_(OPEN_STATES)).order_by(DeskTalk.last_line_at.desc())


def is_office_time(now: datetime) -> bool:
    """Whether somebody sits at the desk: workdays and make-up workdays, morning and afternoon."""
    here = clock.local(now)
    if china_day(here.date()) not in ("workday", "makeup"):
        return False
    return any(opens <= here.time() < closes for opens, closes in OFFICE_HOURS)


def is_idle(talk: DeskTalk, now: datetime) -> bool:
    """Half an hour without a word: the bot takes over again."""
    return now - talk.last_line_at > IDLE
