"""Browsers that residents open our pages in: signed out, asking WeChat or the chat who they are, or signed in."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, ForeignKey, Select, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock, privacy
from models.base import Base, Instant
from models.identity import Identity, Person

ASKING = timedelta(minutes=10)
CODE_LIVES = timedelta(minutes=5)
SIGNED_IN = timedelta(days=30)
LET_IN = "let in"


class PageSession(Base):
    """One browser. Only hashes of its key (in the cookie) and of the `state` that it took to WeChat are kept. `state`
    works once, for ten minutes, in this browser; `return_to` is [route, arguments] of a page of ours. Six digits that
    the page shows stand in its place as a keyed hash; typed in the chat they leave LET_IN there, until the browser
    comes for its new key."""

    __tablename__ = "page_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    state_hash: Mapped[str | None] = mapped_column(String(64))
    return_to: Mapped[list[Any] | None] = mapped_column(JSON)
    until: Mapped[datetime] = mapped_column(Instant, index=True)


def hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def begin_asking(session: Session, key: str, state: str, *, route: str, arguments: dict[str, Any]) -> None:
    """Remember what this browser takes to WeChat; whatever it asked before is void."""
    _begin(session, key, hashed(state), [route, arguments], clock.now() + ASKING)


def _begin(session: Session, key: str, state_hash: str, return_to: list[Any], until: datetime) -> None:
    forget_browser(session, key)
    row = PageSession(key_hash=hashed(key), state_hash=state_hash, return_to=return_to, until=until)
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


def forget_over(session: Session) -> int:
    """Rows whose time is over; how many."""
    over = delete(PageSession).where(PageSession.until <= clock.now()).returning(PageSession.id)
    return len(session.execute(over).all())


def forget_browsers_of(session: Session, identity: Identity) -> int:
    """Sign every browser of this identity out; how many that were."""
    theirs = delete(PageSession).where(PageSession.identity_id == identity.id).returning(PageSession.id)
    return len(session.scalars(theirs).all())


def signed_in_as(session: Session, key: str) -> int | None:
    """The identity that this browser has proved, while its person is still with us."""
    return session.scalar(
        select(PageSession.identity_id)
        .join(Identity, Identity.id == PageSession.identity_id)
        .join(Person, Person.id == Identity.person_id)
        .where(
            PageSession.key_hash == hashed(key),
            PageSession.state_hash.is_(None),
            PageSession.until > clock.now(),
            Person.erased_at.is_(None),
        )
    )


# ---- six digits, shown here and typed in the chat ------------------------------------------------


def show_code(session: Session, key: str, shown: str | None, *, route: str, arguments: dict[str, Any]) -> str:
    """Six digits that let this browser in: those that it `shown` already, while they live, else new ones that no other
    browser shows at this moment."""
    mine = PageSession.key_hash == hashed(key)
    if shown and session.scalar(_showing(shown).where(mine)) is not None:
        return shown
    code = f"{secrets.randbelow(1_000_000):06d}"
    while session.scalar(_showing(code)) is not None:
        code = f"{secrets.randbelow(1_000_000):06d}"
    _begin(session, key, _code_hash(code), [route, arguments], clock.now() + CODE_LIVES)
    return code


def browser_showing(session: Session, code: str) -> PageSession | None:
    """The browser that shows these digits now; None when there is none (or, by a race, more than one)."""
    found = session.scalars(_showing(code).with_for_update()).all()
    return found[0] if len(found) == 1 else None


def let_in(session: Session, browser: PageSession, identity: Identity) -> None:
    """The resident has typed the digits: the browser may come for its key."""
    browser.identity_id, browser.state_hash = identity.id, LET_IN


def let_in_as(session: Session, key: str) -> int | None:
    """The identity whose resident has typed the digits that this browser shows."""
    waiting = PageSession.key_hash == hashed(key), PageSession.state_hash == LET_IN
    return session.scalar(select(PageSession.identity_id).where(*waiting, PageSession.until > clock.now()))


def _showing(code: str) -> Select[PageSession]:
    return select(PageSession).where(
        PageSession.state_hash == _code_hash(code), PageSession.until > clock.now()
    )


def _code_hash(code: str) -> str:
    return privacy.keyring().blind("page_session.code", code)
