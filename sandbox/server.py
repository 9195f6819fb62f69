"""Putting the platform behind one HTTP port: the API, the phone, the control page and the stored files."""

from __future__ import annotations

import signal
import threading
from html import escape
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, redirect, request, send_from_directory
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as WerkzeugResponse

from sandbox import api_groups, control_api, oauth, phone_api
from sandbox.api_qrcode import picture_pages
from sandbox.articles import public_article
from sandbox.gateway import mount
from sandbox.platform import Platform

HERE = Path(__file__).parent
MOST_BYTES = 24 * 1024 * 1024


def create_web(platform: Platform) -> Flask:
    web = Flask("sandbox", static_folder=None)
    web.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    web.json.ensure_ascii = False  # type: ignore[attr-defined]
    web.json.sort_keys = False  # type: ignore[attr-defined]
    mount(web, platform, api_groups.ALL)
    for part in (phone_api.blueprint(platform), control_api.blueprint(platform), oauth.pages(platform)):
        web.register_blueprint(part)
    web.register_blueprint(picture_pages(platform))
    web.register_blueprint(_static())
    web.register_blueprint(_stored(platform))
    web.register_error_handler(HTTPException, _plain_error)
    return web


def _plain_error(error: HTTPException) -> WerkzeugResponse:
    """A redirect stays one; everything else is one line of text."""
    if error.code is None or error.code < 400:
        return WerkzeugResponse.force_type(error.get_response())
    return Response(f"{error.code} {error.name}\n", error.code, mimetype="text/plain")


def _static() -> Blueprint:
    pages = Blueprint("static_pages", __name__)
    pages.add_url_rule("/", view_func=lambda: redirect("/phone/"))

    # As at res.wx.qq.com: the script by which pages inside the phone speak with it.
    script = _served("phone")
    pages.add_url_rule("/open/js/jweixin-1.6.0.js", "script", script, defaults={"name": "jweixin.js"})
    for folder in ("phone", "control"):
        pages.add_url_rule(f"/{folder}", f"{folder}_door", lambda folder=folder: redirect(f"/{folder}/"))
        pages.add_url_rule(f"/{folder}/", f"{folder}_index", _served(folder), defaults={"name": "index.html"})
        pages.add_url_rule(f"/{folder}/<path:name>", f"{folder}_file", _served(folder))
    return pages


def _served(folder: str) -> Any:
    def serve(name: str) -> Response:
        response = send_from_directory(HERE / folder, name)
        response.headers["Cache-Control"] = "no-cache"
        return response

    return serve


def _stored(platform: Platform) -> Blueprint:
    """Pictures by their media id and published articles by their id, as phones open them."""
    pages = Blueprint("stored", __name__)

    @pages.get("/media/<media_id>")
    def file(media_id: str) -> Response:
        with platform.store.reading() as db:
            row = db.execute("SELECT mime, content FROM media WHERE media_id = ?", (media_id,)).fetchone()
        return Response(row["content"], mimetype=row["mime"]) if row else Response("", 404)

    @pages.get("/s/<article_id>")
    def article(article_id: str) -> Response:
        with platform.store.reading() as db:
            found = public_article(db, article_id, request.args.get("idx", 1, type=int))
        if found is None:
            return Response("此内容已不存在", 404, mimetype="text/plain")
        title, content = escape(found.get("title", "")), found.get("content", "")
        return Response(
            oauth.PAGE.format(title=title, body=f"<article>{content}</article>"), mimetype="text/html"
        )

    return pages


class QuietHandler(WSGIRequestHandler):
    # Headers and body leave in two writes; without this each answer waits for the other side's delayed ACK.
    disable_nagle_algorithm = True

    def log(
        self,
        type: str,  # noqa: A002 - Werkzeug's name
        message: str,
        *args: Any,
    ) -> None:
        """Request lines carry tokens and openids: they are kept masked in the journal, not printed."""


def listen(port: int, web: Flask) -> BaseWSGIServer:
    """Raises OSError when the port is taken."""
    return make_server("127.0.0.1", port, web, threaded=True, request_handler=QuietHandler)


def run(server: BaseWSGIServer) -> None:
    """Serve until SIGTERM or Ctrl-C, then return; calls on their way are daemon threads and die with the process."""

    def stop(*_: object) -> None:
        # shutdown() waits for the loop that this very thread runs, hence another thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.05)
    server.server_close()
