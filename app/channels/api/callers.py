"""Who is calling: our own Bearer token, found by its hash. How often they may call is counted per identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request
from sqlalchemy.orm import Session

from app.channels.api.problems import Problem
from app.redis import Limiter, Resilient
from app.site import Site
from models import api_session
from models.identity import Actor, Identity

MINUTE = 60
LIMITS = {"everyone": 600, "reads": 240, "writes": 60, "login": 20}
"""Calls in a minute: per address for everyone and for logging in (one mast of a mobile network speaks with one
address), per identity for all others."""

NO_TOKEN = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """A resident who has logged in, or (no identity) whoever may read what is public."""

    identity_id: int | None = None
    session_id: int | None = None

    @property
    def proved(self) -> int:
        """The identity's id; only where a route is for residents."""
        if self.identity_id is None:
            raise Problem(401, "sign_in")
        return self.identity_id


def current_site() -> Site:
    site: Site = current_app.extensions["site"]
    return site


def caller() -> Caller:
    found: Caller = g.api_caller
    return found


def let_in(who: str, pace: str) -> None:
    """Hold the door: `who` is "everyone" or "resident", `pace` a key of LIMITS. Raises Problem 401 or 429."""
    g.api_caller = Caller() if who == "everyone" else _resident()
    known = g.api_caller.identity_id
    _count(pace, f"identity:{known}" if known else f"address:{request.remote_addr}")


def actor(session: Session) -> Actor:
    """The caller in this unit of work."""
    known = caller().identity_id
    if known is None:
        return Actor(session, channel="api")
    identity = session.get(Identity, known)
    if identity is None:
        raise Problem(401, "sign_in")
    return Actor(session, identity.person, identity, channel="api")


def _resident() -> Caller:
    database = current_site().database
    with database.reading() as session:
        found = api_session.logged_in(session, _token())
    if found is None:
        raise Problem(401, "sign_in")
    if found.is_stale:
        database.writing(lambda session: api_session.note_use(session, found.session_id))
    return Caller(found.identity_id, found.session_id)


def _token() -> str:
    said = request.authorization
    return (said.token or NO_TOKEN) if said is not None and said.type == "bearer" else NO_TOKEN


def _count(pace: str, who: str) -> None:
    facts: dict[str, Any] = current_app.extensions["api"]
    limiter: Limiter = facts["limiter"]
    if not limiter.allow(f"api:{pace}:{who}", limit=facts["limits"][pace], seconds=MINUTE):
        raise Problem(429, "too_fast", headers={"Retry-After": str(MINUTE)})


def make_limiter(site: Site) -> Limiter:
    return Limiter(Resilient(site.redis))
