"""Check-in and check-out: proven scans, the stays that follow from them (models/stays.py), and wrong digits counted.

A scan is a fact and is only ever added; attendance is what the scans add up to.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app import clock
from models.activities import EARLY, LATE, ActivitySession, Enrolment, under_way
from models.base import Base, Instant, insert_once
from models.identity import Person

MOST_TRIES = 5

Way = Literal["in", "out", "turn"]


class Scan(Base):
    """One proven scan. `way` is what was meant: "turn" (in when out, out when in), or plainly "in" or "out". `nonce`
    makes the same scan, sent twice or by two leaders, one record. `device` is a hash of the phone's own mark that is
    another one at every session. `voided_at`: it was taken back and counts no more (models/scan_undo.py); the row
    stays."""

    __tablename__ = "scan"
    __table_args__ = (
        UniqueConstraint("person_id", "nonce"),
        CheckConstraint("way IN ('in', 'out', 'turn')", name="way"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    nonce: Mapped[str] = mapped_column(String(80))
    way: Mapped[str] = mapped_column(String(4), default="turn")
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    channel: Mapped[str] = mapped_column(String(10))
    flags: Mapped[list[str]] = mapped_column(JSON, default=list)
    voided_at: Mapped[datetime | None] = mapped_column(Instant)
    device: Mapped[str | None] = mapped_column(String(64))

    session: Mapped[ActivitySession] = relationship(lazy="joined")


class Attendance(Base):
    """One stay of one person, from in to out. `minutes` are counted when it ends. `flags` are what the leader should
    look at before confirming. Everything here is provisional ("待确认") until the ledger takes it over.

    `person_id` is empty after the person was erased: the community's totals stay."""

    __tablename__ = "attendance"
    __table_args__ = (
        CheckConstraint("left_at IS NULL OR left_at >= came_at", name="order"),
        CheckConstraint("minutes IS NULL OR minutes >= 0", name="minutes"),
        CheckConstraint("(left_at IS NULL) = (minutes IS NULL)", name="counted"),
        Index(
            "uq_attendance_open",
            "person_id",
            unique=True,
            postgresql_where=text("left_at IS NULL"),
            sqlite_where=text("left_at IS NULL"),
        ),
        Index("ix_attendance_person_came", "person_id", "came_at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    came_at: Mapped[datetime] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)
    minutes: Mapped[int | None]
    auto_out: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default="provisional")
    flags: Mapped[list[str]] = mapped_column(JSON, default=list)

    session: Mapped[ActivitySession] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship()


class Guesses(Base):
    """How often a person typed wrong digits at a session. A row with none says: they were asked for digits."""

    __tablename__ = "checkin_guesses"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("activity_session.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    wrong: Mapped[int] = mapped_column(default=0)


# ---- what is known of a person -----------------------------------------------------------------------------


def scan_of(session: Session, person: Person, nonce: str) -> Scan | None:
    return session.scalar(select(Scan).where(Scan.person_id == person.id, Scan.nonce == nonce))


def scans_around(session: Session, person: Person, held: ActivitySession) -> list[Scan]:
    """The person's scans at this session and at every other whose time touches it, directly or through a third."""
    opens, shuts = held.opens_at, held.shuts_at
    while True:
        found = list(session.scalars(_scans_between(person, opens, shuts)))
        wider = min([opens, *(scan.session.opens_at for scan in found)])
        longer = max([shuts, *(scan.session.shuts_at for scan in found)])
        if (wider, longer) == (opens, shuts):
            return found
        opens, shuts = wider, longer


def _scans_between(person: Person, opens: datetime, shuts: datetime) -> Select[Scan]:
    return (
        select(Scan)
        .join(Scan.session)
        .where(
            Scan.person_id == person.id,
            ActivitySession.starts <= shuts + EARLY,
            ActivitySession.ends >= opens - LATE,
        )
    )


def open_stay(session: Session, person: Person) -> Attendance | None:
    """Where this person is checked in now; there is at most one."""
    return session.scalar(
        select(Attendance).where(Attendance.person_id == person.id, Attendance.left_at.is_(None))
    )


def has_come_before(session: Session, person: Person) -> bool:
    return session.scalar(select(Attendance.id).where(Attendance.person_id == person.id).limit(1)) is not None


def stay_at(session: Session, scan: Scan) -> Attendance | None:
    """The stay that a scan began, ended or repeated."""
    return session.scalar(
        select(Attendance)
        .where(
            Attendance.person_id == scan.person_id,
            Attendance.session_id == scan.session_id,
            Attendance.came_at <= scan.occurred_at,
        )
        .order_by(Attendance.came_at.desc(), Attendance.id.desc())
        .limit(1)
    )


def stays_of(person: Person) -> Select[Attendance]:
    """A person's attendance, the latest first."""
    return (
        select(Attendance)
        .where(Attendance.person_id == person.id)
        .order_by(Attendance.came_at.desc(), Attendance.id.desc())
    )


def stays_in(held: ActivitySession) -> Select[Attendance]:
    """A session's attendance in the order in which people came."""
    return (
        select(Attendance)
        .where(Attendance.session_id == held.id)
        .options(joinedload(Attendance.person))
        .order_by(Attendance.came_at, Attendance.id)
    )


def minutes_of(session: Session, person: Person) -> int:
    """All minutes counted so far, confirmed or not."""
    total = select(func.coalesce(func.sum(Attendance.minutes), 0)).where(Attendance.person_id == person.id)
    return int(session.scalar(total) or 0)


def expected(session: Session, person: Person) -> list[ActivitySession]:
    """Sessions under way that this person has joined, is at, or was asked for digits of."""
    ways = (
        select(Enrolment.session_id).where(Enrolment.person_id == person.id, Enrolment.state == "joined"),
        select(Attendance.session_id).where(Attendance.person_id == person.id, Attendance.left_at.is_(None)),
        select(Guesses.session_id).where(Guesses.person_id == person.id),
    )
    return list(session.scalars(under_way().where(or_(*(ActivitySession.id.in_(way) for way in ways)))))


# ---- wrong digits ------------------------------------------------------------------------------------------


def expect(session: Session, person: Person, held: ActivitySession) -> None:
    """Remember that this person was asked for the digits of this session."""
    insert_once(session, Guesses, session_id=held.id, person_id=person.id, wrong=0)


def tries_left(session: Session, person: Person, held: ActivitySession) -> int:
    wrong = session.scalar(select(Guesses.wrong).where(*_mine(person, held)))
    return MOST_TRIES - (wrong or 0)


def count_wrong(session: Session, person: Person, held: ActivitySession) -> int:
    """One try less, counted by the database; how many are left."""
    expect(session, person, held)
    counted = (
        update(Guesses)
        .where(*_mine(person, held), Guesses.wrong < MOST_TRIES)
        .values(wrong=Guesses.wrong + 1)
        .returning(Guesses.wrong)
        .execution_options(synchronize_session=False)
    )
    wrong = session.scalar(counted)
    return 0 if wrong is None else MOST_TRIES - wrong


def forgive(session: Session, person: Person, held: ActivitySession) -> None:
    """The leader has seen the person: the tries begin again."""
    cleared = update(Guesses).where(*_mine(person, held)).values(wrong=0)
    session.execute(cleared.execution_options(synchronize_session=False))


def _mine(person: Person, held: ActivitySession) -> tuple[Any, Any]:
    return Guesses.person_id == person.id, Guesses.session_id == held.id
