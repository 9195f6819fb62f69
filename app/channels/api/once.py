"""Idempotency-Key: seen, done and answered are one transaction, as for a push of WeChat (trust 1.1).

The same key with the same body gets the same bytes; with another body it is refused; a twin that runs at the same time
waits on the row. Only a call that must ask WeChat first is written down as under way before, since nothing slow may
happen inside a transaction.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, request
from sqlalchemy.orm import Session

from app import clock, privacy
from app.channels.api import problems
from app.channels.api.callers import actor, caller, current_site
from app.channels.api.problems import Problem
from app.database import run_in_savepoint
from models import idempotency
from models.idempotency import Idempotency
from models.refusal import Refusal

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,255}")

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Call:
    """What makes two calls the same."""

    identity_id: int
    key: str
    request_hash: str


def answer_once(view: View, ask_first: View | None, given: dict[str, Any]) -> Response:
    """The answer to this POST, new or kept. `ask_first(**given)` talks to WeChat before the unit of work; what it
    returns reaches the view as `found_out`."""
    call = _this_call()
    if ask_first is not None:
        return _answer_after_asking(view, ask_first, given, call)
    return current_site().database.writing(lambda session: _unit(session, view, given, call))


def run(session: Session, view: View, given: dict[str, Any]) -> Response:
    """The view's answer in a savepoint: a rule that says no undoes what was done, and is an answer too."""
    try:
        return run_in_savepoint(session, lambda: make_response(view(actor(session), **given)))
    except Refusal as why:
        return problems.refused(why)
    except Problem as problem:
        return problem.response()


def _this_call() -> Call:
    key = request.headers.get(HEADER, "")
    if not KEY.fullmatch(key):
        raise Problem(400, "key_needed")
    asked = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.get_data()).hexdigest()
    # Keyed: a body with nothing but a phone number would be guessed from a plain hash.
    return Call(caller().proved, key, privacy.keyring().blind("idempotency.request_hash", asked))


def _unit(session: Session, view: View, given: dict[str, Any], call: Call) -> Response:
    row, is_new = _take(session, call)
    return _do(session, row, view, given) if is_new else _again(row)


def _answer_after_asking(view: View, ask_first: View, given: dict[str, Any], call: Call) -> Response:
    database = current_site().database
    kept = database.writing(lambda session: _begin(session, call))
    if kept is not None:
        return kept
    try:
        more = given | {"found_out": ask_first(**given)}
        return database.writing(lambda session: _do(session, _take(session, call)[0], view, more))
    except BaseException:
        database.writing(lambda session: idempotency.give_up(session, call.identity_id, call.key))
        raise


def _begin(session: Session, call: Call) -> Response | None:
    """Write down that the call is under way; the kept answer when there is one."""
    row, is_new = _take(session, call)
    if is_new:
        return None
    if row.is_abandoned:
        row.taken_at = clock.now()
        return None
    return _again(row)


def _take(session: Session, call: Call) -> tuple[Idempotency, bool]:
    row, is_new = idempotency.take(session, call.identity_id, call.key, call.request_hash)
    if row.request_hash != call.request_hash:
        raise Problem(409, "other_body")
    return row, is_new


def _do(session: Session, row: Idempotency, view: View, given: dict[str, Any]) -> Response:
    response = run(session, view, given)
    row.status, row.body = response.status_code, response.get_data(as_text=True)
    return response


def _again(row: Idempotency) -> Response:
    if row.status is None or row.body is None:
        raise Problem(409, "in_flight", headers={"Retry-After": "1"})
    failed = row.status >= 400
    kept = Response(row.body, row.status, mimetype=problems.MIMETYPE if failed else "application/json")
    kept.headers["Idempotent-Replayed"] = "true"
    return kept
