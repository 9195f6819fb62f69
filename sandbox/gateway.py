"""The door of api.weixin.qq.com: method, token, capability, body, quota, then the handler, then the log.

The order is the platform's own where probes have shown it. Every handler runs in one short write transaction, so
that counters and sends cannot race; what must wait for the commit (events to the webhook) goes into `call.later`.
"""

from __future__ import annotations

import json
import sqlite3
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, Response, request

from sandbox.apps import App
from sandbox.errors import UNKNOWN_CREDENTIAL, Refused, error_body, new_rid
from sandbox.faults import Faults
from sandbox.journal import Entry, write
from sandbox.periods import day_of
from sandbox.platform import Platform, count
from sandbox.rules import DAILY_QUOTAS, MINUTE_QUOTAS, capabilities
from sandbox.tokens import bearer

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}


@dataclass(frozen=True)
class File:
    content: bytes
    mime: str
    filename: str = ""


Answer = dict[str, Any] | File


@dataclass
class Call:
    """One call with its token resolved; `app` is None where no token is asked for."""

    platform: Platform
    db: sqlite3.Connection
    now: float
    args: Mapping[str, str]
    body: dict[str, Any]
    raw: bytes
    bearer: App | None
    later: list[Callable[[], None]] = field(default_factory=list)

    @property
    def app(self) -> App:
        if self.bearer is None:
            raise Refused(41001)
        return self.bearer


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Endpoint:
    """serves: "account" | "mini" | "both"; body: "json" (required), "any" (read by the handler) or "none"."""

    path: str
    handler: Handler
    method: str
    needs: str | None
    serves: str
    body: str
    token: bool
    sns: bool


class Endpoints:
    """A group's calls, collected where they are defined."""

    def __init__(self) -> None:
        self.all: list[Endpoint] = []

    def get(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        return self._add(path, "GET", body="none", **more)

    def post(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        return self._add(path, "POST", **{"body": "json", **more})

    def both(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        return self._add(path, "ANY", **{"body": "any", **more})

    def _add(
        self,
        path: str,
        method: str,
        *,
        body: str,
        needs: str | None = None,
        serves: str = "account",
        token: bool = True,
        sns: bool = False,
    ) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.all.append(Endpoint(path, handler, method, needs, serves, body, token, sns))
            return handler

        return keep


def mount(web: Flask, platform: Platform, groups: list[Endpoints]) -> None:
    door = Blueprint("api", __name__)
    for endpoint in (each for group in groups for each in group.all):
        view = _view(platform, endpoint)
        door.add_url_rule(
            endpoint.path, endpoint.path.strip("/").replace("/", "_"), view, methods=["GET", "POST"]
        )
    web.register_blueprint(door)


def _view(platform: Platform, endpoint: Endpoint) -> Callable[[], Response]:
    def view() -> Response:
        begun = time.monotonic()
        faults = platform.board.take(endpoint.path)
        entry = Entry(platform.clock.now(), new_rid(platform.clock.now()), endpoint.path)
        response = _spoiled(faults) or _answered(platform, endpoint, faults, entry)
        time.sleep(faults.slow_seconds)
        write(platform.store, entry, response, round((time.monotonic() - begun) * 1000))
        return response

    return view


def _spoiled(faults: Faults) -> Response | None:
    if faults.http_500:
        return Response("<html><h1>502 Bad Gateway</h1></html>", 502, mimetype="text/html")
    if faults.html:
        return Response(
            "<html><title>系统维护</title><body>系统维护中</body></html>", 200, mimetype="text/html"
        )
    return None


def _answered(platform: Platform, endpoint: Endpoint, faults: Faults, entry: Entry) -> Response:
    try:
        _raise(faults, endpoint)
        answer, app = _handled(platform, endpoint, entry)
        entry.app = app.name if app else None
    except Refused as refused:
        entry.errcode = refused.code
        answer = error_body(refused, entry.rid, endpoint.sns)
    except (AttributeError, KeyError, TypeError, ValueError, sqlite3.Error):
        # A shape that no handler expects. The platform calls it a format error; the trace is for whoever wrote one.
        traceback.print_exc()
        entry.errcode, answer = 47001, error_body(Refused(47001), entry.rid, endpoint.sns)
    return _response(answer)


def _raise(faults: Faults, endpoint: Endpoint) -> None:
    if faults.busy:
        raise Refused(-1)
    if faults.bad_token and endpoint.token:
        raise Refused(40001, UNKNOWN_CREDENTIAL)
    if faults.errcode:
        raise Refused(faults.errcode)


def _handled(platform: Platform, endpoint: Endpoint, entry: Entry) -> tuple[Answer, App | None]:
    app = _admitted(platform, endpoint, entry)
    body = _body(endpoint)
    if app:
        spend_quota(platform, app, endpoint.path, entry.at)
    with platform.store.writing() as db:
        call = Call(platform, db, entry.at, request.args, body, request.get_data(), app)
        answer = endpoint.handler(call)
    for action in call.later:
        action()
    return answer, app


def _admitted(platform: Platform, endpoint: Endpoint, entry: Entry) -> App | None:
    if endpoint.method not in ("ANY", request.method):
        raise Refused(43001 if endpoint.method == "GET" else 43002)
    if not endpoint.token:
        return None
    with platform.store.reading() as db:
        app = bearer(db, platform.apps, request.args.get("access_token", ""), entry.at)
    entry.app = app.name
    served = endpoint.serves == "both" or (endpoint.serves == "mini") == app.mini
    if not served or (endpoint.needs and endpoint.needs not in capabilities(app)):
        raise Refused(48001)
    return app


def _body(endpoint: Endpoint) -> dict[str, Any]:
    raw = request.get_data()
    if endpoint.body == "none" or (endpoint.body == "any" and not raw):
        return {}
    if not raw:
        raise Refused(44002)
    try:
        body = json.loads(raw.decode("utf-8"))
    except ValueError as error:
        if endpoint.body == "any":
            return {}
        raise Refused(47001) from error
    if not isinstance(body, dict):
        raise Refused(47001)
    return body


def spend_quota(platform: Platform, app: App, path: str, now: float) -> None:
    """Refused calls count too. Raises Refused 45011 (minute) or 45009 (day)."""
    per_minute = MINUTE_QUOTAS.get(path)
    if per_minute and platform.minutes.count(app.name, path, now) > per_minute:
        raise Refused(45011)
    per_day = DAILY_QUOTAS.get(path)
    if per_day is None:
        return
    with platform.store.writing() as db:
        used = count(db, app.name, path, day_of(now))
    if used > per_day:
        raise Refused(45009)


def _response(answer: Answer) -> Response:
    if isinstance(answer, File):
        response = Response(answer.content, mimetype=answer.mime)
        if answer.filename:
            response.headers["Content-Disposition"] = f'attachment; filename="{answer.filename}"'
        return response
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return Response(text, content_type="application/json; charset=utf-8")
