"""Shifts of a team: the weekly plan as data, the sessions that came of it, whose turn it is, what is short of hands.

A plan names a weekday and its hours, how many hands are wanted, and how far ahead its sessions are laid out. Each
session remembers plan and day, so that a shift that was called off is not laid out again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import CheckConstraint, Date, ForeignKey, Select, String, Time, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.activities import LIVE, SEATED, Activity, ActivitySession, Enrolment
from models.base import Base, Instant
from models.identity import Person
from models.teams import Team, TeamMember, is_member
from models.unindexed import unindexed
from models.volunteers import Attendance

ROTAS = ("even", "open")
MOST_WEEKS = 8
MOST_HANDS = 100
REST = timedelta(hours=8)  # between two shifts of one person that the house plans
LATELY = timedelta(days=56)  # what counts for whose turn it is


class ShiftPlan(Base):
    """One shift of a week. `rota`: the house plans those whose turn it is ("even"), or members sign up ("open").
    `alarm_hours` before the start the leaders are told when hands are missing; with 0 the hands are seats, no more."""

    __tablename__ = "shift_plan"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("hands BETWEEN 1 AND 100", name="hands"),
        CheckConstraint("weeks BETWEEN 1 AND 8", name="weeks"),
        CheckConstraint("rota IN ('even', 'open')", name="rota"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    weekday: Mapped[int]
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    hands: Mapped[int]
    place: Mapped[str] = mapped_column(String(40))
    weeks: Mapped[int] = mapped_column(default=2)
    rota: Mapped[str] = mapped_column(String(4), default="open")
    alarm_hours: Mapped[int] = mapped_column(default=12)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    team: Mapped[Team] = relationship()
    activity: Mapped[Activity] = relationship()


class Shift(Base):
    """What a session is to its plan. `hands` is how many are wanted; `alarmed_at` when the leaders were told that some
    are missing."""

    __tablename__ = "shift"
    __table_args__ = (UniqueConstraint("plan_id", "day"),)

    session_id: Mapped[int] = mapped_column(
        ForeignKey("activity_session.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    plan_id: Mapped[int] = mapped_column(ForeignKey("shift_plan.id"))
    day: Mapped[date] = mapped_column(Date)
    hands: Mapped[int]
    alarmed_at: Mapped[datetime | None] = mapped_column(Instant)

    session: Mapped[ActivitySession] = relationship(lazy="joined")
    plan: Mapped[ShiftPlan] = relationship(lazy="joined")


# ---- plans -------------------------------------------------------------------------------------------------


def plans(team: Team) -> Select[ShiftPlan]:
    mine = ShiftPlan.team_id == team.id, ShiftPlan.ended_at.is_(None)
    return select(ShiftPlan).where(*mine).order_by(ShiftPlan.weekday, ShiftPlan.opens, ShiftPlan.id)


def live_plans() -> Select[ShiftPlan]:
    alive = ShiftPlan.ended_at.is_(None), Team.state == "active"
    return select(ShiftPlan).join(ShiftPlan.team).where(*alive).order_by(ShiftPlan.id)


def days_of(session: Session, plan: ShiftPlan) -> set[date]:
    """The days that have been laid out, whatever became of them."""
    return set(session.scalars(select(Shift.day).where(Shift.plan_id == plan.id)))


def shift_of(session: Session, held: ActivitySession) -> Shift | None:
    return session.get(Shift, held.id)


# ---- shifts ------------------------------------------------------------------------------------------------


def sessions_of(team: Team) -> Select[ActivitySession]:
    """All sessions of this team's activities, also those that no plan made."""
    return (
        select(ActivitySession)
        .join(ActivitySession.activity)
        .where(Activity.team_id == team.id)
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def coming_shifts(team: Team) -> Select[ActivitySession]:
    ahead = ActivitySession.state.in_(LIVE), ActivitySession.ends > clock.now()
    return sessions_of(team).where(*ahead)


def week_of(team: Team, monday: date) -> Select[ActivitySession]:
    """What is on in these seven days, called off or not."""
    first, last = clock.at(monday, time()), clock.at(monday + timedelta(days=7), time())
    return sessions_of(team).where(ActivitySession.starts >= first, ActivitySession.starts < last)


def shifts_of(person: Person) -> Select[ActivitySession]:
    """This person's shifts that have not begun, the nearest first."""
    return (
        select(ActivitySession)
        .join(ActivitySession.activity)
        .join(Enrolment, Enrolment.session_id == ActivitySession.id)
        .where(
            Activity.team_id.is_not(None),
            Enrolment.person_id == person.id,
            Enrolment.state == "joined",
            Enrolment.comes,
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts > clock.now(),
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def open_shifts(person: Person) -> Select[ActivitySession]:
    """Shifts of their teams that want another hand and that this person is not in."""
    is_in = select(Enrolment.session_id).where(Enrolment.person_id == person.id, Enrolment.state != "left")
    return (
        select(ActivitySession)
        .join(ActivitySession.activity)
        .where(
            is_member(Activity.team_id, person),
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts > clock.now(),
            ActivitySession.taken < ActivitySession.capacity,
            ActivitySession.id.not_in(is_in),
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def on_shift(held: ActivitySession) -> Select[Enrolment]:
    """Who comes, in the order in which it was said."""
    mine = Enrolment.session_id == held.id, Enrolment.state == "joined", Enrolment.comes
    return select(Enrolment).where(*mine).order_by(Enrolment.changed_at, Enrolment.id)


def wanted(session: Session, held: ActivitySession) -> int:
    """How many hands this shift wants; that of a session without a plan is its seats."""
    shift = shift_of(session, held)
    return shift.hands if shift is not None else held.capacity


# ---- whose turn it is --------------------------------------------------------------------------------------


def busy(session: Session, people: Collection[int], starts: datetime, ends: datetime, *but: int) -> set[int]:
    """Which of these people have something else within this time, the sessions `but` left out."""
    there = (
        select(Enrolment.person_id)
        .join(Enrolment.session)
        .where(
            Enrolment.person_id.in_(people),
            Enrolment.state.in_(SEATED),
            Enrolment.comes,
            ActivitySession.id.not_in(but),
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts < ends,
            ActivitySession.ends > starts,
        )
    )
    return set(session.scalars(there))


def knows_it(session: Session, activity: Activity, people: Collection[int]) -> set[int]:
    """Who of these has done this before: was there, by the attendance."""
    done = (
        select(Attendance.person_id)
        .join(ActivitySession, ActivitySession.id == Attendance.session_id)
        .where(ActivitySession.activity_id == activity.id, Attendance.person_id.in_(people))
    )
    return {one for one in session.scalars(done) if one is not None}


def load_of(session: Session, team: Team, people: Collection[int]) -> dict[int, int]:
    """Minutes of this team's shifts lately and ahead: what was done by the attendance, what is planned by the plan."""
    load = dict.fromkeys(people, 0)
    done = (
        select(Attendance.person_id, func.coalesce(func.sum(Attendance.minutes), 0))
        .join(ActivitySession, ActivitySession.id == Attendance.session_id)
        .join(Activity, Activity.id == ActivitySession.activity_id)
        .where(
            Activity.team_id == team.id,
            Attendance.person_id.in_(people),
            Attendance.came_at > clock.now() - LATELY,
        )
        .group_by(Attendance.person_id)
    )
    for person, minutes in session.execute(done):
        load[person or 0] += int(minutes or 0)
    ahead = (
        select(Enrolment.person_id, ActivitySession)
        .join(Enrolment.session)
        .join(ActivitySession.activity)
        .where(
            Activity.team_id == team.id,
            Enrolment.person_id.in_(people),
            Enrolment.state.in_(SEATED),
            ActivitySession.state.in_(LIVE),
            ActivitySession.ends > clock.now(),
        )
    )
    for person, held in session.execute(ahead).unique():
        load[person] += held.planned_minutes
    return load


def may_do(
    session: Session, held: ActivitySession, rows: Iterable[TeamMember], rest: timedelta = timedelta()
) -> list[TeamMember]:
    """Those of these members who could do this shift: not paused that day, not in it, nothing else around it."""
    day = clock.local(held.starts).date()
    free = [row for row in rows if not row.is_paused_on(day)]
    people = [row.person_id for row in free]
    taken = busy(session, people, held.starts - rest, held.ends + rest)
    return [row for row in free if row.person_id not in taken]


# ---- what is short of hands --------------------------------------------------------------------------------


def soon(until: datetime) -> Select[ActivitySession]:
    """Shifts of teams at work that begin before then."""
    return (
        select(ActivitySession)
        .join(ActivitySession.activity)
        .join(Team, Team.id == Activity.team_id)
        .where(
            Team.state == "active",
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts > clock.now(),
            ActivitySession.starts <= until,
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def to_alarm(until: datetime) -> Select[Shift]:
    """Shifts that begin before then and of which the leaders have not heard."""
    return (
        select(Shift)
        .join(ActivitySession, ActivitySession.id == Shift.session_id)
        .join(ShiftPlan, ShiftPlan.id == Shift.plan_id)
        .join(Team, Team.id == ShiftPlan.team_id)
        .where(
            Shift.alarmed_at.is_(None),
            Team.state == "active",
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts > clock.now(),
            ActivitySession.starts <= until,
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def strangers() -> Select[int]:
    """Enrolments of whoever has a place in a shift ahead, is not in its team and was not let in by a leader."""
    return (
        select(Enrolment.id)
        .join(Enrolment.session)
        .join(ActivitySession.activity)
        .outerjoin(
            TeamMember,
            (TeamMember.team_id == Activity.team_id)
            & (TeamMember.person_id == Enrolment.person_id)
            & (TeamMember.state == "active"),
        )
        .where(
            Activity.team_id.is_not(None),
            unindexed(Enrolment.state).in_(SEATED),
            Enrolment.how != "admitted",
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts > clock.now(),
            TeamMember.id.is_(None),
        )
    )


def strangers_on_shift(session: Session) -> list[str]:
    return [
        f"enrolment {number} is on a shift without being in the team"
        for number in sorted(session.scalars(strangers()))
    ]
