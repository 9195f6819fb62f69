"""Activities and their sessions: what is planned, where, who leads it, and who has signed up.

An enrolment is kept when somebody leaves, so that coming back is the same row. Who signs up a family is its head: the
others' rows name the head's (`party_id`), and the party joins, waits, is offered seats and leaves as one. How seats are
counted is in activities_seats.py, the waiting list in activities_line.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app import clock
from models.base import Base, Instant, Sealed
from models.identity import Person
from models.unindexed import unindexed

EARLY = timedelta(minutes=30)
LATE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
MOST_SEATS = 1000
LIVE = ("planned", "open")
ENDED = ("closed", "cancelled")
SEATED = ("joined", "offered")  # an offer keeps its seats free until it is taken or over
UNSURE = ("waiting", "offered")


class Activity(Base):
    """What a programme does again and again. `programme` is its code (programmes.md); `lat`, `lng` are GCJ-02, as
    WeChat's maps want them; the leader is a resident (`leader_id`) or a member of staff (`leader_name`). A restricted
    activity is on no list and takes no walk-ins: those join it who are invited or have one of its tags.

    `groups`, `questions` and `needs` are data, see activities_rules.py. `overlap` says what becomes of another activity
    at the same time: "soft" warns, "hard" refuses. Until `join_minutes` before the start people join, until
    `leave_minutes` before it they leave by themselves; an offered seat is kept for `claim_minutes`. More than `ratio`
    guests for each helper is an alarm; with `roll_call` heads are counted out and back. With a `team_id` these are the
    shifts of a team: its members alone join them, its leaders lead them."""

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("overlap IN ('soft', 'hard')", name="overlap"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(20))
    sentence: Mapped[str] = mapped_column(String(120))
    programme: Mapped[str | None] = mapped_column(String(40), index=True)
    place: Mapped[str] = mapped_column(String(40))
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    leader_name: Mapped[str | None] = mapped_column(Sealed("activity.leader_name"))
    listed: Mapped[bool] = mapped_column(default=True)
    groups: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    needs: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    overlap: Mapped[str] = mapped_column(String(4), default="soft")
    family: Mapped[bool] = mapped_column(default=False)
    join_minutes: Mapped[int] = mapped_column(default=0)
    leave_minutes: Mapped[int] = mapped_column(default=0)
    claim_minutes: Mapped[int] = mapped_column(default=720)
    ratio: Mapped[int | None]
    roll_call: Mapped[bool] = mapped_column(default=False)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    leader: Mapped[Person | None] = relationship()

    @property
    def led_by(self) -> str | None:
        """The name by which residents ask for the leader."""
        return self.leader.name if self.leader is not None else self.leader_name


class ActivitySession(Base):
    """One time that an activity takes place: planned → open → closed, or cancelled. `taken` counts who has joined
    and for whom a seat is kept; `secret` (hex) makes the place codes that turn over, see models/volunteers.py. `line`
    counts who has ever queued, `revision` what people were told of, `moved_at` the last change of its time
    or place: who had joined before may leave whatever the deadline."""

    __tablename__ = "activity_session"
    __table_args__ = (
        CheckConstraint("ends > starts", name="ends_after_start"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="seats"),
        CheckConstraint("state IN ('planned', 'open', 'closed', 'cancelled')", name="state"),
        Index("ix_activity_session_state_ends", "state", "ends"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    starts: Mapped[datetime] = mapped_column(Instant, index=True)
    ends: Mapped[datetime] = mapped_column(Instant)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="planned")
    secret: Mapped[str] = mapped_column(
        Sealed("activity_session.secret"), default=lambda: secrets.token_hex(32)
    )
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("activity_series.id"), index=True)
    own_place: Mapped[str | None] = mapped_column(String(40))
    line: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    moved_at: Mapped[datetime | None] = mapped_column(Instant)
    words_sent: Mapped[int] = mapped_column(default=0)

    activity: Mapped[Activity] = relationship(lazy="joined")
    groups: Mapped[list[SessionGroup]] = relationship(order_by="SessionGroup.position")

    @property
    def place(self) -> str:
        """Where it is this time."""
        return self.own_place or self.activity.place

    @property
    def joins_until(self) -> datetime:
        return self.starts - timedelta(minutes=self.activity.join_minutes)

    @property
    def leaves_until(self) -> datetime:
        return self.starts - timedelta(minutes=self.activity.leave_minutes)

    @property
    def opens_at(self) -> datetime:
        """From here on people may check in."""
        return self.starts - EARLY

    @property
    def shuts_at(self) -> datetime:
        """Until here people may check in or out."""
        return self.ends + LATE

    @property
    def planned_minutes(self) -> int:
        return (self.ends - self.starts) // timedelta(minutes=1)

    @property
    def seats_left(self) -> int:
        return self.capacity - self.taken

    @property
    def last_moment(self) -> datetime:
        """The planned end, or when it was closed or called off before that."""
        return self.ends if self.closed_at is None else min(self.ends, self.closed_at)


class SessionGroup(Base):
    """The seats of one group ("儿童", "家长") at one session, a part of the session's."""

    __tablename__ = "session_group"
    __table_args__ = (
        UniqueConstraint("session_id", "key"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="seats"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)

    @property
    def seats_left(self) -> int:
        return self.capacity - self.taken


class Enrolment(Base):
    """One person's place in one session. `how` is "signed_up", "walk_in" or "admitted" (by the leader). `line` is the
    number drawn when the party queued, `offered_until` until when seats are kept for it: both stand at the head. A head
    who only signs up a child does not come (`comes`) and takes no seat. `mark`: what the leader noted of who did not
    come."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        UniqueConstraint("session_id", "line"),
        CheckConstraint("state IN ('joined', 'left', 'waiting', 'offered')", name="state"),
        CheckConstraint("mark IS NULL OR mark IN ('absent', 'excused')", name="mark"),
        Index("ix_enrolment_state_offered_until", "state", "offered_until"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="joined")
    how: Mapped[str] = mapped_column(String(10), default="signed_up")
    comes: Mapped[bool] = mapped_column(default=True)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id", ondelete="SET NULL"), index=True)
    group: Mapped[str | None] = mapped_column(String(12))
    line: Mapped[int | None]
    offered_until: Mapped[datetime | None] = mapped_column(Instant)
    mark: Mapped[str | None] = mapped_column(String(8))
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    session: Mapped[ActivitySession] = relationship(lazy="joined")
    person: Mapped[Person] = relationship()


# ---- who is where ------------------------------------------------------------------------------------------


def enrolment_of(session: Session, activity_session: ActivitySession, person: Person) -> Enrolment | None:
    """This person's row, fresh from the database (a rival may just have written it)."""
    mine = select(Enrolment).where(
        Enrolment.session_id == activity_session.id, Enrolment.person_id == person.id
    )
    return session.scalar(mine.execution_options(populate_existing=True))


def has_joined(session: Session, activity_session: ActivitySession, person: Person) -> bool:
    row = enrolment_of(session, activity_session, person)
    return row is not None and row.state == "joined" and row.comes


def joined_by(person: Person) -> Select[ActivitySession]:
    """Sessions ahead or under way that this person has joined."""
    return (
        select(ActivitySession)
        .join(Enrolment, Enrolment.session_id == ActivitySession.id)
        .where(
            Enrolment.person_id == person.id,
            Enrolment.state == "joined",
            ActivitySession.state.in_(LIVE),
            ActivitySession.ends > clock.now(),
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def places_of(person: Person) -> Select[Enrolment]:
    """This person's places in sessions ahead or under way, also in the line; the nearest first."""
    return (
        select(Enrolment)
        .join(Enrolment.session)
        .where(
            Enrolment.person_id == person.id,
            Enrolment.state != "left",
            ActivitySession.state.in_(LIVE),
            ActivitySession.ends > clock.now(),
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def under_way() -> Select[ActivitySession]:
    """Sessions at which people may check in or out at this moment, listed or not."""
    now = clock.now()
    return (
        select(ActivitySession)
        .where(
            ActivitySession.state.in_(LIVE),
            unindexed(ActivitySession.starts) <= now + EARLY,
            ActivitySession.ends >= now - LATE,
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def overdue() -> Select[ActivitySession]:
    """Sessions that nobody has closed although checking out is over."""
    return (
        select(ActivitySession)
        .where(ActivitySession.state.in_(LIVE), ActivitySession.ends < clock.now() - LATE)
        .order_by(ActivitySession.ends)
    )


def people_in(activity_session: ActivitySession) -> Select[Enrolment]:
    """Who has joined and comes, in the order in which they did."""
    mine = Enrolment.session_id == activity_session.id, Enrolment.state == "joined", Enrolment.comes
    return (
        select(Enrolment)
        .where(*mine)
        .options(joinedload(Enrolment.person))
        .order_by(Enrolment.changed_at, Enrolment.id)
    )


def everybody_in(activity_session: ActivitySession) -> Select[Enrolment]:
    """Everybody on file who must hear of a change: those who joined, who wait, who are offered a seat, and parents."""
    mine = Enrolment.session_id == activity_session.id, Enrolment.state != "left"
    return select(Enrolment).where(*mine).options(joinedload(Enrolment.person)).order_by(Enrolment.id)


def overlapping(session: Session, held: ActivitySession, people: Collection[int]) -> list[ActivitySession]:
    """Other sessions at the same time for which one of these people has a seat; the nearest first."""
    there = (
        select(ActivitySession)
        .join(Enrolment, Enrolment.session_id == ActivitySession.id)
        .where(
            Enrolment.person_id.in_(people),
            Enrolment.state.in_(SEATED),
            Enrolment.comes,
            ActivitySession.id != held.id,
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts < held.ends,
            ActivitySession.ends > held.starts,
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )
    return list(session.scalars(there).unique())


def hold(session: Session, activity_session: ActivitySession) -> None:
    """Lock the session's row until the unit of work ends, and read it fresh. Sessions are locked before people."""
    mine = select(ActivitySession.id).where(ActivitySession.id == activity_session.id)
    session.execute(mine.with_for_update(key_share=True))
    session.refresh(activity_session)


def move(session: Session, activity_session: ActivitySession, states: tuple[str, ...], to: str) -> bool:
    """Change the state once; False when another has been quicker or it is in none of `states`."""
    values: dict[str, Any] = {"state": to, "closed_at": clock.now() if to in ENDED else None}
    statement = (
        update(ActivitySession)
        .where(ActivitySession.id == activity_session.id, ActivitySession.state.in_(states))
        .values(**values)
        .returning(ActivitySession.id)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    done = session.execute(statement).first() is not None
    session.refresh(activity_session)
    return done
