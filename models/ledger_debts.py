"""Who left while they owed hours, and comes again: the credit of a newcomer is smaller by what was left to the pool.

Nothing of the person is kept: a keyed hash of each WeChat identity, the minutes, and the day on which the mark goes. A
typed phone proves nothing and can be any, so it is not what is remembered.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import CheckConstraint, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock, privacy
from models.base import Base
from models.identity import Identity, Person

KEPT_FOR = timedelta(days=365)


class TimeDebt(Base):
    """What somebody owed when their account was closed."""

    __tablename__ = "time_debt"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        UniqueConstraint("mark"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    minutes: Mapped[int]
    until: Mapped[date]


def remember_debt(session: Session, person: Person, minutes: int) -> None:
    """Each identity of somebody who leaves; one who owes again owes both."""
    for mark in _marks(session, person):
        known = session.scalar(select(TimeDebt).where(TimeDebt.mark == mark))
        if known is None:
            known = TimeDebt(mark=mark, minutes=0)
            session.add(known)
        known.minutes, known.until = known.minutes + minutes, clock.today() + KEPT_FOR
        session.flush()


def debt_of(session: Session, person: Person) -> int:
    """How much this person left unpaid within the last year."""
    marks = _marks(session, person)
    live = select(func.max(TimeDebt.minutes)).where(TimeDebt.mark.in_(marks), TimeDebt.until >= clock.today())
    return (session.scalar(live) or 0) if marks else 0


def forget_debts(session: Session) -> int:
    """Those whose year is over."""
    old = delete(TimeDebt).where(TimeDebt.until < clock.today()).returning(TimeDebt.id)
    return len(session.scalars(old).all())


def _marks(session: Session, person: Person) -> list[str]:
    rows = session.scalars(select(Identity).where(Identity.person_id == person.id).order_by(Identity.id))
    return [privacy.keyring().blind("time_debt", f"{one.app}:{one.openid}") for one in rows]
