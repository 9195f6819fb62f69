"""The mini-program's JSON API: /api/v1, each feature's api.py mounted under it, its description and its manual.

Same actions as the chat. What is particular to programs lives here: tokens, problems, keys that make a repeat harmless,
cursors, pace.
"""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, request
from pydantic import ValidationError

from app.channels.api import callers, docs, problems, spec
from app.channels.api.callers import caller, current_site
from app.channels.api.problems import Problem
from app.channels.api.routes import Api, found, own
from app.channels.api.strict_json import LARGEST_BODY, StrictRequest
from app.site import Site

__all__ = ["Api", "Problem", "caller", "current_site", "found", "install", "own"]

PREFIX = "/api/v1"

CONFIG = {
    "SECURITY_SCHEMES": spec.SECURITY,
    "OPENAPI_VERSION": "3.1.0",
    "AUTO_SERVERS": False,  # the Host header of the first caller must not stand in everybody's description
    "AUTO_404_RESPONSE": False,
    "AUTO_AUTH_ERROR_RESPONSE": False,
    "AUTO_VALIDATION_ERROR_RESPONSE": False,
}


def install(app: APIFlask, site: Site) -> None:
    app.config |= CONFIG
    app.request_class = StrictRequest
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.servers = [{"url": site.settings.web.public_url.rstrip("/")}]
    app.description = spec.ABOUT
    app.extensions["api"] = {"limiter": callers.make_limiter(site), "limits": dict(callers.LIMITS)}
    app.before_request(_keep_small)
    app.register_error_handler(Problem, lambda problem: problem.response())
    app.error_processor(_invalid)
    app.spec_processor(spec.complete)  # type: ignore[arg-type]
    for feature in site.house.features:
        if feature.api is not None:
            app.register_blueprint(feature.api, url_prefix=PREFIX)
    app.register_blueprint(docs.blueprint)


def describe_nothing_else(app: APIFlask) -> None:
    """The other channels' blueprints are Flask's own; APIFlask asks every blueprint whether it is to be described."""
    for blueprint in app.blueprints.values():
        if not hasattr(blueprint, "enable_openapi"):
            setattr(blueprint, "enable_openapi", False)  # noqa: B010 (Flask's class does not know it)


def _keep_small() -> None:
    if request.path.startswith(f"{PREFIX}/"):
        request.max_content_length = LARGEST_BODY


def _invalid(error: HTTPError) -> Response:
    """Fields that pydantic refused: where, and which of its rules. What was sent is not repeated."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return problems.for_status(error.status_code)
    place = next(iter(error.detail), "body") if isinstance(error.detail, dict) else "body"
    return Problem(422, "invalid", errors=[_wrong(place, one) for one in cause.errors()]).response()


def _wrong(place: str, one: Any) -> dict[str, str]:
    head = {"json": "body"}.get(place, place)
    return {"where": ".".join([head, *map(str, one["loc"])]), "what": str(one["type"])}
