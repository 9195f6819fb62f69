"""Browsers that residents open our pages in: signed out, asking WeChat who they are, or signed in."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant
from models.identity import Identity, Person

ASKING = timedelta(minutes=10)
SIGNED_IN = timedelta(days=30)


class PageSession(Base):
    """One browser. Only hashes of its key (in the cookie) and of the `state` that it took to WeChat are kept. `state`
    works once, for ten minutes, in this browser; `return_to` is [route, arguments] of a page of ours."""

    __tablename__ = "page_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    state_hash: Mapped[str | None] = mapped_column(String(64))
    return_to: Mapped[list[Any] | None] = mapped_column(JSON)
    until: Mapped[datetime] = mapped_column(Instant, index=True)


def hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def begin_asking(session: Session, key: str, state: str, route: str, arguments: dict[str, Any]) -> None:
    """Remember what this browser takes to WeChat; whatever it asked before is void."""
    forget_browser(session, key)
    row = PageSession(key_hash=hashed(key), state_hash=hashed(state), until=clock.now() + ASKING)
    row.return_to = [route, arguments]
    session.add(row)


def take_state(session: Session, key: str, state: str) -> tuple[str, dict[str, Any]] | None:
    """The page to return to, for the first who brings this state in this browser in time; None for all others."""
    taken = (
        update(PageSession)
        .where(
            PageSession.key_hash == hashed(key),
            PageSession.state_hash == hashed(state),
            PageSession.until > clock.now(),
        )
        .values(state_hash=None)
        .returning(PageSession.return_to)
        .execution_options(synchronize_session=False)
    )
    found = session.execute(taken).first()
    return (found[0][0], found[0][1]) if found else None


def sign_in(session: Session, old_key: str, new_key: str, identity: Identity) -> None:
    """The browser gets a new key with the person: one that was planted before the sign-in opens nothing."""
    forget_browser(session, old_key)
    now = clock.now()
    session.execute(delete(PageSession).where(PageSession.until <= now))
    session.add(PageSession(key_hash=hashed(new_key), identity_id=identity.id, until=now + SIGNED_IN))


def forget_browser(session: Session, key: str) -> None:
    session.execute(delete(PageSession).where(PageSession.key_hash == hashed(key)))


def signed_in_as(session: Session, key: str) -> int | None:
    """The identity that this browser has proved, while its person is still with us."""
    return session.scalar(
        select(PageSession.identity_id)
        .join(Identity, Identity.id == PageSession.identity_id)
        .join(Person, Person.id == Identity.person_id)
        .where(
            PageSession.key_hash == hashed(key),
            PageSession.until > clock.now(),
            Person.erased_at.is_(None),
        )
    )
