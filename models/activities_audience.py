"""For whom an activity is: everybody, or those who are invited, tagged or in the team; who leads it; and what is on for
somebody.

An activity whose programme has this engine (M3) switched off is on no list and takes nobody new.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    and_,
    cast,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.activities import LATE, LIVE, Activity, ActivitySession, Enrolment, SessionGroup
from models.base import Base
from models.identity import Person
from models.programmes import Programme
from models.tags import Tag, Tagging
from models.teams import LEADING, TeamMember, is_member, is_team_leader


class ActivityRole(Base):
    """Somebody's part in an activity: one more who leads it, or somebody who is invited to a restricted one."""

    __tablename__ = "activity_role"
    __table_args__ = (
        UniqueConstraint("activity_id", "person_id", "role"),
        CheckConstraint("role IN ('leader', 'invited')", name="role"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(8))

    person: Mapped[Person] = relationship()


class ActivityTag(Base):
    """Whoever has this tag may join the restricted activity."""

    __tablename__ = "activity_tag"
    __table_args__ = ()  # both keys are others'

    activity_id: Mapped[int] = mapped_column(
        ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tag_id: Mapped[int] = mapped_column(
        ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


def to_join(person: Person) -> Select[ActivitySession]:
    """Sessions that this person may join, has not joined, and that have a seat; the nearest first."""
    return _open_to(person).where(ActivitySession.taken < ActivitySession.capacity)


def to_wait_for(person: Person) -> Select[ActivitySession]:
    """Sessions for which this person may queue: there is no seat, or perhaps none for a family or in a group."""
    tight = exists().where(
        SessionGroup.session_id == ActivitySession.id, SessionGroup.taken >= SessionGroup.capacity
    )
    full = ActivitySession.taken >= ActivitySession.capacity
    return _open_to(person).where(or_(full, tight, Activity.family))


def _open_to(person: Person) -> Select[ActivitySession]:
    is_in = exists().where(
        Enrolment.session_id == ActivitySession.id,
        Enrolment.person_id == person.id,
        Enrolment.state != "left",
    )
    return _ahead().where(or_(_is_for_everybody(), belongs(person)), ~is_in)


def _is_for_everybody() -> ColumnElement[bool]:
    """Shifts of a team may be listed, for all to see, and are still its members'."""
    return and_(Activity.listed, Activity.team_id.is_(None))


def coming() -> Select[ActivitySession]:
    """Listed sessions that are still to begin, the nearest first."""
    return _ahead().where(Activity.listed)


def _ahead() -> Select[ActivitySession]:
    return (
        select(ActivitySession)
        .join(ActivitySession.activity)
        .where(ActivitySession.state.in_(LIVE), ActivitySession.starts > clock.now(), is_offered())
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def is_offered() -> ColumnElement[bool]:
    """The condition on Activity: its programme, if it has one, has this engine switched on."""
    off = select(Programme.code).where(cast(Programme.engines_off, String).like('%"M3"%'))
    return or_(Activity.programme.is_(None), Activity.programme.not_in(off))


def is_on(session: Session, activity: Activity) -> bool:
    """Whether its programme lets it be offered now."""
    mine = select(Activity.id).where(Activity.id == activity.id, is_offered())
    return session.scalar(mine) is not None


def tags_of(session: Session, activity: Activity) -> list[int]:
    return list(session.scalars(select(ActivityTag.tag_id).where(ActivityTag.activity_id == activity.id)))


def belongs(person: Person) -> ColumnElement[bool]:
    """The condition on Activity: this person leads it, is invited to it, has its tag, or is in its team."""
    named = exists().where(ActivityRole.activity_id == Activity.id, ActivityRole.person_id == person.id)
    tagged = exists().where(
        ActivityTag.activity_id == Activity.id,
        Tagging.tag_id == ActivityTag.tag_id,
        Tagging.person_id == person.id,
        Tag.id == Tagging.tag_id,
        Tag.until >= clock.today(),
    )
    in_team = is_member(Activity.team_id, person)
    return or_(Activity.leader_id == person.id, named, tagged, in_team)


def may_join(session: Session, activity: Activity, person: Person) -> bool:
    """Whether this activity is for them at all: it is offered, and public or theirs."""
    theirs = or_(_is_for_everybody(), belongs(person))
    mine = select(Activity.id).where(Activity.id == activity.id, is_offered(), theirs)
    return session.scalar(mine) is not None


def leads(person: Person) -> ColumnElement[bool]:
    """The condition on Activity: this resident leads it, alone or with others, or leads its team."""
    too = exists().where(
        ActivityRole.activity_id == Activity.id,
        ActivityRole.person_id == person.id,
        ActivityRole.role == "leader",
    )
    return or_(Activity.leader_id == person.id, too, is_team_leader(Activity.team_id, person))


def is_leader(session: Session, activity: Activity, person: Person) -> bool:
    return session.scalar(select(Activity.id).where(Activity.id == activity.id, leads(person))) is not None


def leaders_of(session: Session, activity: Activity) -> list[Person]:
    """The residents who lead it; a leader from the staff is a name only."""
    too = select(ActivityRole.person_id).where(
        ActivityRole.activity_id == activity.id, ActivityRole.role == "leader"
    )
    of_team = select(TeamMember.person_id).where(
        TeamMember.team_id == activity.team_id,
        TeamMember.state == "active",
        TeamMember.role.in_(LEADING),
    )
    people = {*session.scalars(too), *session.scalars(of_team), *filter(None, [activity.leader_id])}
    return list(session.scalars(select(Person).where(Person.id.in_(people)).order_by(Person.id)))


def led_by(person: Person) -> Select[ActivitySession]:
    """Sessions that this resident leads and that are near enough to check people in today."""
    return (
        select(ActivitySession)
        .join(ActivitySession.activity)
        .where(
            leads(person),
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts < clock.now() + timedelta(hours=12),
            ActivitySession.ends > clock.now() - LATE,
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )
