"""What the office knows better than any dictionary: its leaders' names with their titles, and slips that it keeps
making. A notice is compared with both before it goes out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant

LONGEST_NAME, LONGEST_TITLE, LONGEST_SLIP = 20, 40, 20
MOST_LISTED = 500


class KnownTitle(Base):
    """Somebody holds this office; whoever holds two has two rows."""

    __tablename__ = "known_title"
    __table_args__ = (UniqueConstraint("name", "title"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    added_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class KnownSlip(Base):
    """`wrong` is written again and again, where it should say `meant`."""

    __tablename__ = "known_slip"

    id: Mapped[int] = mapped_column(primary_key=True)
    wrong: Mapped[str] = mapped_column(String(LONGEST_SLIP), unique=True)
    meant: Mapped[str] = mapped_column(String(LONGEST_SLIP))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    added_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def listed_titles() -> Select[KnownTitle]:
    return select(KnownTitle).order_by(KnownTitle.name, KnownTitle.title).limit(MOST_LISTED)


def listed_slips() -> Select[KnownSlip]:
    return select(KnownSlip).order_by(KnownSlip.wrong).limit(MOST_LISTED)


def titles(session: Session) -> list[tuple[str, str]]:
    """(name, title) of everybody on the list."""
    return [(row.name, row.title) for row in session.scalars(listed_titles())]


def slips(session: Session) -> list[tuple[str, str]]:
    """(wrong, meant) of the office's own list."""
    return [(row.wrong, row.meant) for row in session.scalars(listed_slips())]
