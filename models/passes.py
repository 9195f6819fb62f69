"""Own passes: the four digits by which a leader finds one person at one session, and the code on a person's own phone.

The digits are drawn on first need and kept, because they are read out, typed on a phone without network and printed on
the paper sheet. Everybody is given others at every session, so that they are no name for anybody.
"""

from __future__ import annotations

import base64
import secrets
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock, privacy
from models.activities import LATE, LIVE, ActivitySession, Enrolment
from models.base import Base, Instant, insert_once
from models.identity import Person
from models.volunteers import Attendance

ALL_DIGITS = 10_000
PASS_TURNS = timedelta(minutes=2)
PASS_LIVES = timedelta(minutes=5)
CLOCKS_DIFFER = timedelta(seconds=5)
PURPOSE = "own_pass"
FORM = struct.Struct(">QQ")


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
    return goes_on(session, found)


def goes_on(session: Session, person: Person | None) -> Person | None:
    """The record that goes on, where this one became one with another."""
    while person is not None and person.merged_into_id is not None:
        person = session.get(Person, person.merged_into_id)
    return person


def sessions_today(person: Person) -> Select[ActivitySession]:
    """Where this person may still check in or out today: what they have joined, and where they are."""
    today = clock.at(clock.today() + timedelta(days=1), time(0))
    joined = select(Enrolment.session_id).where(
        Enrolment.person_id == person.id, Enrolment.state == "joined", Enrolment.comes
    )
    there = select(Attendance.session_id).where(
        Attendance.person_id == person.id, Attendance.left_at.is_(None)
    )
    return (
        select(ActivitySession)
        .where(
            or_(ActivitySession.id.in_(joined), ActivitySession.id.in_(there)),
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts < today,
            ActivitySession.ends >= clock.now() - LATE,
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


# ---- the code on a person's own phone ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """What a pass says: whose it is, and when it was shown."""

    person_id: int
    at: datetime

    def is_fresh(self, instant: datetime) -> bool:
        return -CLOCKS_DIFFER <= instant - self.at < PASS_LIVES


def pass_token(person: Person, instant: datetime) -> str:
    """Sealed, so that it tells a stranger nothing, not even a number; only our own key opens it."""
    plain = FORM.pack(person.id, int(instant.timestamp()))
    return base64.urlsafe_b64encode(privacy.keyring().seal(PURPOSE, plain)).decode()


def read_token(token: str) -> Shown | None:
    """None for whatever we have not sealed ourselves."""
    try:
        sealed = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        person_id, seconds = FORM.unpack(privacy.keyring().unseal(PURPOSE, sealed))
    except (ValueError, privacy.Unreadable, struct.error):
        return None
    return Shown(person_id, datetime.fromtimestamp(seconds, UTC))
