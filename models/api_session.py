"""Who is logged in from a mini-program: our own token, of which only a hash is kept, bound to one identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ForeignKey, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant, Sealed
from models.identity import Identity, Person

LIVES = timedelta(days=30)
IDLE = timedelta(days=7)
NOTED_EACH = timedelta(hours=1)
MOST_DEVICES = 5


class ApiSession(Base):
    """`session_key` is WeChat's key of this login: it opens the person's data at WeChat and never leaves the server."""

    __tablename__ = "api_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    session_key: Mapped[str] = mapped_column(Sealed("api_session.session_key"))
    begun_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
    used_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A live session: whose identity it proves, and whether its last use should be noted again."""

    session_id: int
    identity_id: int
    is_stale: bool


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def begin(session: Session, identity: Identity, token: str, session_key: str) -> ApiSession:
    """Log an identity in with a new token; beyond five devices the one that was used longest ago is out."""
    row = ApiSession(token_hash=hashed(token), identity_id=identity.id, session_key=session_key)
    session.add(row)
    session.flush()
    latest = select(ApiSession.id).where(ApiSession.identity_id == identity.id)
    kept = session.scalars(
        latest.order_by(ApiSession.used_at.desc(), ApiSession.id.desc()).limit(MOST_DEVICES)
    )
    theirs = ApiSession.identity_id == identity.id, ApiSession.id.not_in(list(kept))
    session.execute(delete(ApiSession).where(*theirs))
    return row


def logged_in(session: Session, token: str) -> LoggedIn | None:
    """Whom this token proves now; a token dies 30 days after the login, after 7 idle days, and with its person."""
    now = clock.now()
    row = session.execute(
        select(ApiSession.id, ApiSession.identity_id, ApiSession.used_at)
        .join(Identity, Identity.id == ApiSession.identity_id)
        .join(Person, Person.id == Identity.person_id)
        .where(
            ApiSession.token_hash == hashed(token),
            ApiSession.begun_at > now - LIVES,
            ApiSession.used_at > now - IDLE,
            Person.erased_at.is_(None),
        )
    ).first()
    return LoggedIn(row[0], row[1], row[2] < now - NOTED_EACH) if row else None


def note_use(session: Session, session_id: int) -> None:
    session.execute(update(ApiSession).where(ApiSession.id == session_id).values(used_at=clock.now()))


def end(session: Session, session_id: int) -> None:
    session.execute(delete(ApiSession).where(ApiSession.id == session_id))


def forget_dead(session: Session) -> int:
    now = clock.now()
    dead = or_(ApiSession.begun_at <= now - LIVES, ApiSession.used_at <= now - IDLE)
    return len(session.execute(delete(ApiSession).where(dead).returning(ApiSession.id)).all())
