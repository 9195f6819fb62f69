"""What is checked at every request to the console: whose page a POST comes from, and that nothing of it is kept by the
browser or read by other pages."""

from __future__ import annotations

from flask import Response, request
from flask_wtf import CSRFProtect

from app.channels import console_login
from app.channels.foreign_forms import ONLY_LOOKS, refuse_foreign_forms

CSP = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)

csrf = CSRFProtect()


def refuse_foreign_posts() -> None:
    """What the browser says of it, and the token, which is asked for always."""
    console_login.bind_token()
    refuse_foreign_forms()
    if request.method not in ONLY_LOOKS:
        csrf.protect()


def keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Security-Policy"] = CSP
    return response
