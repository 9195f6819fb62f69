"""Words between who promised a wish and who wished: neither learns who the other is.

A ready sentence goes across at once; what somebody wrote themselves waits for a person of the staff. The words go when
what was said in the wish goes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Select, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, RowKey, RowSealed
from models.wishes import Claim, Wish

MOST_A_DAY = 5  # of one side about one wish
DAY = timedelta(days=1)


class WishWord(RowKey, Base):
    """One sentence about one claim: `waiting` for the staff, `passed` on, or `refused`."""

    __tablename__ = "wish_word"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'passed', 'refused')", name="state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id", ondelete="CASCADE"), index=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("wish_claim.id", ondelete="CASCADE"), index=True)
    from_wisher: Mapped[bool]
    _text: Mapped[bytes] = mapped_column("text", LargeBinary)
    state: Mapped[str] = mapped_column(String(8), default="waiting", index=True)
    read_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    text = RowSealed[str]("wish_word.text")
    wish: Mapped[Wish] = relationship()
    claim: Mapped[Claim] = relationship()


def words_of(wish: Wish) -> Select[WishWord]:
    """Everything that was said about a wish, oldest first; for the staff."""
    return select(WishWord).where(WishWord.wish_id == wish.id).order_by(WishWord.id)


def words_heard(claim: Claim, *, by_wisher: bool) -> Select[WishWord]:
    """What this side may read, newest first: its own words, and those of the other that went across."""
    own = WishWord.from_wisher == by_wisher
    mine = select(WishWord).where(WishWord.claim_id == claim.id, own | (WishWord.state == "passed"))
    return mine.order_by(WishWord.id.desc())


def said_today(session: Session, claim: Claim, *, from_wisher: bool) -> int:
    lately = WishWord.at > clock.now() - DAY
    same = WishWord.claim_id == claim.id, WishWord.from_wisher == from_wisher
    return session.scalar(select(func.count()).where(*same, lately)) or 0


def words_waiting() -> Select[WishWord]:
    """What a person must read before the other side does, oldest first."""
    return select(WishWord).where(WishWord.state == "waiting").order_by(WishWord.id)
