"""A body is read to its end before its request takes a slot of the house (app/overload.py).

Granian hands a request over as soon as its head is there, and knows no time-out for what follows: whoever sends a
body slowly, or never to its end, would hold a slot for as long as they like, and eight of them would be the whole
house. Here they hold a sleeping thread, of which there are many; the reverse proxy of deploy/ keeps them out at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

PIECE = 64 * 1024
IN_MEMORY = 512 * 1024  # what is larger waits on the disk: there may be many at a time


class WholeBodies:
    """In front of the line. A body that says that it is larger than `largest` is left unread: it is refused anyway."""

    def __init__(self, app: WSGIApplication, largest: int) -> None:
        self._app, self._largest = app, largest

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        length = length_of(environ)
        if length is None or 0 < length <= self._largest:
            most = self._largest + 1 if length is None else length
            environ["wsgi.input"] = _whole(environ["wsgi.input"], most)
        return self._app(environ, start)


def length_of(environ: WSGIEnvironment) -> int | None:
    """What the request says of its body; None when it comes in chunks and says nothing. (0: there is none.)"""
    said = environ.get("CONTENT_LENGTH") or ""
    if said.isdecimal():
        return int(said.lstrip("0")[:12] or "0")
    return None if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower() else 0


def _whole(body: InputStream, most: int) -> IO[bytes]:
    if most <= PIECE:
        return BytesIO(body.read(most))
    kept = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (it lives as long as its request)
    while most > 0 and (piece := body.read(min(PIECE, most))):
        kept.write(piece)
        most -= len(piece)
    kept.seek(0)
    return kept
