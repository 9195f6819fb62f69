"""Words that must not meet the common tables: a cry for help typed into a form goes the confidential way."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from flask import Response, request
from pydantic import BaseModel

from app.channels.api import problems
from app.channels.api.callers import caller, current_site
from app.dialogue import Guard
from models.duty import ring
from models.identity import Identity

HEADER = "Idempotency-Key"


def cry_for_help(said: BaseModel | None) -> Response | None:
    """The fixed answer, after the words were stored in the lane (once per key); None for everything else."""
    site = current_site()
    for text in _texts(said.model_dump() if said is not None else None):
        for guard in site.house.guards:
            kind = guard.recognise(text)
            if kind is not None:
                _receive(guard, kind, text)
                code = f"{guard.feature}.{kind}"
                return problems.answer(409, code, site.words.say(code))
    return None


def _receive(guard: Guard, kind: str, text: str) -> None:
    site, known = current_site(), caller().proved
    with site.database.reading() as session:
        identity = session.get_one(Identity, known)
        app, openid = identity.app, identity.openid
    guard.receive(site.confidential, f"{app}|api:{known}:{_once()}:{text}", app, openid, kind, text)
    site.database.writing(lambda session: ring(session, guard.feature))


def _once() -> str:
    """What a repeat has in common with the first call. A call without a key is always a new one: a cry that is noted
    twice costs less than one that is not."""
    return request.headers.get(HEADER) or secrets.token_hex(8)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
