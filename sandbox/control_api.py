"""The control page's interface: what was pushed, called and delivered, and the switches for bad days."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import mass_job, tokens
from sandbox.apps import BadApps
from sandbox.chat import sent
from sandbox.journal import calls
from sandbox.platform import Platform

COUNTED = ("neighbour", "push", "delivery", "call", "bubble", "qrcode", "media", "draft", "mass")


def blueprint(platform: Platform) -> Blueprint:
    pages = Blueprint("control_api", __name__, url_prefix="/control/api")
    control = Control(platform)
    for path, method, view in control.table():
        pages.add_url_rule(path, f"{method}_{view.__name__}", view, methods=[method])
    for fault in (KeyError, TypeError, ValueError):
        pages.register_error_handler(fault, _unusable)
    return pages


def _unusable(error: Exception) -> Response:
    return _error(400, f"missing, unknown or of another kind: {error.args[0] if error.args else error}")


class Control:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def table(self) -> list[tuple[str, str, Any]]:
        return [
            ("/pushes", "GET", self.pushes),
            ("/pushes/<int:push_id>", "GET", self.one_push),
            ("/pushes/<int:push_id>/repeat", "POST", self.repeat),
            ("/calls", "GET", self.calls),
            ("/sent", "GET", self.sent),
            ("/faults", "GET", self.faults),
            ("/faults", "PUT", self.set_faults),
            ("/faults/reset", "POST", self.reset_faults),
            ("/clock", "GET", self.clock),
            ("/clock", "PUT", self.set_clock),
            ("/clock/shift", "POST", self.shift_clock),
            ("/apps", "GET", self.apps),
            ("/apps/<name>", "PUT", self.change_app),
            ("/settings", "GET", self.settings),
            ("/settings", "PUT", self.change_settings),
            ("/mass/<int:msg_id>/confirm", "POST", self.confirm_mass),
            ("/tokens/expire", "POST", self.expire_tokens),
            ("/state", "GET", self.state),
        ]

    def pushes(self) -> Response:
        """The last `limit` ones, oldest first."""
        neighbour, after, limit = request.args.get("neighbour"), _number("after", 0), _number("limit", 50)
        with self._platform.store.reading() as db:
            rows = db.execute(
                "SELECT * FROM push WHERE id > ? AND (? IS NULL OR neighbour = ?) ORDER BY id DESC LIMIT ?",
                (after, neighbour, neighbour, limit),
            ).fetchall()
            return jsonify([_push(db, row) for row in reversed(rows)])

    def one_push(self, push_id: int) -> Response:
        with self._platform.store.reading() as db:
            row = db.execute("SELECT * FROM push WHERE id = ?", (push_id,)).fetchone()
            return jsonify(_push(db, row)) if row else _error(404, "no such push")

    def repeat(self, push_id: int) -> Response:
        given = _given()
        times, at_once = min(50, max(1, int(given.get("times", 1)))), bool(given.get("at_once"))
        try:
            made = self._platform.pusher.repeat(push_id, times, at_once, float(given.get("age_seconds", 0)))
        except LookupError:
            return _error(404, "no such push")
        return jsonify(deliveries=[each.public() for each in made])

    def calls(self) -> Response:
        with self._platform.store.reading() as db:
            return jsonify(calls(db, request.args.get("path", ""), _number("after", 0), _number("limit", 50)))

    def sent(self) -> Response:
        args = request.args
        with self._platform.store.reading() as db:
            return jsonify(
                sent(db, args.get("openid"), args.get("via"), _number("after", 0), _number("limit", 1000))
            )

    def faults(self) -> Response:
        return jsonify(asdict(self._platform.board.current()))

    def set_faults(self) -> Response:
        return jsonify(self._platform.board.change(_given()))

    def reset_faults(self) -> Response:
        return jsonify(self._platform.board.reset())

    def clock(self) -> Response:
        return jsonify(self._clock())

    def _clock(self) -> dict[str, float]:
        return {"offset": self._platform.clock.offset(), "now": self._platform.clock.now()}

    def set_clock(self) -> Response:
        self._platform.clock.move_to(float(_given()["offset"]))
        return jsonify(self._clock())

    def shift_clock(self) -> Response:
        self._platform.clock.shift(float(_given()["seconds"]))
        return jsonify(self._clock())

    def apps(self) -> Response:
        return jsonify([app.public() for app in self._platform.apps.all()])

    def change_app(self, name: str) -> Response:
        try:
            return jsonify(self._platform.apps.change(name, _given()).public())
        except BadApps as error:
            return _error(400, str(error))

    def settings(self) -> Response:
        return jsonify(self._platform.store.settings())

    def change_settings(self) -> Response:
        return jsonify(self._platform.store.change_settings(_given()))

    def confirm_mass(self, msg_id: int) -> Response:
        """The administrator's yes or no to a send that waits for it (setting `mass_confirm`)."""
        decide = mass_job.run if _given().get("ok", True) else mass_job.refuse
        decide(self._platform, msg_id)
        return jsonify(ok=True)

    def expire_tokens(self) -> Response:
        with self._platform.store.writing() as db:
            return jsonify(expired=tokens.expire_all(db, self._platform.clock.now()))

    def state(self) -> Response:
        with self._platform.store.reading() as db:
            counts = {name: _last(db, name) for name in COUNTED}
            open_ones = "SELECT app, neighbour, cause, until, left FROM reply_window WHERE until > ?"
            windows = [dict(row) for row in db.execute(open_ones, (self._platform.clock.now(),))]
            contacts = "SELECT app, neighbour, remark, qr_scene_str FROM contact WHERE following"
            following = [dict(row) for row in db.execute(contacts)]
            grants = [dict(row) for row in db.execute("SELECT * FROM template_grant")]
        more = {"faults": asdict(self._platform.board.current()), "settings": self._platform.store.settings()}
        return jsonify(
            counts=counts, windows=windows, following=following, grants=grants, clock=self._clock(), **more
        )


def _last(db: sqlite3.Connection, table: str) -> int:
    found = db.execute(f"SELECT max(rowid) FROM {table}").fetchone()  # noqa: S608 - one of COUNTED
    return int(found[0] or 0)


def _push(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    found = db.execute(
        "SELECT at, status, ms, body, error FROM delivery WHERE push = ? ORDER BY id", (row["id"],)
    )
    return {
        "id": row["id"],
        "account": row["app"],
        "neighbour": row["neighbour"],
        "openid": row["openid"],
        "at": row["at"],
        "plain": row["plain"],
        "deliveries": [dict(each) for each in found],
        "outcome": row["outcome"],
        "reply": json.loads(row["reply"]) if row["reply"] else None,
    }


def _given() -> dict[str, Any]:
    body = request.get_json(silent=True, force=True)
    return body if isinstance(body, dict) else {}


def _number(name: str, default: int) -> int:
    return request.args.get(name, default, type=int)


def _error(status: int, text: str) -> Response:
    response = jsonify(error=text)
    response.status_code = status
    return response
