"""The webhook: WeChat's pushes come in sealed, are opened, answered and sealed again. One address per app.

Pushes are answered before Flask, which only greets: a page needs sessions, routes and hooks, and they take as long as
half of what a push needs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl

import structlog
from apiflask import APIFlask
from flask import Blueprint, Response, abort, current_app, request

from app import clock, failpoints, metrics, request_ids
from app.bodies import length_of
from app.overload import PUSHES, TURNED_AWAY, turn_away
from app.reception import answer_push
from app.site import Door, Site
from app.wechat.messages import Push, read_push
from app.wechat.replies import NOTHING
from app.wechat.sealing import LARGEST_PUSH, BadPush, check_size

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Done = TypeVar("Done")
Answer = Callable[[Site, Door, Push, bytes], str]

DOORS = {"wx": "oa", "mini": "mini"}
XML, TEXT = "application/xml", "text/plain"

blueprint = Blueprint("wechat", __name__)
log = structlog.get_logger()


def install(app: APIFlask, site: Site) -> None:
    app.register_blueprint(blueprint)
    app.wsgi_app = Webhook(app.wsgi_app, site)  # type: ignore[assignment,method-assign]


class Webhook:
    """In front of the application: answers what is posted to our doors, and passes on everything else."""

    def __init__(self, app: WSGIApplication, site: Site) -> None:
        self._app, self._site = app, site

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].startswith(PUSHES):
            return self._app(environ, start)
        number = request_ids.begin()
        try:
            status, words, mimetype = _received(self._site, environ)
        except BadPush as bad:
            status, words, mimetype = bad.status, _refused(bad), TEXT
        except Exception:
            log.exception("push_fault")
            status, words, mimetype = 500, f"fault {number}", TEXT
        said = words.encode()
        headers = [
            ("Content-Type", f"{mimetype}; charset=utf-8"),
            ("Content-Length", str(len(said))),
            ("X-Content-Type-Options", "nosniff"),
            (request_ids.HEADER, number),
        ]
        start(f"{status} {HTTPStatus(status).phrase}", headers)
        return [said]


def _received(site: Site, environ: WSGIEnvironment) -> tuple[int, str, str]:
    """(status, words, mimetype)"""
    _, where, name = environ["PATH_INFO"].split("/", 2)
    door = site.doors.get(f"{DOORS[where]}:{name}")
    if door is None:
        return 404, "", TEXT
    # The first of a name counts, as in Flask's `request.args`.
    args = dict(reversed(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)))
    # What is too large app/bodies.py leaves unread: who waited for it here would hold a slot.
    check_size(length_of(environ) or 0)
    body = environ["wsgi.input"].read(LARGEST_PUSH + 1)
    answer = turn_away if TURNED_AWAY in environ else answer_push
    return 200, *_answered(site, door, args, body, answer)


@blueprint.get("/wx/<name>")
def greet_account(name: str) -> Response:
    return _greet(_door("oa", name))


@blueprint.get("/mini/<name>")
def greet_mini(name: str) -> Response:
    return _greet(_door("mini", name))


@blueprint.errorhandler(BadPush)
def _refuse(bad: BadPush) -> Response:
    return Response(_refused(bad), bad.status, mimetype=TEXT)


def _refused(bad: BadPush) -> str:
    metrics.refused.labels(str(bad.status)).inc()
    log.warning("push_refused", reason=bad.reason)
    return bad.reason


def _site() -> Site:
    site: Site = current_app.extensions["site"]
    return site


def _door(kind: str, name: str) -> Door:
    door = _site().doors.get(f"{kind}:{name}")
    if door is None:
        abort(404)
    return door


def _greet(door: Door) -> Response:
    """WeChat asks so when its settings were changed there: with the new token."""
    _, echo = _with_secrets(_site(), door, lambda one: one.seal.greeting(request.args))
    return Response(echo, mimetype=TEXT)


def _answered(
    site: Site, door: Door, args: Mapping[str, str], body: bytes, answer: Answer
) -> tuple[str, str]:
    """(words, mimetype): what `answer` says to the push that stands in `body`, sealed likewise. Raises BadPush."""
    started = time.perf_counter()
    door, opened = _with_secrets(site, door, lambda one: one.seal.open(args, body, clock.now()))
    push = read_push(opened)
    if push.account != door.original_id:
        raise BadPush("the push is for another account", 403)
    metrics.pushes.labels(door.name, push.kind).inc()
    reply = answer(site, door, push, bytes(opened))
    failpoints.reach("after_commit")
    metrics.seconds.observe(time.perf_counter() - started)
    if not reply:
        return NOTHING, TEXT
    return door.seal.close(reply, args.get("nonce", ""), clock.now(), opened), XML


def _with_secrets(site: Site, door: Door, work: Callable[[Door], Done]) -> tuple[Door, Done]:
    """`work` done with the secrets that this process knows, or with those that were written down since. Raises
    BadPush."""
    try:
        return door, work(door)
    except BadPush:
        again = site.door_again(door)
        if again is None:
            raise
        return again, work(again)
