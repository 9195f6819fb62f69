"""What the desk adds to the ledger: numbered stamps of the paper book, entered once, and moves that need two people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, Sealed
from models.ledger import TimeAccount, TimeTransfer
from models.staff import StaffMember


class TimeStamp(Base):
    """One numbered stamp of the paper book. A stamp whose transfer was reversed is `void` and may be entered again."""

    __tablename__ = "time_stamp"
    __table_args__ = (
        Index(
            "uq_time_stamp_number",
            "number",
            unique=True,
            sqlite_where=text("NOT void"),
            postgresql_where=text("NOT void"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int] = mapped_column(ForeignKey("time_account.id"))
    transfer_id: Mapped[int] = mapped_column(ForeignKey("time_transfer.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    void: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember | None] = relationship()


class TimeOrder(Base):
    """A move above the limit for one person: `waiting` until somebody else says yes (`done`) or no (`refused`)."""

    __tablename__ = "time_order"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'done', 'refused')", name="state"),
        CheckConstraint("kind IN ('post', 'gift', 'grant', 'reversal')", name="kind"),
        UniqueConstraint("once"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    giver_id: Mapped[int | None] = mapped_column(ForeignKey("time_account.id"))
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("time_account.id"))
    minutes: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("time_transfer.id"))
    category: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str | None] = mapped_column(Sealed("time_order.words"))
    once: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("time_transfer.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    giver: Mapped[TimeAccount | None] = relationship(foreign_keys=[giver_id])
    taker: Mapped[TimeAccount | None] = relationship(foreign_keys=[taker_id])
    reverses: Mapped[TimeTransfer | None] = relationship(foreign_keys=[reverses_id])
    asked_by: Mapped[StaffMember] = relationship(foreign_keys=[asked_by_id])


def live_stamp(session: Session, number: str) -> TimeStamp | None:
    return session.scalar(select(TimeStamp).where(TimeStamp.number == number, ~TimeStamp.void))
