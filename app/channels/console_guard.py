"""What is checked at every request to the console: whose page a POST comes from, and that nothing of it is kept by the
browser or read by other pages."""

from __future__ import annotations

from flask import Response, request
from flask_wtf import CSRFProtect
from werkzeug.exceptions import Forbidden

from app.channels import console_login
from app.said import parts_of

CSP = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)

csrf = CSRFProtect()


class SentFromElsewhere(Forbidden):
    """A form of somebody else's page: no role would change that."""


def refuse_foreign_posts() -> None:
    """The browser says where a request comes from; older ones say only the Origin; the token is asked for always."""
    console_login.bind_token()
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    foreign = site not in (None, "same-origin")
    if foreign or (origin is not None and parts_of(origin).netloc != request.host):
        raise SentFromElsewhere
    csrf.protect()


def keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Security-Policy"] = CSP
    return response
