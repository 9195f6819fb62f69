"""Files that belong to rows, on their way to a browser. One whose bytes are gone is a page that is not there; inside a
page its place shows that there was a picture (trust F25).
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from flask import Response, abort, send_file

from app import files
from models.stored_file import StoredFile

GONE = Path(__file__).parent.parent / "static" / "gone.svg"


def shown_file(kept: StoredFile) -> Response:
    """A picture inside a page; a browser shows the one in its place although the answer says that it is not there."""
    try:
        return send_file(BytesIO(files.content_of(kept)), kept.media_type, download_name=kept.name)
    except files.FileGone:
        instead = send_file(GONE, "image/svg+xml")
        instead.status_code = 404
        return instead


def named_file(kept: StoredFile) -> Response:
    """To be taken away under its name."""
    try:
        content = BytesIO(files.content_of(kept))
    except files.FileGone:
        abort(404)
    return send_file(content, kept.media_type, as_attachment=True, download_name=kept.name)
