"""Jobs of the circle: somebody is to come to a home (上门), or the house has an emergency (应急).

Every open job has one who answers for it and an instant by which something must have happened: `offered` to one
provider, whose time is held while they think, then `accepted`, `under_way`, `done`, `closed`; `desk` is in the hands of
the desk as an office. A job that is opened again keeps its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, Select, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, RowKey, RowSealed
from models.circle import Provider
from models.circle_places import Landmark
from models.identity import Person
from models.plans import Service
from models.resources import Occupation
from models.staff import StaffMember
from models.unindexed import unindexed

STATES = ("offered", "desk", "accepted", "under_way", "done", "closed", "cancelled")
OPEN = ("offered", "desk", "accepted", "under_way")
WITH_PROVIDER = ("offered", "accepted", "under_way")
MOST_OPEN = 3  # of one resident
LONGEST_LOG = 200
ASK_AFTER, ANSWER_WITHIN, REOPEN_WITHIN = timedelta(days=3), timedelta(days=7), timedelta(days=30)


def _in(states: Sequence[str]) -> str:
    return f"state IN ({', '.join(repr(one) for one in states)})"


class HomeJob(RowKey, Base):
    """`emergency` is the kind of a household emergency; else `service_id` says what is to be done. `window_*` is the
    half day that was asked for, `starts`–`ends` the time that is held for it. `passed` are providers who said no or
    nothing; `told_by` names the appointment that went on as this job. `urgent` ones stand first."""

    __tablename__ = "home_job"
    __table_args__ = (
        CheckConstraint(_in(STATES), name="state"),
        CheckConstraint(f"NOT ({_in(OPEN)}) OR due IS NOT NULL", name="due"),
        CheckConstraint(
            f"NOT ({_in(WITH_PROVIDER)}) OR (provider_id IS NOT NULL AND starts IS NOT NULL)", name="provider"
        ),
        CheckConstraint("emergency IS NOT NULL OR service_id IS NOT NULL", name="what"),
        Index("ix_home_job_state_due", "state", "due"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), index=True)
    emergency: Mapped[str | None] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    urgent: Mapped[bool] = mapped_column(default=False)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id", ondelete="SET NULL"))
    due: Mapped[datetime | None] = mapped_column(Instant)
    window_starts: Mapped[datetime | None] = mapped_column(Instant)
    window_ends: Mapped[datetime | None] = mapped_column(Instant)
    starts: Mapped[datetime | None] = mapped_column(Instant, index=True)
    ends: Mapped[datetime | None] = mapped_column(Instant)
    landmark_id: Mapped[int | None] = mapped_column(ForeignKey("landmark.id", ondelete="SET NULL"))
    passed: Mapped[list[int]] = mapped_column(JSON, default=list)
    told_by: Mapped[int | None] = mapped_column(ForeignKey("appointment.id", ondelete="SET NULL"))
    reopened: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int | None]
    yuan: Mapped[int | None]
    channel: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    _name: Mapped[bytes | None] = mapped_column("name", LargeBinary)
    _phone: Mapped[bytes | None] = mapped_column("phone", LargeBinary)
    _address: Mapped[bytes | None] = mapped_column("address", LargeBinary)
    _words: Mapped[bytes | None] = mapped_column("words", LargeBinary)
    _log: Mapped[bytes | None] = mapped_column("log", LargeBinary)

    name = RowSealed[str | None]("home_job.name")
    phone = RowSealed[str | None]("home_job.phone")
    address = RowSealed[str | None]("home_job.address")
    words = RowSealed[str | None]("home_job.words")
    log = RowSealed[str | None]("home_job.log")
    person: Mapped[Person | None] = relationship()
    service: Mapped[Service | None] = relationship(lazy="joined")
    provider: Mapped[Provider | None] = relationship()
    staff: Mapped[StaffMember | None] = relationship()
    landmark: Mapped[Landmark | None] = relationship()

    @property
    def number(self) -> str:
        """To be read out; what went on from an appointment keeps the number that its resident knows."""
        return f"{self.told_by:04d}" if self.told_by else f"上门{self.id:04d}"

    @property
    def source(self) -> str:
        """Whose stretch of a provider's time it is."""
        return f"home_job:{self.id}"

    @property
    def round(self) -> str:
        """Each time that it was done is asked about and rated once."""
        return f"{self.source}.{self.reopened}" if self.reopened else self.source

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due is not None and self.due < clock.now()

    @property
    def can_be_reopened(self) -> bool:
        done = self.state in ("done", "closed") and self.done_at is not None and self.emergency is None
        return done and self.done_at is not None and self.done_at + REOPEN_WITHIN > clock.now()

    @property
    def is_discreet(self) -> bool:
        return self.service is not None and self.service.discreet_name is not None

    @property
    def public_name(self) -> str:
        """For messages that others may see over a shoulder."""
        return self.service.public_name if self.service else "应急"


class FollowUp(Base):
    """ "好了吗", once, three days after a service: `waiting → asked → well | again | closed`. `source` is
    "home_job:12" or "appointment:5"; `title` may be read by others."""

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'asked', 'well', 'again', 'closed')", name="state"),
        Index("ix_follow_up_person_id_state", "person_id", "state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    ask_at: Mapped[datetime] = mapped_column(Instant, index=True)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person] = relationship()


# ---- which jobs ----------------------------------------------------------------------------------------------------


def jobs_of_desk() -> Select[HomeJob]:
    return jobs_in(("desk",))


def jobs_of(person: Person) -> Select[HomeJob]:
    """A resident's, the newest first."""
    return select(HomeJob).where(HomeJob.person_id == person.id).order_by(HomeJob.id.desc())


def jobs_for(provider: Provider) -> Select[HomeJob]:
    """What a provider has to do or to answer, in order of time."""
    mine = HomeJob.provider_id == provider.id, HomeJob.state.in_(WITH_PROVIDER)
    return select(HomeJob).where(*mine).order_by(HomeJob.starts, HomeJob.id)


def promised(provider: Provider, starts: datetime, ends: datetime) -> Select[HomeJob]:
    """What is asked of them or promised by them between two instants, but not what they are at."""
    mine = HomeJob.provider_id == provider.id, HomeJob.state.in_(("offered", "accepted"))
    return select(HomeJob).where(*mine, HomeJob.starts < ends, HomeJob.ends > starts).order_by(HomeJob.id)


def jobs_in(states: Sequence[str]) -> Select[HomeJob]:
    """A list of the board: open ones by their due time, those that are over the newest first."""
    found = select(HomeJob).where(HomeJob.state.in_(states))
    if set(states) <= set(OPEN):
        return found.order_by(HomeJob.urgent.desc(), HomeJob.due, HomeJob.id)
    return found.order_by(HomeJob.changed_at.desc(), HomeJob.id.desc())


def offers_to(provider: Provider) -> Select[HomeJob]:
    return jobs_for(provider).where(HomeJob.state == "offered")


def overdue_offers() -> Select[HomeJob]:
    return select(HomeJob).where(HomeJob.state == "offered", HomeJob.due <= clock.now()).order_by(HomeJob.id)


def same_emergency(session: Session, person: Person, kind: str, since: datetime) -> HomeJob | None:
    """Somebody in need says it twice: it is one ticket."""
    same = HomeJob.person_id == person.id, HomeJob.emergency == kind, HomeJob.state.in_(OPEN)
    return session.scalar(select(HomeJob).where(*same, HomeJob.created_at > since).limit(1))


def done_since(instant: datetime) -> Select[HomeJob]:
    done = unindexed(HomeJob.state).in_(("done", "closed")), HomeJob.done_at > instant
    return select(HomeJob).where(*done, HomeJob.person_id.is_not(None)).order_by(HomeJob.id)


def done_unanswered(before: datetime) -> Select[HomeJob]:
    """Done, and its resident has said neither yes nor no."""
    return select(HomeJob).where(HomeJob.state == "done", HomeJob.done_at < before).order_by(HomeJob.id)


def last_done(session: Session, person: Person) -> HomeJob | None:
    """What this resident was asked to confirm, and may answer with a digit."""
    mine = HomeJob.person_id == person.id, HomeJob.state == "done"
    lately = HomeJob.done_at > clock.now() - ASK_AFTER
    return session.scalar(select(HomeJob).where(*mine, lately).order_by(HomeJob.done_at.desc()).limit(1))


def job_of_visit(session: Session, appointment: int) -> HomeJob | None:
    """What a booked visit went on as."""
    return session.scalar(select(HomeJob).where(HomeJob.told_by == appointment))


def last_asked(session: Session, person: Person) -> FollowUp | None:
    """The follow-up that this resident may answer."""
    mine = FollowUp.person_id == person.id, FollowUp.state == "asked"
    return session.scalar(select(FollowUp).where(*mine).order_by(FollowUp.asked_at.desc()).limit(1))


def old_words(before: datetime) -> Select[HomeJob]:
    some = or_(*(one.is_not(None) for one in (HomeJob.name, HomeJob.phone, HomeJob.address, HomeJob.words)))
    return select(HomeJob).where(HomeJob.state.not_in(OPEN), HomeJob.changed_at < before, some)


# ---- what must always hold ----------------------------------------------------------------------------------------


def one_answers_until(session: Session) -> Sequence[str]:
    """M6: every open job has one who answers for it and a due time; the desk answers for what is with nobody else."""
    nobody = HomeJob.state.in_(WITH_PROVIDER) & HomeJob.provider_id.is_(None)
    found = select(HomeJob).where(HomeJob.state.in_(OPEN), nobody | HomeJob.due.is_(None))
    return [f"job {one.id} is {one.state} without somebody or a due time" for one in session.scalars(found)]


def nobody_unlicensed(session: Session) -> Sequence[str]:
    """No job waits at somebody whose licence does not reach to its day."""
    rows = session.scalars(select(HomeJob).where(HomeJob.state.in_(("offered", "accepted")))).all()
    return [
        f"job {one.id} is with provider {one.provider_id}, licensed until {one.provider.licensed_until}"
        for one in rows
        if one.provider and one.starts and not one.provider.may_work_on(clock.local(one.starts).date())
    ]


def time_is_held(session: Session) -> Sequence[str]:
    """A job with a provider holds exactly its stretch of that provider's time, and no other job holds any."""
    held = {
        row.source: (row.resource_id, row.starts, row.ends)
        for row in session.scalars(select(Occupation).where(Occupation.source.startswith("home_job:")))
    }
    wanted = {
        one.source: (one.provider.resource_id, one.starts, one.ends)
        for one in session.scalars(select(HomeJob).where(HomeJob.state.in_(WITH_PROVIDER)))
        if one.provider
    }
    return [f"{source} is not as it is held" for source in held.keys() ^ wanted.keys()] + [
        f"{source} holds another time"
        for source in held.keys() & wanted.keys()
        if held[source] != wanted[source]
    ]
