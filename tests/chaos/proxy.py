"""A bad road between us and WeChat (or PostgreSQL, or Valkey): it carries everything, until it is told to be ill.

`Proxy` speaks HTTP, one request after another, and knows what it carries; `Pipe` carries bytes of any kind. What is wrong
is one `Illness` that a test sets and takes back; whose requests it hits and how often stands in it.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: the other side gets a reset instead of an end
PIECE = 65_536
OVERTAKEN_SECONDS = 2.0


@dataclass(frozen=True)
class Illness:
    """What happens to requests whose path begins with one of `paths` (all), `times` times (always).

    `heard`: the platform gets the request although its answer does not come back whole. `silent`: accepted and never
    answered. `keep`: so many bytes of the body, then `reset` or just an end. `instead`: another status and body."""

    paths: tuple[str, ...] = ("/",)
    times: int | None = None
    heard: bool = True
    latency: float = 0.0
    silent: bool = False
    keep: int | None = None
    reset: bool = False
    drip: float = 0.0
    instead: tuple[int, bytes] | None = None
    twice: bool = False
    overtaken: bool = False

    def hits(self, path: str) -> bool:
        return self.times != 0 and path.startswith(self.paths)


WELL = Illness(times=0)


class Listener:
    """A port of ours at `address` before another: one thread for each connection; `down` refuses all of them."""

    def __init__(self, host: str, port: int, address: str = "127.0.0.1") -> None:
        self.upstream, self._address = (host, port), address
        self.illness = WELL
        self.carried: list[str] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._ended = threading.Event()
        self._door = self._listen(0)
        self.port: int = self._door.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://{self._address}:{self.port}"

    @contextmanager
    def ill(self, **how: Any) -> Iterator[None]:
        """So ill for the block; whoever hangs is let go afterwards."""
        self.illness = Illness(**how)
        try:
            yield
        finally:
            self.illness = WELL

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody listens, and those who were connected are cut off."""
        self._close()
        try:
            yield
        finally:
            self._door = self._listen(self.port)

    def end(self) -> None:
        self._ended.set()
        self._close()

    def _listen(self, port: int) -> socket.socket:
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((self._address, port))
        door.listen(256)
        threading.Thread(target=self._accept, args=(door,), daemon=True).start()
        return door

    def _accept(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = door.accept()
                self._open.add(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, ValueError, http.client.HTTPException), closing(client):
            self.carry(client)
        self._open.discard(client)

    def _close(self) -> None:
        for one in (self._door, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def carry(self, client: socket.socket) -> None:
        raise NotImplementedError

    def hang(self, client: socket.socket) -> None:
        """Say nothing until the other side has enough of it, or the illness is over."""
        client.settimeout(0.05)
        while self.illness.silent and not self._ended.is_set():
            with suppress(TimeoutError):
                if not client.recv(1):
                    return


class Proxy(Listener):
    """Between our programs and the platform; `carried` are the paths that the platform has heard, in order."""

    def __init__(self, host: str, port: int) -> None:
        self._passed = threading.Event()
        self._waits = False
        super().__init__(host, port)

    def carry(self, client: socket.socket) -> None:
        with client.makefile("rb") as reader:
            while first := reader.readline():
                method, target, _ = first.decode("latin-1").split(" ", 2)
                headers = http.client.parse_headers(reader)
                body = reader.read(int(headers.get("Content-Length") or 0))
                kind = {"Content-Type": headers["Content-Type"]} if headers["Content-Type"] else {}
                if not self._answer(client, method, target, body, kind):
                    return

    def _take(self, path: str) -> Illness:
        with self._lock:
            now = self.illness
            if not now.hits(path):
                return WELL
            if now.times is not None:
                self.illness = replace(now, times=now.times - 1)
            return now

    def _answer(
        self, client: socket.socket, method: str, target: str, body: bytes, kind: dict[str, str]
    ) -> bool:
        """Whether the connection may be used on."""
        ill = self._take(target)
        self._ended.wait(ill.latency)
        if ill.overtaken:
            self._let_another_pass()
        status, content, answered = 503, b"", "text/html"
        for _ in range((2 if ill.twice else 1) if ill.heard else 0):
            status, content, answered = self._ask(method, target, body, kind)
        if ill.silent:
            self.hang(client)
            return False
        if ill.instead:
            status, content = ill.instead
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {answered}\r\nContent-Length: {len(content)}\r\n\r\n"
        client.sendall(head.encode())
        return self._say(client, content, ill)

    def _let_another_pass(self) -> None:
        with self._lock:
            waits, self._waits = self._waits, True
        if waits:
            self._passed.set()
            return
        self._passed.clear()
        self._passed.wait(OVERTAKEN_SECONDS)
        time.sleep(0.05)  # the other one has begun; now it gets ahead
        self._waits = False

    def _ask(self, method: str, target: str, body: bytes, kind: dict[str, str]) -> tuple[int, bytes, str]:
        with closing(http.client.HTTPConnection(*self.upstream, timeout=60)) as connection:
            connection.request(method, target, body or None, kind)
            response = connection.getresponse()
            content = response.read()
        self.carried.append(target.partition("?")[0])
        return response.status, content, response.headers.get("Content-Type", "")

    def _say(self, client: socket.socket, content: bytes, ill: Illness) -> bool:
        for first in range(0, len(content), 1 if ill.drip else PIECE):
            if self._ended.wait(ill.drip):
                return False
            client.sendall(content[first : first + (1 if ill.drip else PIECE)][: ill.keep])
        if ill.reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return ill.keep is None and not ill.reset


class Pipe(Listener):
    """Between our programs and a server that speaks something else: late, hanging, slow or cut off."""

    def carry(self, client: socket.socket) -> None:
        with closing(socket.create_connection(self.upstream)) as server:
            back = threading.Thread(target=self._pour, args=(server, client), daemon=True)
            back.start()
            self._pour(client, server)
            back.join(1)

    def _pour(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(PIECE):
                ill = self.illness
                if not ill.hits("/"):
                    other.sendall(data)
                    continue
                self._ended.wait(ill.latency)
                while self.illness.silent and not self._ended.wait(0.05):
                    pass
                if ill.reset:
                    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    other.close()
                    return
                other.sendall(data[: ill.keep])
            other.shutdown(socket.SHUT_WR)
