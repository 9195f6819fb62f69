"""A form that somebody else's page had the browser send does nothing, at the console and on residents' pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import Forbidden

from app.said import parts_of

ONLY_LOOKS = ("GET", "HEAD", "OPTIONS")


class SentFromElsewhere(Forbidden):
    """No role and no login would change that; each side has its own words for it."""


def refuse_foreign_forms() -> None:
    """The browser says where a request comes from; older ones say only the Origin. The cookie (SameSite=Lax) should not
    have come along then, but there are browsers that do not know it yet."""
    if request.method not in ONLY_LOOKS and _comes_from_elsewhere():
        raise SentFromElsewhere


def _comes_from_elsewhere() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = {request.host, urlsplit(current_app.extensions["site"].settings.web.public_url).netloc}
    return site not in (None, "same-origin") or (origin is not None and parts_of(origin).netloc not in ours)
