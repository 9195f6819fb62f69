"""What WeChat has pushed and what we answered: a repeat of the same push gets the same answer and no second effect."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from models.base import Base, Instant, Sealed, index_where

GUARDED = (
    "guarded"  # what was said belongs to the confidential lane: here is only that something was answered
)
IS_GUARDED = f"kind = '{GUARDED}'"


class InboxRow(Base):
    """One push; `key` is a keyed hash of "kind:app|key of the push", which holds the openid. `answer` is the plain
    reply XML ("" for none); it is sealed again on every way out.

    Kept for 7 days (trust B06): WeChat repeats within seconds, a replayed request may come later.
    """

    __tablename__ = "inbox"
    __table_args__ = (index_where("ix_inbox_guarded", IS_GUARDED, "received_at"), Base.__table_args__)

    key: Mapped[str] = mapped_column(String(240), primary_key=True)
    app: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(60))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    answer: Mapped[str] = mapped_column(Sealed("inbox.answer"))
    fault: Mapped[str | None] = mapped_column(String(20))
    received_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
