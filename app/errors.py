"""What a browser or a client sees when something goes wrong: never a traceback, always what to do, with a number."""

import structlog
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from app.channels.api import problems
from app.channels.foreign_forms import SentFromElsewhere
from app.database import Busy, TooLarge
from app.overload import PUSHES
from app.request_ids import current

log = structlog.get_logger()


def install(app: Flask) -> None:
    """Give every page an answer in words, and every program a problem (app/channels/api/problems.py)."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(TooLarge, _too_large)
    app.register_error_handler(Exception, _fault)


def _http_error(error: HTTPException) -> Response:
    if _is_for_a_program():
        return problems.for_http(error)
    code = error.code or 500
    if isinstance(error, SentFromElsewhere):
        return _page(code, "error_elsewhere")
    return _page(code, f"error_{code}" if code in (403, 404, 413, 429) else "error_other")


def _busy(error: Busy) -> Response:
    log.warning("page_not_done", reason=str(error), route=str(request.url_rule))
    return _page(503, "error_busy")


def _too_large(_: TooLarge) -> Response:
    return _page(400, "error_other")


def _fault(error: Exception) -> Response:
    log.exception("page_fault", route=str(request.url_rule))
    return _page(500, "error_fault", current())


def _page(code: int, key: str, number: str = "") -> Response:
    if _is_for_a_program():
        return problems.for_status(code, number)
    return Response(render_template("_base/error.html", code=code, key=key, number=number), code)


def _is_for_a_program() -> bool:
    return request.path.startswith(("/api/", *PUSHES))
