"""Kept connections to one host and no other.

The standard library's own client: a call costs half of what it does with urllib3, a fifth of requests, and it looks at
no environment (proxies, .netrc) and keeps no cookies. What it leaves to its user is done here: trust, time-outs, and
connections that the other side has closed meanwhile.
"""

from __future__ import annotations

import ssl
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH as CERTIFICATES
from urllib3.util.wait import wait_for_read

__all__ = ["Connections", "HTTPException", "NeverLeft"]


class NeverLeft(Exception):
    """Not even a connection came about: whatever was to be asked has surely not been heard."""


class Connections:
    """As many as there are calls at the same time. Safe between threads."""

    def __init__(self, base: str) -> None:
        address = urlsplit(base)
        self._host, self._port = address.hostname or "", address.port
        self._trust = ssl.create_default_context(cafile=CERTIFICATES) if address.scheme == "https" else None
        self._free: deque[HTTPConnection] = deque()
        weakref.finalize(self, _close_all, self._free)

    @contextmanager
    def one(self, connect_seconds: float, read_seconds: float) -> Iterator[HTTPConnection]:
        """A connection for one call; kept when its answer was read to the end. Raises NeverLeft."""
        connection = self._kept() or self._new(connect_seconds)
        connection.sock.settimeout(read_seconds)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:
            self._free.append(connection)

    def _kept(self) -> HTTPConnection | None:
        """One that is still open: when there is something to read before we asked, it is the other side's end."""
        while self._free:
            try:
                connection = self._free.pop()
            except IndexError:  # another thread was quicker
                return None
            if connection.sock is not None and not wait_for_read(connection.sock, 0):
                return connection
            connection.close()
        return None

    def _new(self, seconds: float) -> HTTPConnection:
        if self._trust is None:
            connection = HTTPConnection(self._host, self._port, timeout=seconds)
        else:
            connection = HTTPSConnection(self._host, self._port, timeout=seconds, context=self._trust)
        try:
            connection.connect()
        except OSError as fault:
            connection.close()
            reason = type(fault).__name__
        else:
            return connection
        raise NeverLeft(reason)


def _close_all(free: deque[HTTPConnection]) -> None:
    while free:
        free.pop().close()
