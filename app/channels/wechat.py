"""The webhook: WeChat's pushes come in sealed, are opened, answered and sealed again. One address per app."""

import time

import structlog
from apiflask import APIFlask
from flask import Blueprint, Response, abort, current_app, request

from app import clock, failpoints, metrics
from app.overload import turn_away, was_turned_away
from app.reception import answer_push
from app.site import Door, Site
from app.wechat.messages import read_push
from app.wechat.replies import NOTHING
from app.wechat.sealing import BadPush, Opened

LARGEST_PUSH = 64 * 1024
# WeChat's own pushes are a few KB; anything larger is not WeChat.

blueprint = Blueprint("wechat", __name__)
log = structlog.get_logger()


def install(app: APIFlask, _site: Site) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/wx/<name>")
def greet_account(name: str) -> Response:
    return _greet(_door("oa", name))


@blueprint.get("/mini/<name>")
def greet_mini(name: str) -> Response:
    return _greet(_door("mini", name))


@blueprint.post("/wx/<name>")
def receive_account(name: str) -> Response:
    return _receive(_door("oa", name))


@blueprint.post("/mini/<name>")
def receive_mini(name: str) -> Response:
    return _receive(_door("mini", name))


@blueprint.errorhandler(BadPush)
def _refuse(bad: BadPush) -> Response:
    metrics.refused.labels(str(bad.status)).inc()
    log.warning("push_refused", reason=bad.reason)
    return Response(bad.reason, bad.status, mimetype="text/plain")


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
    try:
        echo = door.seal.greeting(request.args)
    except BadPush:
        again = _site().door_again(door)
        if again is None:
            raise
        echo = again.seal.greeting(request.args)
    return Response(echo, mimetype="text/plain")


def _opened(door: Door, body: bytes) -> tuple[Door, Opened]:
    """With the secrets that this process knows, or with those that were written down since."""
    try:
        return door, door.seal.open(request.args, body, clock.now())
    except BadPush:
        again = _site().door_again(door)
        if again is None:
            raise
        return again, again.seal.open(request.args, body, clock.now())


def _receive(door: Door) -> Response:
    started = time.perf_counter()
    request.max_content_length = LARGEST_PUSH
    door, opened = _opened(door, request.get_data(cache=False))
    push = read_push(opened)
    if push.account != door.original_id:
        raise BadPush("the push is for another account", 403)
    metrics.pushes.labels(door.name, push.kind).inc()
    answer = turn_away if was_turned_away() else answer_push
    reply = answer(_site(), door, push, bytes(opened))
    failpoints.reach("after_commit")
    metrics.seconds.observe(time.perf_counter() - started)
    if not reply:
        return Response(NOTHING, mimetype="text/plain")
    sealed = door.seal.close(reply, request.args.get("nonce", ""), clock.now(), opened)
    return Response(sealed, mimetype="application/xml")
