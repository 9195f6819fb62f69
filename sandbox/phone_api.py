"""The phone's own HTTP interface: what the page in the browser and the tests press.

Every POST that pushes waits until the push is answered or given up, so that a test needs no sleeping.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, jsonify, request

from sandbox import acts, codes, menu_acts, neighbours
from sandbox.api_mini import LINK as MINI_LINK
from sandbox.api_qrcode import LINK, code_in, live_codes, scene_of
from sandbox.apps import App
from sandbox.chat import bubbles, last_seq
from sandbox.contacts import change_contact, contact, open_window
from sandbox.platform import Platform
from sandbox.push import Outgoing
from sandbox.rules import capabilities

Act = Callable[[acts.Hand], list[Outgoing]]
# Raw events that open a window for customer-service messages.
EVENT_WINDOWS = {"click": "click", "scancode_push": "click", "scancode_waitmsg": "click", "scan": "scan"}
EVENT_WINDOWS |= {"subscribe": "follow", "user_enter_tempsession": "enter"}


class NotFound(Exception):
    """No such neighbour, account or mini-program."""


def blueprint(platform: Platform) -> Blueprint:
    pages = Blueprint("phone_api", __name__, url_prefix="/phone/api")
    phone = Phone(platform)
    pages.add_url_rule("/neighbours", view_func=phone.neighbours, methods=["GET"])
    pages.add_url_rule("/neighbours", view_func=phone.create_neighbour, methods=["POST"])
    pages.add_url_rule("/codes", view_func=phone.codes, methods=["GET"])
    pages.add_url_rule("/<who>/<name>/chat", view_func=phone.chat, methods=["GET"])
    for verb in ("follow", "unfollow", "send", "click", "view", "event", "scan", "popup"):
        pages.add_url_rule(f"/<who>/<name>/{verb}", view_func=getattr(phone, verb), methods=["POST"])
    pages.add_url_rule("/<who>/mini/<name>/login", view_func=phone.login, methods=["POST"])
    pages.add_url_rule("/<who>/mini/<name>/phone", view_func=phone.phone_number, methods=["POST"])
    pages.register_error_handler(NotFound, lambda error: _error(404, str(error)))
    pages.register_error_handler(acts.NotPossible, lambda error: _error(409, str(error)))
    pages.register_error_handler(BadBody, lambda error: _error(400, str(error)))
    return pages


class BadBody(Exception):
    """The request lacks what its act needs."""


class Phone:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def neighbours(self) -> Response:
        with self._platform.store.reading() as db:
            return jsonify([each.public() for each in neighbours.everyone(db)])

    def create_neighbour(self) -> Response:
        name = _required(_given(), "name")[:20]
        with self._platform.store.writing() as db:
            made = neighbours.create(db, name)
        response = jsonify(made.public())
        response.status_code = 201
        return response

    def codes(self) -> Response:
        with self._platform.store.reading() as db:
            rows = live_codes(db, self._platform.clock.now())
        shown = [
            {
                "ticket": row["ticket"],
                "url": LINK + row["short"],
                "scene": scene_of(row),
                "expires": row["until"] and int(row["until"]),
                "account": row["app"],
            }
            for row in rows
        ]
        return jsonify(shown)

    def chat(self, who: str, name: str) -> Response:
        app, after = self._app(name), request.args.get("after", 0, type=int)
        with self._platform.store.reading() as db:
            hand = self._hand(db, app, who)
            following = contact(db, app.name, who).following
            menu, _ = menu_acts.menu_of(hand)
            found, last = bubbles(db, app.name, who, after), last_seq(db, app.name, who)
        about = {
            "name": app.name,
            "display_name": app.display_name,
            "kind": app.kind,
            "verified": app.verified,
        }
        return jsonify(following=following, account=about, menu=menu, bubbles=found, last=last)

    def follow(self, who: str, name: str) -> Response:
        scene = str(_given().get("scene") or "")
        app = self._app(name)
        if scene and "qrcode" not in capabilities(app):
            raise acts.NotPossible("这个公众号没有带参数的二维码")

        def act(hand: acts.Hand) -> list[Outgoing]:
            rows = [
                row
                for row in live_codes(hand.db, hand.now)
                if row["app"] == app.name and scene_of(row) == scene
            ]
            return acts.follow(hand, rows[0] if rows else None, scene)

        return self._perform(app, who, act)

    def unfollow(self, who: str, name: str) -> Response:
        return self._perform(self._app(name), who, acts.leave)

    def send(self, who: str, name: str) -> Response:
        given = _given()
        kind, file = _required(given, "kind"), request.files.get("media")
        upload = file.read() if file else None
        return self._perform(self._app(name), who, lambda hand: acts.send(hand, kind, given, upload))

    def click(self, who: str, name: str) -> Response:
        given = _given()
        if given.get("media_id"):
            return self._perform(
                self._app(name), who, lambda hand: menu_acts.show_media(hand, str(given["media_id"]))
            )
        key = _required(given, "key")
        return self._perform(self._app(name), who, lambda hand: menu_acts.click(hand, key, given))

    def view(self, who: str, name: str) -> Response:
        given = _given()
        if given.get("pagepath"):
            path = str(given["pagepath"])
            return self._perform(self._app(name), who, lambda hand: menu_acts.view_mini_program(hand, path))
        url = _required(given, "url")
        return self._perform(
            self._app(name), who, lambda hand: menu_acts.view(hand, url), opened="page", url=url
        )

    def event(self, who: str, name: str) -> Response:
        """Any raw event with any fields: what no finger on this page can cause."""
        given = _given()
        kind = _required(given, "event")
        fields = {key: value for key, value in given.items() if key != "event"}

        def act(hand: acts.Hand) -> list[Outgoing]:
            cause = EVENT_WINDOWS.get(kind.lower())
            if cause:
                open_window(hand.db, hand.app.name, who, cause, hand.now)
            return [hand.event(kind, fields)]

        return self._perform(self._app(name), who, act)

    def scan(self, who: str, name: str) -> Response:
        content = _required(_given(), "content")
        with self._platform.store.reading() as db:
            code = code_in(db, content)
        if content.startswith(MINI_LINK):
            return jsonify(opened="miniprogram", **_mini_page(content))
        if code is None:
            is_link = content.startswith(("http://", "https://")) and not content.startswith(LINK)
            return jsonify(opened="page", url=content) if is_link else jsonify(opened="text", text=content)
        if code["until"] is not None and code["until"] <= self._platform.clock.now():
            return jsonify(opened="text", text="二维码已过期")
        scene = scene_of(code)
        act: Act = lambda hand: acts.scan(hand, code, scene)  # noqa: E731 - one line says it all
        return self._perform(self._app(code["app"]), who, act, opened="event", account=code["app"])

    def popup(self, who: str, name: str) -> Response:
        given = _given()
        template, answer = _required(given, "template_id"), _required(given, "answer")
        if answer not in ("accept", "reject", "always", "off"):
            raise BadBody("answer 只能是 accept、reject、always 或 off")
        return self._perform(self._app(name), who, lambda hand: acts.answer_popup(hand, template, answer))

    def login(self, who: str, name: str) -> Response:
        return jsonify(code=self._mini_code(who, name, "login"))

    def phone_number(self, who: str, name: str) -> Response:
        return jsonify(code=self._mini_code(who, name, "phone"))

    def _mini_code(self, who: str, name: str, purpose: str) -> str:
        app, now = self._app(name), self._platform.clock.now()
        if not app.mini:
            raise NotFound(f"{name} 不是小程序")
        with self._platform.store.writing() as db:
            self._hand(db, app, who)
            change_contact(db, app.name, who, visited_at=now)
            return codes.issue(db, codes.Grant(app, who, purpose), now)

    def _perform(self, app: App, who: str, act: Act, **more: object) -> Response:
        with self._platform.store.writing() as db:
            before = last_seq(db, app.name, who)
            outgoing = act(self._hand(db, app, who))
        pushed = [self._platform.pusher.push(each).public() for each in outgoing]
        with self._platform.store.reading() as db:
            fresh = bubbles(db, app.name, who, before)
        return jsonify(push=pushed[-1] if pushed else None, pushes=pushed, bubbles=fresh, **more)

    def _hand(self, db: Any, app: App, who: str) -> acts.Hand:
        neighbour = neighbours.find(db, who)
        if neighbour is None:
            raise NotFound(f"没有这位邻居：{who}")
        return acts.Hand(db, app, neighbour, self._platform.clock.now(), self._platform.base_url)

    def _app(self, name: str) -> App:
        app = self._platform.apps.named(name)
        if app is None:
            raise NotFound(f"没有这个账号：{name}")
        return app


def _given() -> dict[str, Any]:
    if request.mimetype == "multipart/form-data":
        return dict(request.form)
    body = request.get_json(silent=True, force=True)
    return body if isinstance(body, dict) else {}


def _required(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or (not value and name != "text"):
        raise BadBody(f"缺少 {name}")
    return value


def _mini_page(content: str) -> dict[str, str]:
    """App name, page and scene of a scanned mini-program code."""
    app, _, query = content.removeprefix(MINI_LINK).partition("?")
    return {"app": app, **dict(parse_qsl(query))}


def _error(status: int, text: str) -> Response:
    response = jsonify(error=text)
    response.status_code = status
    return response
