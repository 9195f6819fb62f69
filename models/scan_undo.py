"""Scans taken back, and given back: a decision about a scan, named by its nonce, because it may arrive before its scan.

Of all decisions about one scan the latest counts, by the time at which it was made; of two at the same instant the one
that takes it back. So any order of arrival, twice, comes to the same (engines.md M3).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.activities import ActivitySession
from models.base import Base, Instant, Sealed
from models.hours import ServiceHours
from models.identity import Person
from models.staff import StaffMember
from models.volunteers import Scan

OWN_WITHIN = timedelta(minutes=10)
LONGEST_REASON = 30


class ScanUndo(Base):
    """`of` is the nonce of the scan of this person at this session; `undone` False gives it back. Who decided it is a
    member of staff, a resident who leads, or the person themselves."""

    __tablename__ = "scan_undo"
    __table_args__ = (
        UniqueConstraint("person_id", "nonce"),
        Index("ix_scan_undo_person_id_of", "person_id", "of"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    of: Mapped[str] = mapped_column(String(80))
    nonce: Mapped[str] = mapped_column(String(80))
    undone: Mapped[bool]
    reason: Mapped[str] = mapped_column(Sealed("scan_undo.reason"))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    staff: Mapped[StaffMember | None] = relationship()
    leader: Mapped[Person | None] = relationship(foreign_keys=[leader_id])


def undo_of(session: Session, person: Person, nonce: str) -> ScanUndo | None:
    """The decision that this nonce names, when it is known already."""
    return session.scalar(select(ScanUndo).where(ScanUndo.person_id == person.id, ScanUndo.nonce == nonce))


def decided(session: Session, scan: Scan) -> ScanUndo | None:
    """What was decided last about this scan."""
    about = ScanUndo.person_id == scan.person_id, ScanUndo.of == scan.nonce
    latest = (ScanUndo.occurred_at.desc(), ScanUndo.undone.desc(), ScanUndo.id.desc())
    return session.scalar(
        select(ScanUndo).where(*about, ScanUndo.session_id == scan.session_id).order_by(*latest).limit(1)
    )


def heed(session: Session, scan: Scan) -> None:
    """Make the scan say what was decided about it, maybe before it arrived."""
    last = decided(session, scan)
    scan.voided_at = last.occurred_at if last is not None and last.undone else None


def scans_at(held: ActivitySession) -> Select[Scan]:
    """Every scan of a session, also those taken back, in the order in which they happened."""
    return select(Scan).where(Scan.session_id == held.id).order_by(Scan.occurred_at, Scan.id)


def is_posted(session: Session, held: ActivitySession, person: Person) -> bool:
    """Whether what came of this person's scans is in the time bank already."""
    posted = (
        ServiceHours.session_id == held.id,
        ServiceHours.person_id == person.id,
        ServiceHours.state == "posted",
    )
    return session.scalar(select(ServiceHours.id).where(*posted).limit(1)) is not None
