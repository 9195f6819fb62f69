"""Own passes: the four digits by which a leader finds one person at one session, and the code on a person's own phone.

The digits are drawn on first need and kept, because they are read out, typed on a phone without network and printed on
the paper sheet. Everybody is given others at every session, so that they are no name for anybody.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.activities import ActivitySession
from models.base import Base, Instant, insert_once
from models.identity import Person

ALL_DIGITS = 10_000


class SessionPass(Base):
    """The digits of one person at one session; no two people have the same there."""

    __tablename__ = "session_pass"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        UniqueConstraint("session_id", "digits"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    digits: Mapped[str] = mapped_column(String(4))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def digits_of(session: Session, held: ActivitySession, person: Person) -> str:
    """This person's digits at this session, drawn when nobody has asked before. Writes on first need. Rivals agree:
    who draws for the same person finds the first one's, who draws the same digits draws again."""
    while (known := known_digits(session, held, person)) is None:
        drawn = f"{secrets.randbelow(ALL_DIGITS):04}"
        insert_once(
            session,
            SessionPass,
            session_id=held.id,
            person_id=person.id,
            digits=drawn,
            made_at=clock.now(),
        )
    return known


def known_digits(session: Session, held: ActivitySession, person: Person) -> str | None:
    mine = SessionPass.session_id == held.id, SessionPass.person_id == person.id
    return session.scalar(select(SessionPass.digits).where(*mine))


def person_of(session: Session, held: ActivitySession, digits: str) -> Person | None:
    """Whose digits these are at this session; the record that goes on, where two became one."""
    found = session.scalar(
        select(Person)
        .join(SessionPass, SessionPass.person_id == Person.id)
        .where(SessionPass.session_id == held.id, SessionPass.digits == digits)
    )
    while found is not None and found.merged_into_id is not None:
        found = session.get(Person, found.merged_into_id)
    return found
