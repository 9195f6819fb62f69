"""Kept connections to one host and no other, and the little HTTP that is spoken on them.

A call of the standard library's client costs 190 µs of processor time, most of it for headers that nobody asks for, and
two writes and several reads in which 128 threads of a broadcast take turns; requests costs three times as much. Here a
call is one write and mostly one read. It looks at no environment (proxies, .netrc) and keeps no cookies; answers are
read as RFC 9112 says them: with a length, in chunks, or until the end. What is none is BadReply, never a guess.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import weakref
from collections import deque
from collections.abc import Iterator
from time import monotonic
from urllib.parse import urlsplit

import certifi

__all__ = ["BadReply", "Connections", "NeverLeft", "Reply"]

PIECE = 65_536
LARGEST_HEAD = 65_536
NO_BODY = frozenset({204, 304})
HEX = re.compile(rb"[0-9a-fA-F]{1,8}")


class NeverLeft(Exception):
    """Not even a connection came about: whatever was to be asked has surely not been heard."""


class BadReply(Exception):
    """What came back is no HTTP, or ended too early."""


class Connections:
    """As many as there are calls at the same time. Safe between threads."""

    def __init__(self, base: str) -> None:
        address = urlsplit(base)
        secure = address.scheme == "https"
        self._host = address.hostname or ""
        self._port = address.port or (443 if secure else 80)
        self._trust = ssl.create_default_context(cafile=certifi.where()) if secure else None
        self._free: deque[Connection] = deque()
        weakref.finalize(self, _close_all, self._free)

    def take(self, connect_seconds: float, read_seconds: float, until: float) -> Connection:
        """A connection for one call, whose answer may take so long for each piece and come in until then (monotonic):
        to be put back when it was read, to be closed otherwise. Raises NeverLeft."""
        connection = self._kept() or self._new(connect_seconds)
        connection.wait_at_most(read_seconds, until)
        return connection

    def put_back(self, connection: Connection) -> None:
        if connection.may_be_kept:
            self._free.append(connection)
        else:
            connection.close()

    def _kept(self) -> Connection | None:
        """One that is still open: when there is something to read before we asked, it is the other side's end."""
        while self._free:
            try:
                connection = self._free.pop()
            except IndexError:  # another thread was quicker
                return None
            if connection.is_quiet():
                return connection
            connection.close()
        return None

    def _new(self, seconds: float) -> Connection:
        try:
            opened = socket.create_connection((self._host, self._port), seconds)
        except OSError as fault:
            reason = type(fault).__name__
        else:
            try:
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return Connection(self._trusted(opened))
            except OSError as fault:
                opened.close()
                reason = type(fault).__name__
        raise NeverLeft(reason)

    def _trusted(self, opened: socket.socket) -> socket.socket:
        return opened if self._trust is None else self._trust.wrap_socket(opened, server_hostname=self._host)


class Connection:
    """One call after the other. Raises OSError and BadReply; it is of no use afterwards."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._kept = b""  # what came and has not been read
        self._poll = select.poll()
        self._poll.register(opened, select.POLLIN)
        self._until = 0.0
        self.may_be_kept = False

    def wait_at_most(self, seconds: float, until: float) -> None:
        self._until = until
        if self._socket.gettimeout() != seconds:
            self._socket.settimeout(seconds)

    def is_quiet(self) -> bool:
        return not self._poll.poll(0)

    def close(self) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> Reply:
        """The beginning of the answer; its body is still to be read."""
        self.may_be_kept = False
        self._socket.sendall(request)
        status, headers, newer = self._head()
        while status < 200:  # "go on", which nobody had asked for
            status, headers, newer = self._head()
        return Reply(self, status, headers, stays=newer and headers.get("connection", "").lower() != "close")

    def _head(self) -> tuple[int, dict[str, str], bool]:
        while (end := self._kept.find(b"\r\n\r\n")) < 0:
            if len(self._kept) > LARGEST_HEAD:
                raise BadReply("the head does not end")
            self._kept += self._more()
        head, self._kept = self._kept[:end].decode("latin-1"), self._kept[end + 4 :]
        first, *lines = head.split("\r\n")
        version, _, rest = first.partition(" ")
        number = rest[:3]
        if not version.startswith("HTTP/1.") or not (number.isascii() and number.isdecimal()):
            raise BadReply("no HTTP")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return int(number), headers, version != "HTTP/1.0"

    def _more(self) -> bytes:
        piece = self._socket.recv(PIECE)
        if not piece:
            raise BadReply("the answer is cut short")
        self._look_at_the_clock()
        return piece

    def _look_at_the_clock(self) -> None:
        """What drips wakes the read time-out with every byte; this one it does not."""
        if monotonic() > self._until:
            raise BadReply("the answer takes too long")

    # ---- bodies --------------------------------------------------------------------------------------------------

    def read(self, length: int) -> Iterator[bytes]:
        """So many bytes, as they come."""
        while length > 0:
            piece, self._kept = self._kept[:length] or self._more(), self._kept[length:]
            if len(piece) > length:
                piece, self._kept = piece[:length], piece[length:]
            length -= len(piece)
            yield piece

    def read_chunks(self) -> Iterator[bytes]:
        while size := self._size():
            yield from self.read(size)
            self._line()
        while self._line():  # what may follow the last one
            pass

    def read_to_the_end(self) -> Iterator[bytes]:
        if self._kept:
            yield self._kept
            self._kept = b""
        while piece := self._socket.recv(PIECE):
            self._look_at_the_clock()
            yield piece

    def has_been_read(self) -> None:
        """The answer is whole, and nothing came after it."""
        self.may_be_kept = not self._kept

    def _size(self) -> int:
        digits = self._line().partition(b";")[0].strip()
        if not HEX.fullmatch(digits):  # int() would also read a sign, a 0x and an underscore
            raise BadReply("no size of a chunk")
        return int(digits, 16)

    def _line(self) -> bytes:
        while (end := self._kept.find(b"\r\n")) < 0:
            if len(self._kept) > LARGEST_HEAD:
                raise BadReply("a line does not end")
            self._kept += self._more()
        line, self._kept = self._kept[:end], self._kept[end + 2 :]
        return line


class Reply:
    """An answer of which the body has not been read. `headers` by their lower-case names."""

    def __init__(self, connection: Connection, status: int, headers: dict[str, str], *, stays: bool) -> None:
        self.status, self.headers = status, headers
        self._connection, self._stays = connection, stays

    def body(self) -> Iterator[bytes]:
        """Piece by piece as it comes; the connection may be kept when that was the whole."""
        connection, length = self._connection, self.headers.get("content-length")
        if self.status in NO_BODY:
            pass
        elif "chunked" in self.headers.get("transfer-encoding", "").lower():
            yield from connection.read_chunks()
        elif length is not None:
            yield from connection.read(_number(length))
        else:
            yield from connection.read_to_the_end()
            return
        if self._stays:
            connection.has_been_read()


def _number(length: str) -> int:
    if not (length.isascii() and length.isdecimal()):
        raise BadReply("no length")
    return int(length)


def _close_all(free: deque[Connection]) -> None:
    while free:
        free.pop().close()
