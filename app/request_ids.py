"""Every request has a number: on each log line that it leaves, in its answer's X-Request-ID, and on the page that says
"something went wrong", so that a resident who reads it out over the phone leads straight to the lines."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g
from structlog.contextvars import bind_contextvars, clear_contextvars

HEADER = "X-Request-ID"


def install(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_tell)


def current() -> str:
    """The number of the request that is being answered."""
    number: str = g.request_id
    return number


def begin() -> str:
    """A number for the request that comes now. A thread answers many requests: what the one before has bound is
    forgotten first."""
    number = secrets.token_hex(4).upper()
    clear_contextvars()
    bind_contextvars(request=number)
    return number


def _begin() -> None:
    g.request_id = begin()


def _tell(response: Response) -> Response:
    response.headers[HEADER] = current()
    return response
