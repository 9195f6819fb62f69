"""Cover: a member cannot come and somebody else may take the shift, asked for in waves, or by name, or as a swap.

Who asks stays responsible until somebody has said yes; the first yes wins, under the lock of the session. Nothing is
offered once the shift has begun.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.activities import LIVE, ActivitySession
from models.base import Base, Instant
from models.identity import Person
from models.teams import Team

WAVE = 3  # how many are asked at a time
LONGEST_WAVE, SHORTEST_WAVE = timedelta(hours=3), timedelta(minutes=20)
UNDO_WITHIN = timedelta(minutes=10)


class Cover(Base):
    """`asker` cannot come to `session`. `way`: everybody who could is asked, wave by wave ("all"), or one member by
    name ("one"), or that one for a shift of theirs (`other_id`, "swap"). `next_at` is when the next wave leaves;
    `wave` counts them.

    `open → taken` (then, for ten minutes, `undone`); `withdrawn` by the asker, `refused` by the one who was named,
    `nobody` when it began and no one had said yes, `over` when there is nothing to take any more."""

    __tablename__ = "cover"
    __table_args__ = (
        CheckConstraint("way IN ('all', 'one', 'swap')", name="way"),
        CheckConstraint(
            "state IN ('open', 'taken', 'undone', 'withdrawn', 'refused', 'nobody', 'over')", name="state"
        ),
        CheckConstraint("(way = 'swap') = (other_id IS NOT NULL)", name="swap"),
        CheckConstraint("state <> 'taken' OR ended_at IS NOT NULL", name="taken"),
        Index(
            "uq_cover_open",
            "session_id",
            "asker_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index("ix_cover_state_next_at", "state", "next_at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"), index=True)
    asker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    way: Mapped[str] = mapped_column(String(4))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("activity_session.id"), index=True)
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    wave: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    asked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    team: Mapped[Team] = relationship()
    session: Mapped[ActivitySession] = relationship(lazy="joined", foreign_keys=[session_id])
    other: Mapped[ActivitySession | None] = relationship(foreign_keys=[other_id])
    asker: Mapped[Person | None] = relationship(foreign_keys=[asker_id])
    taker: Mapped[Person | None] = relationship(foreign_keys=[taker_id])
    asks: Mapped[list[CoverAsk]] = relationship(back_populates="cover", order_by="CoverAsk.id")

    @property
    def can_be_undone(self) -> bool:
        if self.state != "taken" or self.ended_at is None or self.session.starts <= clock.now():
            return False
        return self.ended_at > clock.now() - UNDO_WITHIN


class CoverAsk(Base):
    """One member who was asked: "asked", then "yes" or "no", or "gone" when it was settled without them."""

    __tablename__ = "cover_ask"
    __table_args__ = (
        UniqueConstraint("cover_id", "person_id"),
        CheckConstraint("state IN ('asked', 'yes', 'no', 'gone')", name="state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cover_id: Mapped[int] = mapped_column(ForeignKey("cover.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(5), default="asked")
    wave: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)

    cover: Mapped[Cover] = relationship(back_populates="asks")
    person: Mapped[Person] = relationship()


def hold(session: Session, cover: Cover) -> None:
    """Keep the row still until the unit ends. Sessions are held before it."""
    mine = select(Cover.id).where(Cover.id == cover.id)
    session.execute(mine.with_for_update(key_share=True))
    session.refresh(cover)


def open_cover(session: Session, held: ActivitySession, person: Person) -> Cover | None:
    """What this person has asked for about this shift and is not settled."""
    mine = Cover.session_id == held.id, Cover.asker_id == person.id, Cover.state == "open"
    return session.scalar(select(Cover).where(*mine).execution_options(populate_existing=True))


def open_covers(held: ActivitySession) -> Select[Cover]:
    """Also those in which this shift would be given for another."""
    mine = or_(Cover.session_id == held.id, Cover.other_id == held.id), Cover.state == "open"
    return select(Cover).where(*mine).order_by(Cover.id)


def at_risk(session: Session, held: ActivitySession) -> int:
    """How many of those who come to this shift have said that they cannot."""
    mine = select(Cover.asker_id).where(Cover.session_id == held.id, Cover.state == "open")
    return len(set(session.scalars(mine)))


def due_waves(now: datetime) -> Select[Cover]:
    due = Cover.state == "open", Cover.next_at <= now
    return select(Cover).where(*due).order_by(Cover.next_at, Cover.id)


def begun(now: datetime) -> Select[Cover]:
    """Searches whose shift has begun, or is not on any more."""
    gone = or_(ActivitySession.starts <= now, ActivitySession.state.not_in(LIVE))
    return (
        select(Cover)
        .join(ActivitySession, ActivitySession.id == Cover.session_id)
        .where(Cover.state == "open", gone)
        .order_by(Cover.id)
    )


def asked_of(person: Person) -> Select[Cover]:
    """What this person is asked to take and has not answered; the nearest first."""
    return (
        select(Cover)
        .join(CoverAsk, CoverAsk.cover_id == Cover.id)
        .join(ActivitySession, ActivitySession.id == Cover.session_id)
        .where(
            CoverAsk.person_id == person.id,
            CoverAsk.state == "asked",
            Cover.state == "open",
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts > clock.now(),
        )
        .order_by(ActivitySession.starts, Cover.id)
    )


def asked_for_by(person: Person) -> Select[Cover]:
    """What this person has asked others to take, not settled or settled so lately that it can be taken back."""
    lately = Cover.ended_at > clock.now() - UNDO_WITHIN
    return (
        select(Cover)
        .where(
            or_(Cover.asker_id == person.id, Cover.taker_id == person.id),
            or_(Cover.state == "open", (Cover.state == "taken") & lately),
        )
        .order_by(Cover.id.desc())
    )


def ask_of(session: Session, cover: Cover, person: Person) -> CoverAsk | None:
    mine = CoverAsk.cover_id == cover.id, CoverAsk.person_id == person.id
    return session.scalar(select(CoverAsk).where(*mine).execution_options(populate_existing=True))


def stale_covers(session: Session) -> list[str]:
    """No search goes on once its shift has begun and a sweep has passed."""
    late = begun(clock.now()).where(ActivitySession.starts < clock.now() - timedelta(minutes=30))
    return [f"cover {one.id} is still searched for" for one in session.scalars(late)]
