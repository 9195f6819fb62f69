"""What a program gets when something goes wrong: RFC 9457 problems, every one with a sentence for the resident.

`code` is what programs read: a Refusal's own code, or one of templates/_base/problems.toml, where the sentences stand.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, jsonify
from werkzeug.exceptions import HTTPException

from app.site import Site
from app.words import TEMPLATES
from models.base import Base
from models.refusal import Refusal

MIMETYPE = "application/problem+json"
DOCS = "/api/docs"

BY_STATUS = {
    400: "bad_request",
    401: "sign_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "not_json",
    422: "invalid",
    429: "too_fast",
    503: "busy",
}


class Problem(Exception):
    """`code` is a key of problems.toml; `more` stands in the body beside it, `headers` in the answer."""

    def __init__(
        self, status: int, code: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.more = more

    def response(self) -> Response:
        return answer(self.status, self.code, _sentence(self.code, self.more), self.headers, **self.more)


@cache
def sentences() -> dict[str, str]:
    """Code → sentence of everything that the channel itself may have to say."""
    written = tomllib.loads((TEMPLATES / "_base" / "problems.toml").read_text(encoding="utf-8"))
    return {code: str(words) for code, words in written.items()}


def answer(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    title = HTTPStatus(status).phrase
    body = {"type": f"{DOCS}#{code}", "title": title, "status": status, "code": code, "detail": detail}
    response = jsonify(body | more)
    response.status_code, response.mimetype = status, MIMETYPE
    response.headers.extend(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refused(why: Refusal) -> Response:
    """A rule said no: the words are those of the chat; `instead` names rows that would do."""
    house = _site().house
    feature = why.code.partition(".")[0]
    rows = [row for row in why.instead if isinstance(row, Base)]
    instead = [
        {"kind": row.__tablename__, "id": row.id, "words": house.label(row, feature)}  # type: ignore[attr-defined]
        for row in rows
    ]
    more: dict[str, Any] = {"instead": instead} if instead else {}
    return answer(409, why.code, house.refusal_words(why), **more)


def for_http(error: HTTPException) -> Response:
    """What Flask itself refuses: an unknown address, a method that is not there, a body that is too large."""
    status = error.code or 500
    allow = error.get_response().headers.get("Allow")
    return for_status(status, headers={"Allow": allow} if allow else None)


def for_status(status: int, number: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """`number` is what a resident can read out on the telephone after a fault of ours."""
    more = {"number": number} if number else {}
    fallback = "fault" if status >= 500 else "bad_request"
    retry = {"Retry-After": "2"} if status == 503 else {}
    return Problem(
        status, BY_STATUS.get(status, fallback), headers={**retry, **(headers or {})}, **more
    ).response()


def _sentence(code: str, facts: Mapping[str, Any]) -> str:
    return _site().words.fill(sentences()[code], facts)


def _site() -> Site:
    site: Site = current_app.extensions["site"]
    return site
