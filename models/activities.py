"""Activities and their sessions: what is planned, where, who leads it, and who has signed up.

A seat is taken by one counted UPDATE of the session's row, which also orders rivals: both databases then agree on who
was first. An enrolment is kept when somebody leaves, so that coming back is the same row. `state` has room for a
waiting list.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    case,
    exists,
    func,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app import clock
from models.base import Base, Instant, Sealed
from models.identity import Person

EARLY = timedelta(minutes=30)
LATE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
MOST_SEATS = 1000
LIVE = ("planned", "open")
ENDED = ("closed", "cancelled")


class Activity(Base):
    """What a programme does again and again. `programme` is its code (programmes.md); `lat`, `lng` are GCJ-02, as
    WeChat's maps want them; the leader is a resident (`leader_id`) or a member of staff (`leader_name`). A restricted
    activity is on no list and takes no walk-ins."""

    __tablename__ = "activity"

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
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    leader: Mapped[Person | None] = relationship()

    @property
    def led_by(self) -> str | None:
        """The name by which residents ask for the leader."""
        return self.leader.name if self.leader is not None else self.leader_name


class ActivitySession(Base):
    """One time that an activity takes place: planned → open → closed, or cancelled. `taken` counts who has joined;
    `secret` (hex) makes the place codes that turn over, see models/volunteers.py."""

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

    activity: Mapped[Activity] = relationship(lazy="joined")

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


class Enrolment(Base):
    """One person's place in one session. `how` is "signed_up", "walk_in" or "admitted" (by the leader)."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        CheckConstraint("state IN ('joined', 'left', 'waiting')", name="state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="joined")
    how: Mapped[str] = mapped_column(String(10), default="signed_up")
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
    return row is not None and row.state == "joined"


def to_join(person: Person) -> Select[ActivitySession]:
    """Listed sessions that have not begun, have a seat, and that this person has not joined; the nearest first."""
    joined = exists().where(
        Enrolment.session_id == ActivitySession.id,
        Enrolment.person_id == person.id,
        Enrolment.state == "joined",
    )
    return coming().where(ActivitySession.taken < ActivitySession.capacity, ~joined)


def coming() -> Select[ActivitySession]:
    """Listed sessions that are still to begin, the nearest first."""
    return (
        select(ActivitySession)
        .join(ActivitySession.activity)
        .where(Activity.listed, ActivitySession.state.in_(LIVE), ActivitySession.starts > clock.now())
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


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


def led_by(person: Person) -> Select[ActivitySession]:
    """Sessions that this resident leads and that are near enough to check people in today."""
    return (
        select(ActivitySession)
        .join(ActivitySession.activity)
        .where(
            Activity.leader_id == person.id,
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts < clock.now() + timedelta(hours=12),
            ActivitySession.ends > clock.now() - LATE,
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
            ActivitySession.starts <= now + EARLY,
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
    """Who has joined, in the order in which they did."""
    return (
        select(Enrolment)
        .where(Enrolment.session_id == activity_session.id, Enrolment.state == "joined")
        .options(joinedload(Enrolment.person))
        .order_by(Enrolment.changed_at, Enrolment.id)
    )


def hold(session: Session, activity_session: ActivitySession) -> None:
    """Lock the session's row until the unit of work ends, and read it fresh. Sessions are locked before people."""
    mine = select(ActivitySession.id).where(ActivitySession.id == activity_session.id)
    session.execute(mine.with_for_update(key_share=True))
    session.refresh(activity_session)


# ---- counted steps -----------------------------------------------------------------------------------------


def take_seat(session: Session, activity_session: ActivitySession) -> bool:
    """One seat less, for one caller; False when there was none or the session is over. Holds the row until commit."""
    free = ActivitySession.taken < ActivitySession.capacity
    live = ActivitySession.state.in_(LIVE)
    return _count(session, activity_session, free & live, taken=ActivitySession.taken + 1)


def give_seat(session: Session, activity_session: ActivitySession) -> bool:
    return _count(session, activity_session, ActivitySession.taken > 0, taken=ActivitySession.taken - 1)


def return_seat(session: Session, activity_session: ActivitySession) -> bool:
    """A seat for somebody who had one and lost it by our mistake: beside the plan when all are taken, and whatever has
    become of the session since."""
    room = case((ActivitySession.taken < ActivitySession.capacity, 0), else_=1)
    again = {"capacity": ActivitySession.capacity + room, "taken": ActivitySession.taken + 1}
    return _count(session, activity_session, true(), **again)


def add_seat(session: Session, activity_session: ActivitySession) -> bool:
    """One more seat, taken at once: the leader lets somebody in beside the plan."""
    more = {"capacity": ActivitySession.capacity + 1, "taken": ActivitySession.taken + 1}
    return _count(session, activity_session, ActivitySession.capacity < MOST_SEATS, **more)


def move(session: Session, activity_session: ActivitySession, states: tuple[str, ...], to: str) -> bool:
    """Change the state once; False when another has been quicker or it is in none of `states`."""
    values = {"state": to, "closed_at": clock.now()} if to in ENDED else {"state": to}
    return _count(session, activity_session, ActivitySession.state.in_(states), **values)


def _count(session: Session, row: ActivitySession, only_if: object, **values: object) -> bool:
    statement = (
        update(ActivitySession)
        .where(ActivitySession.id == row.id, only_if)  # type: ignore[arg-type]
        .values(**values)
        .returning(ActivitySession.id)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    done = session.execute(statement).first() is not None
    session.refresh(row)
    return done


# ---- what must be true -------------------------------------------------------------------------------------


def wrong_counts(session: Session) -> list[str]:
    """Sessions whose `taken` is not the number of people who have joined."""
    joined = (
        select(Enrolment.session_id, func.count().label("n"))
        .where(Enrolment.state == "joined")
        .group_by(Enrolment.session_id)
        .subquery()
    )
    rows = session.execute(
        select(ActivitySession.id, ActivitySession.taken, func.coalesce(joined.c.n, 0))
        .outerjoin(joined, joined.c.session_id == ActivitySession.id)
        .where(ActivitySession.taken != func.coalesce(joined.c.n, 0))
    )
    return [f"session {key}: taken {taken}, joined {joined}" for key, taken, joined in rows]
