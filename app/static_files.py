"""Styles and scripts that a phone asks for once: their address changes with their content, so that they may be kept for
a year, and a slow network carries nothing but the page itself."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

FOLDER = Path(__file__).parent / "static"
KEPT = "public, max-age=31536000, immutable"


def install(app: Flask) -> None:
    app.url_defaults(_add_version)
    app.after_request(_keep)


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (FOLDER / values["filename"]).is_file():
        values["v"] = _version(values["filename"], (FOLDER / values["filename"]).stat().st_mtime_ns)


@cache
def _version(name: str, _changed: int) -> str:
    return sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = KEPT
    return response
