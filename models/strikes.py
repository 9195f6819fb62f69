"""Those who did not come, where the community wants to count that: off by default, mild, and always open to a word.

Enough times that nobody came within a while make a pause in which the service is not booked by oneself; the staff still
book for everybody. A strike ends by time, by visits that were kept, by an appeal, or when the mark was a mistake; what
is paused is computed from the strikes that live, never stored, so that nobody stays paused by oversight.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.appointments import Appointment
from models.base import FLAT, Base, Instant, Sealed, index_where, is_there
from models.identity import Person
from models.plans import Service
from models.prepared import Prepared
from models.rows import get
from models.slots import Slot

LIVES = "ended_at IS NULL"


class VisitRule(Base):
    """The one row of rules that a community sets for its visits. Strikes count only while `strikes_on`: `most_strikes`
    within `within_days` pause for `pause_days`; each ends after `decay_days` or `kept_visits` visits (0: never by
    visits). A booked time is let go to the line `grace_minutes` after its start. A freed seat is kept for
    `claim_minutes`, never later than `claim_last_minutes` before the visit."""

    __tablename__ = "visit_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    strikes_on: Mapped[bool] = mapped_column(default=False)
    most_strikes: Mapped[int] = mapped_column(default=3)
    within_days: Mapped[int] = mapped_column(default=90)
    pause_days: Mapped[int] = mapped_column(default=14)
    decay_days: Mapped[int] = mapped_column(default=90)
    kept_visits: Mapped[int] = mapped_column(default=2)
    grace_minutes: Mapped[int] = mapped_column(default=15)
    claim_minutes: Mapped[int] = mapped_column(default=120)
    claim_last_minutes: Mapped[int] = mapped_column(default=60)

    @property
    def claim(self) -> timedelta:
        return timedelta(minutes=self.claim_minutes)

    @property
    def claim_last(self) -> timedelta:
        return timedelta(minutes=self.claim_last_minutes)


USUAL = {
    column.key: column.default.arg for column in VisitRule.__table__.columns if column.default is not None
}


class Strike(Base):
    """One visit to which nobody came. It counts for the holder and the visitor ("" for oneself) of that visit, for the
    `kind` of its service. `why_ended`: time, kept, unmarked, appeal; `ended_by` is the kept visit that ended it."""

    __tablename__ = "strike"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (why_ended IS NULL)", name="end"),
        Index(
            "ix_strike_live",
            "person_id",
            "visitor",
            "kind",
            sqlite_where=text(LIVES),
            postgresql_where=text(LIVES),
        ),
        index_where("ix_strike_at_live", LIVES, "at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    visitor: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[str] = mapped_column(String(8))
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), unique=True)
    marked_by: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    why_ended: Mapped[str | None] = mapped_column(String(8))
    ended_by: Mapped[int | None]

    person: Mapped[Person] = relationship()
    appointment: Mapped[Appointment] = relationship(lazy="selectin")


class StrikeAppeal(Base):
    """What somebody says to a strike, once: `open → granted | refused`, by another than who marked it."""

    __tablename__ = "strike_appeal"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'granted', 'refused')", name="state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    strike_id: Mapped[int] = mapped_column(ForeignKey("strike.id", ondelete="CASCADE"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    words: Mapped[str | None] = mapped_column(Sealed("strike_appeal.words"))
    state: Mapped[str] = mapped_column(String(8), default="open", index=True)
    answer: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    strike: Mapped[Strike] = relationship(lazy="joined", innerjoin=FLAT)
    person: Mapped[Person] = relationship()


def rule_of(session: Session) -> VisitRule:
    """The community's rule; before anybody has set one, the usual one (not stored)."""
    return get(session, VisitRule, 1) or VisitRule(id=1, **USUAL)


# ---- what lives ---------------------------------------------------------------------------------------------------


def live_strikes(person: Person, visitor: str, kind: str) -> Select[Strike]:
    """The strikes that count, the oldest first."""
    mine = Strike.person_id == person.id, Strike.visitor == visitor, Strike.kind == kind
    return select(Strike).where(*mine, Strike.ended_at.is_(None)).order_by(Strike.at, Strike.id)


def strikes_of(person: Person) -> Select[Strike]:
    """All that was noted of a person, the newest first."""
    return select(Strike).where(Strike.person_id == person.id).order_by(Strike.id.desc())


def strike_of(session: Session, appointment: Appointment) -> Strike | None:
    return session.scalar(select(Strike).where(Strike.appointment_id == appointment.id))


def appeal_of(session: Session, strike: Strike) -> StrikeAppeal | None:
    return session.scalar(select(StrikeAppeal).where(StrikeAppeal.strike_id == strike.id))


COUNTED = Prepared(select(VisitRule.id).where(VisitRule.strikes_on))


def paused_until(session: Session, person: Person, visitor: str, kind: str) -> datetime | None:
    """Until when this visitor does not book this kind by themselves; None when they may."""
    if not is_there(session, COUNTED, {}):
        return None
    rule = rule_of(session)
    fresh = Strike.at > clock.now() - timedelta(days=rule.decay_days)
    live = session.scalars(live_strikes(person, visitor, kind).where(fresh)).all()
    if len(live) < rule.most_strikes or rule.most_strikes < 1:
        return None
    latest, first_of_them = live[-1].at, live[-rule.most_strikes].at
    if latest - first_of_them > timedelta(days=rule.within_days):
        return None
    until = latest + timedelta(days=rule.pause_days)
    return until if until > clock.now() else None


def decayed(rule: VisitRule) -> Select[Strike]:
    """Strikes that time has ended."""
    old = Strike.at <= clock.now() - timedelta(days=rule.decay_days)
    return select(Strike).where(Strike.ended_at.is_(None), old).order_by(Strike.at, Strike.id)


def kept_since(session: Session, strike: Strike) -> Sequence[Appointment]:
    """Visits of the same visitor and kind that the desk saw take place after this strike and that ended no other."""
    used = select(Strike.ended_by).where(Strike.ended_by.is_not(None))
    same = Appointment.person_id == strike.person_id, Appointment.visitor == strike.visitor
    found = select(Appointment).join(Appointment.slot).join(Service, Service.id == Slot.service_id)
    return session.scalars(
        found.where(
            *same,
            Appointment.state == "done",
            Appointment.marked_by.is_not(None),
            Service.kind == strike.kind,
            Appointment.changed_at > strike.at,
            Appointment.id.not_in(used),
        ).order_by(Appointment.changed_at)
    ).all()


def open_appeals() -> Select[StrikeAppeal]:
    """What waits for the desk, the longest first."""
    return select(StrikeAppeal).where(StrikeAppeal.state == "open").order_by(StrikeAppeal.id)


def appeals_of(person: Person) -> Select[StrikeAppeal]:
    return select(StrikeAppeal).where(StrikeAppeal.person_id == person.id).order_by(StrikeAppeal.id.desc())


def live_now() -> Select[Strike]:
    """All strikes that count, for the desk: the newest first."""
    return select(Strike).where(Strike.ended_at.is_(None)).order_by(Strike.at.desc(), Strike.id.desc())


def ended_strikes(before: datetime) -> Select[Strike]:
    return select(Strike).where(Strike.ended_at < before)


# ---- what must always hold ----------------------------------------------------------------------------------------


def strikes_have_a_no_show(session: Session) -> Sequence[str]:
    """No strike lives without a visit that is marked as not kept."""
    astray = (
        select(Strike.id)
        .join(Appointment, Appointment.id == Strike.appointment_id)
        .where(Strike.ended_at.is_(None), Appointment.state != "no_show")
    )
    return [f"strike {number} has no visit that was missed" for number in session.scalars(astray)]
