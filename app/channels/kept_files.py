"""Files that belong to rows, on their way to a browser. One whose bytes are gone is a page that is not there."""

from __future__ import annotations

from io import BytesIO

from flask import Response, abort, send_file

from app import files
from models.stored_file import StoredFile


def shown_file(kept: StoredFile) -> Response:
    """A picture inside a page."""
    return send_file(BytesIO(_content(kept)), kept.media_type)


def named_file(kept: StoredFile, *, as_attachment: bool = True) -> Response:
    """To be taken away under its name, or opened under it in the browser."""
    content = BytesIO(_content(kept))
    return send_file(content, kept.media_type, as_attachment=as_attachment, download_name=kept.name)


def _content(kept: StoredFile) -> bytes:
    try:
        return files.content_of(kept)
    except files.FileGone:
        abort(404)
