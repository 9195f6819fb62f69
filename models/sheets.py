"""Sign-in sheets on paper: what was printed on which line, what was typed in from it later, and the photo of it.

A line keeps what its scans say, so that typing it twice, or by two people, is one record: the scans' nonces are made of
sheet, line and `revision`, and a correction is an undo and a new revision.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app import clock
from models.activities import LIVE, ActivitySession
from models.activities_party import Companion
from models.base import Base, Instant, SealedJSON
from models.identity import Person
from models.staff import StaffMember
from models.stored_file import StoredFile
from models.unindexed import unindexed

PHOTOS_KEPT = timedelta(days=60)
MOST_PHOTOS = 6
MOST_SHEETS = 20


class SignInSheet(Base):
    """One printed sheet of a session; `number` counts within it. Asked for by a resident who leads, it waits for the
    desk to print it (`printed_at` empty). `draft` is what is typed and not yet taken in: {line: [who, came, left]}."""

    __tablename__ = "sign_in_sheet"
    __table_args__ = (UniqueConstraint("session_id", "number"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"))
    number: Mapped[int]
    draft: Mapped[dict[str, Any] | None] = mapped_column(SealedJSON("sign_in_sheet.draft"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    printed_at: Mapped[datetime | None] = mapped_column(Instant)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))

    session: Mapped[ActivitySession] = relationship(lazy="joined")
    staff: Mapped[StaffMember | None] = relationship()


class SheetLine(Base):
    """`person_id` is who is printed there, or who was found for what was written on an empty line; `companion_id` who
    only comes along and is not on file. `came_at`, `left_at` are what was typed in; `revision` counts how often."""

    __tablename__ = "sheet_line"
    __table_args__ = (UniqueConstraint("sheet_id", "line"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sign_in_sheet.id", ondelete="CASCADE"))
    line: Mapped[int]
    printed: Mapped[bool] = mapped_column(default=False)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    companion_id: Mapped[int | None] = mapped_column(
        ForeignKey("companion.id", ondelete="SET NULL"), index=True
    )
    came_at: Mapped[datetime | None] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)
    revision: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person | None] = relationship()
    companion: Mapped[Companion | None] = relationship()


class SheetPhoto(Base):
    """A photo of the filled sheet; it goes with its file."""

    __tablename__ = "sheet_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sign_in_sheet.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    file: Mapped[StoredFile] = relationship(lazy="joined")


def sheets_of(held: ActivitySession) -> Select[SignInSheet]:
    return select(SignInSheet).where(SignInSheet.session_id == held.id).order_by(SignInSheet.number)


def sheets_to_print() -> Select[SignInSheet]:
    """Those that a leader has asked for and nobody has printed, the nearest session first."""
    return (
        select(SignInSheet)
        .join(ActivitySession, ActivitySession.id == unindexed(SignInSheet.session_id))
        .where(SignInSheet.printed_at.is_(None), unindexed(ActivitySession.state).in_(LIVE))
        .order_by(unindexed(ActivitySession.starts), SignInSheet.id)
    )


def lines_of(sheet: SignInSheet) -> Select[SheetLine]:
    return (
        select(SheetLine)
        .where(SheetLine.sheet_id == sheet.id)
        .options(joinedload(SheetLine.person), joinedload(SheetLine.companion))
        .order_by(SheetLine.line)
    )


def line_of(session: Session, sheet: SignInSheet, number: int) -> SheetLine | None:
    """As it is now. The session is held, so nobody else writes it."""
    mine = select(SheetLine).where(SheetLine.sheet_id == sheet.id, SheetLine.line == number)
    return session.scalar(mine.execution_options(populate_existing=True))


def photos_of(sheet: SignInSheet) -> Select[SheetPhoto]:
    return select(SheetPhoto).where(SheetPhoto.sheet_id == sheet.id).order_by(SheetPhoto.id)
