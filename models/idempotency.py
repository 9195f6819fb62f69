"""Calls that may be repeated: the second time with the same key is the first time's answer, and no second effect.

A key belongs to the identity that called, not to its person: two records may become one between a call and its repeat.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant, Sealed, insert_once

KEPT = timedelta(hours=48)
IN_FLIGHT = timedelta(seconds=60)


class Idempotency(Base):
    """One call. Without a `status` it is under way: that is seen from outside only while a call asks WeChat first."""

    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("identity_id", "key"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(255))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Sealed("idempotency.body"))
    taken_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)

    @property
    def is_abandoned(self) -> bool:
        """Whether a call that asked WeChat first never came back."""
        return self.status is None and self.taken_at <= clock.now() - IN_FLIGHT


def take(session: Session, identity_id: int, key: str, request_hash: str) -> tuple[Idempotency, bool]:
    """The row of this key, locked, and whether it is new. A twin waits here for the first one's commit."""
    now = clock.now()
    row = {"identity_id": identity_id, "key": key, "request_hash": request_hash, "taken_at": now}
    is_new = insert_once(session, Idempotency, **row)
    mine = Idempotency.identity_id == identity_id, Idempotency.key == key
    return session.scalars(select(Idempotency).where(*mine).with_for_update()).one(), is_new


def give_up(session: Session, identity_id: int, key: str) -> None:
    """The call did not come to an answer: its key may be used again."""
    mine = Idempotency.identity_id == identity_id, Idempotency.key == key, Idempotency.status.is_(None)
    session.execute(delete(Idempotency).where(*mine))


def forget_old(session: Session, most: int) -> int:
    old = select(Idempotency.id).where(Idempotency.taken_at <= clock.now() - KEPT).limit(most)
    gone = delete(Idempotency).where(Idempotency.id.in_(old)).returning(Idempotency.id)
    return len(session.execute(gone).all())
