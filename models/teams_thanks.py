"""Thanks: a word to a volunteer from a leader, the staff, or somebody who was served.

Nobody but the staff reads it before they have approved what may be read; then the volunteer does, and decides alone
whether it may stand on the wall. The wall ranks nobody and counts nobody.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from models.activities import ActivitySession
from models.base import Base, Instant, Sealed
from models.identity import Person
from models.teams import Team


class Thanks(Base):
    """`text` is as it was said; `public_text` what the staff approved. `state`: "said", "approved" or "refused".
    `shown` is the volunteer's own word on whether it may stand on the wall (None: not decided), `shown_as` the name
    that stands there. `person_id` is empty after the volunteer was erased, `giver_id` after who said it was."""

    __tablename__ = "thanks"
    __table_args__ = (
        CheckConstraint("source IN ('leader', 'staff', 'served')", name="source"),
        CheckConstraint("state IN ('said', 'approved', 'refused')", name="state"),
        Index("ix_thanks_state_at", "state", "at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("activity_session.id"))
    what: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(8))
    giver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    text: Mapped[str | None] = mapped_column(Sealed("thanks.text"))
    public_text: Mapped[str | None] = mapped_column(Sealed("thanks.public_text"))
    state: Mapped[str] = mapped_column(String(8), default="said")
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    shown: Mapped[bool | None]
    shown_as: Mapped[str | None] = mapped_column(Sealed("thanks.shown_as"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    giver: Mapped[Person | None] = relationship(foreign_keys=[giver_id])
    team: Mapped[Team | None] = relationship()
    session: Mapped[ActivitySession | None] = relationship()


def to_review() -> Select[Thanks]:
    return select(Thanks).where(Thanks.state == "said").order_by(Thanks.at, Thanks.id)


def thanks_to(person: Person) -> Select[Thanks]:
    """What this person may read: approved, the newest first."""
    mine = Thanks.person_id == person.id, Thanks.state == "approved"
    return select(Thanks).where(*mine).order_by(Thanks.at.desc(), Thanks.id.desc())


def thanks_by(person: Person) -> Select[Thanks]:
    return select(Thanks).where(Thanks.giver_id == person.id).order_by(Thanks.id)


def on_the_wall() -> Select[Thanks]:
    shown = Thanks.state == "approved", Thanks.shown.is_(True), Thanks.person_id.is_not(None)
    return select(Thanks).where(*shown).order_by(Thanks.reviewed_at.desc(), Thanks.id.desc())
