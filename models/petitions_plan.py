"""When a leader receives by video, and in which room: a weekly plan, its times as rows, and days on which somebody is
away. Nothing here says who comes or why: that lies in the confidential lane, and a time that is taken knows only a
`source` that means nothing without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    Time,
    UniqueConstraint,
    delete,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from app.understanding.calendar import is_working_day
from models.base import Base, Instant
from models.petitions import RECEPTION
from models.resources import Occupation, Resource

AHEAD_DAYS = 28
LEAD = timedelta(hours=2)
PRIORITY = timedelta(hours=24)
AWAY = "closed:reception"


class ReceptionPlan(Base):
    """Each `every` weeks from `first_day` on, on `weekday`: `count` times of `minutes` one after another from `opens`.
    Leaders take turns by plans of two weeks that begin a week apart. (Rooms and leaders are rows of `resource`, a
    table that a later migration makes: no foreign key can be told here. They are never deleted, only closed.)"""

    __tablename__ = "reception_plan"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6 AND every BETWEEN 1 AND 4", name="rota"),
        CheckConstraint("minutes BETWEEN 10 AND 120 AND count BETWEEN 1 AND 20", name="times"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    weekday: Mapped[int]
    every: Mapped[int] = mapped_column(default=1)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date | None] = mapped_column(Date)
    opens: Mapped[time] = mapped_column(Time)
    minutes: Mapped[int]
    count: Mapped[int]
    room_id: Mapped[int]
    leader_id: Mapped[int]

    room: Mapped[Resource] = relationship(
        primaryjoin="foreign(ReceptionPlan.room_id) == Resource.id", viewonly=True
    )
    leader: Mapped[Resource] = relationship(
        primaryjoin="foreign(ReceptionPlan.leader_id) == Resource.id", viewonly=True
    )

    def times_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The buffer of the room lies between two of them: the link is tested then."""
        step = timedelta(minutes=self.minutes + max(self.room.buffer_minutes, self.leader.buffer_minutes))
        for number in range(self.count):
            starts = clock.at(day, self.opens) + number * step
            yield starts, starts + timedelta(minutes=self.minutes)

    def falls_on(self, day: date) -> bool:
        if day < self.first_day or (self.last_day and day > self.last_day) or day.weekday() != self.weekday:
            return False
        return ((day - self.first_day).days // 7) % self.every == 0 and is_working_day(day)


class ReceptionTime(Base):
    """One time that can be taken. `source` is whose it is (None: free); until `kept_until` it is offered only to those
    who lost theirs when a leader was away."""

    __tablename__ = "reception_time"
    __table_args__ = (
        CheckConstraint("ends > starts", name="stretch"),
        UniqueConstraint("leader_id", "starts"),
        Index("ix_reception_time_starts", "starts"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("reception_plan.id", ondelete="SET NULL"))
    room_id: Mapped[int]
    leader_id: Mapped[int]
    starts: Mapped[datetime] = mapped_column(Instant)
    ends: Mapped[datetime] = mapped_column(Instant)
    is_open: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str | None] = mapped_column(String(40), unique=True)
    kept_until: Mapped[datetime | None] = mapped_column(Instant)

    room: Mapped[Resource] = relationship(
        primaryjoin="foreign(ReceptionTime.room_id) == Resource.id",
        viewonly=True,
        lazy="joined",
        innerjoin=True,
    )
    leader: Mapped[Resource] = relationship(
        primaryjoin="foreign(ReceptionTime.leader_id) == Resource.id",
        viewonly=True,
        lazy="joined",
        innerjoin=True,
    )


def plans() -> Select[ReceptionPlan]:
    today = clock.today()
    live = or_(ReceptionPlan.last_day.is_(None), ReceptionPlan.last_day >= today)
    return select(ReceptionPlan).where(live).order_by(ReceptionPlan.weekday, ReceptionPlan.opens)


def coming_times() -> Select[ReceptionTime]:
    return (
        select(ReceptionTime)
        .where(ReceptionTime.starts > clock.now())
        .order_by(ReceptionTime.starts, ReceptionTime.id)
    )


def free_times(*, first: bool = False, without: Sequence[int] = ()) -> Select[ReceptionTime]:
    """What may be booked now; `first` is for who lost a time, `without` leaves out these leaders. What the room or the
    leader has otherwise is no time either."""
    now = clock.now()
    met = exists().where(
        Occupation.resource_id.in_([ReceptionTime.room_id, ReceptionTime.leader_id]),
        Occupation.starts < ReceptionTime.ends,
        Occupation.ends > ReceptionTime.starts,
    )
    found = coming_times().where(
        ReceptionTime.is_open, ReceptionTime.source.is_(None), ReceptionTime.starts > now + LEAD, ~met
    )
    if without:
        found = found.where(ReceptionTime.leader_id.not_in(without))
    if not first:
        found = found.where(or_(ReceptionTime.kept_until.is_(None), ReceptionTime.kept_until <= now))
    return found


def hold_time(session: Session, time_: ReceptionTime) -> ReceptionTime:
    """Under lock, as it is now."""
    held = select(ReceptionTime).where(ReceptionTime.id == time_.id).with_for_update(of=ReceptionTime)
    return session.scalars(held.execution_options(populate_existing=True)).one()


def fill_times(session: Session) -> int:
    """Make the rows of the next four weeks from the plans; how many are new. What is there already stays."""
    made, today = 0, clock.today()
    known = {tuple(row) for row in session.execute(select(ReceptionTime.leader_id, ReceptionTime.starts))}
    for plan in session.scalars(plans()).all():
        for ahead in range(AHEAD_DAYS + 1):
            day = today + timedelta(days=ahead)
            for starts, ends in plan.times_on(day) if plan.falls_on(day) else ():
                if starts > clock.now() and (plan.leader_id, starts) not in known:
                    known.add((plan.leader_id, starts))
                    session.add(_time(plan, starts, ends))
                    made += 1
    session.flush()
    return made


def _time(plan: ReceptionPlan, starts: datetime, ends: datetime) -> ReceptionTime:
    return ReceptionTime(
        plan_id=plan.id, room_id=plan.room_id, leader_id=plan.leader_id, starts=starts, ends=ends
    )


def drop_free_times(session: Session, plan: ReceptionPlan) -> None:
    """A plan ends: its times that nobody has taken go."""
    ahead = ReceptionTime.plan_id == plan.id, ReceptionTime.starts > clock.now()
    session.execute(delete(ReceptionTime).where(*ahead, ReceptionTime.source.is_(None)))


def keep_for_the_hit(session: Session, count: int) -> datetime:
    """The next times are offered first to those who lost theirs; until when. Twice as many as are needed: not every
    time suits everybody."""
    until = clock.now() + PRIORITY
    for one in session.scalars(free_times(first=True).limit(2 * count)).all():
        one.kept_until = until
    session.flush()
    return until


# ---- what must always hold ----------------------------------------------------------------------------------------


def taken_times_are_occupied(session: Session) -> list[str]:
    """A time that is somebody's holds its room and its leader, both; and nothing else bears its source."""
    held: dict[str, set[int]] = {}
    mine = select(Occupation.source, Occupation.resource_id).where(
        Occupation.source.startswith(f"{RECEPTION}:")
    )
    for source, resource in session.execute(mine):
        held.setdefault(source, set()).add(resource)
    rows = session.scalars(select(ReceptionTime).where(ReceptionTime.source.is_not(None))).all()
    broken = [
        f"reception time {one.id} does not hold its room and leader"
        for one in rows
        if held.pop(str(one.source), set()) != {one.room_id, one.leader_id}
    ]
    return broken + [f"{source} holds a room without a time" for source in held]
