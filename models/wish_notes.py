"""What the staff note of a wish for each other: how it was delivered, who was asked. Nobody else ever reads it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from models.base import Base, Instant, RowKey, RowSealed
from models.staff import StaffMember
from models.wishes import Wish


class WishNote(RowKey, Base):
    """One note; it goes when what was said in the wish goes."""

    __tablename__ = "wish_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    _text: Mapped[bytes] = mapped_column("text", LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    text = RowSealed[str]("wish_note.text")
    staff: Mapped[StaffMember] = relationship()


def notes_of(wish: Wish) -> Select[WishNote]:
    return select(WishNote).where(WishNote.wish_id == wish.id).order_by(WishNote.id)
